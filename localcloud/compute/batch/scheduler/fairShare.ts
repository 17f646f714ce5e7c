// Fair-share scheduling: whose turn it is within a queue. AWS Batch User Guide, "Fair-share scheduling policies".
import type { FairsharePolicy } from "@aws-sdk/client-batch";

/** AWS's shortest window, used when a policy states none or zero. */
const DEFAULT_DECAY_SECONDS = 600;

/** vCPUs that a share held during a time, milliseconds of the epoch; `until` is absent while the job runs. */
export interface ShareUse {
  readonly share: string;
  readonly vcpus: number;
  readonly from: number;
  readonly until?: number;
}

/** The weight of a share identifier: its own entry's, or that of the prefix entry (`UserA*`) that covers it; 1 otherwise. Lower gets more. */
export function weightOf(policy: FairsharePolicy, share: string): number {
  const entry = policy.shareDistribution?.find(({ shareIdentifier = "" }) =>
    shareIdentifier.endsWith("*") ? share.startsWith(shareIdentifier.slice(0, -1)) : shareIdentifier === share,
  );
  return entry?.weightFactor ?? 1;
}

/** Milliseconds for which past use still counts. */
export const decayMillis = (policy: FairsharePolicy): number =>
  Math.max(policy.shareDecaySeconds ?? 0, DEFAULT_DECAY_SECONDS) * 1000;

/**
 * Use of each share as an average of vCPUs over the policy's window, an instant counting the less the longer it is ago
 * (linearly down to nothing at the window's end), plus what it holds right now.
 */
export function usageByShare(policy: FairsharePolicy, uses: readonly ShareUse[], now: number): Map<string, number> {
  const window = decayMillis(policy);
  const usage = new Map<string, number>();
  for (const use of uses) {
    // The integral of (1 - age / window) over the part of the window in which the share held the vCPUs.
    const oldest = Math.min(now - use.from, window);
    const newest = Math.max(0, now - (use.until ?? now));
    const weighted = oldest > newest ? oldest - newest - (oldest ** 2 - newest ** 2) / (2 * window) : 0;
    const held = use.until === undefined ? use.vcpus : 0;
    usage.set(use.share, (usage.get(use.share) ?? 0) + held + (use.vcpus * weighted) / window);
  }
  return usage;
}

/** The order of shares: the one with the lowest weighted use is next. */
export const shareScore = (policy: FairsharePolicy, usage: Map<string, number>, share: string): number =>
  (usage.get(share) ?? 0) * weightOf(policy, share);

/**
 * The part of a compute environment that shares which already run jobs may fill together. The rest is kept free for shares
 * that are not active yet: (computeReservation / 100) ^ active shares of maxvCpus.
 */
export function usableByActiveShares(policy: FairsharePolicy, maxvCpus: number, activeShares: number): number {
  const reserved = ((policy.computeReservation ?? 0) / 100) ** activeShares;
  return maxvCpus * (1 - (activeShares === 0 ? 0 : reserved));
}
