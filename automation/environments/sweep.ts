// Finishing what was left behind: environments whose owner died, failed ones, those whose time is over, and stray folders.
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crucibleHome } from "../../localcloud/server/paths.js";
import { messageOf } from "../errors.js";
import { environmentFolder, environmentsFolder } from "../home.js";
import { summarize } from "../inventory/inventory.js";
import type { OnProgress } from "../progress.js";
import { type Journal, listJournals } from "./journal.js";
import { isStale, readLease } from "./lease.js";
import { downEnvironment } from "./open.js";
import { isCloudGone } from "./place.js";
import { LeakError } from "./teardown.js";

export interface SweptEnvironment {
  name: string;
  /** Why it was to go. */
  reason: string;
  outcome: "destroyed" | "failed";
  /** What was removed by the inventory. */
  removed: string[];
  error?: string;
}

export interface Sweep {
  swept: SweptEnvironment[];
  /** Environments that are alive and stay. */
  kept: string[];
  /** Journals that cannot be understood. */
  unreadable: { name: string; error: string }[];
}

/**
 * Why an environment is to be swept; undefined for one that stays.
 *
 * @param isHeld whether a living process is at work on it
 * @param isCloudGone whether its local cloud has ended
 */
export function sweepReason(
  journal: Pick<Journal, "status" | "expiresAt" | "cloud">,
  isHeld: boolean,
  isCloudGone: boolean,
  now: Date,
): string | undefined {
  if (isHeld) return undefined;
  if (isCloudGone) return "its local cloud has ended";
  if (journal.status === "failed") return "it had failed";
  if (journal.status === "creating") return "its owner died while it was created";
  if (journal.status === "destroying") return "its owner died while it was destroyed";
  if (journal.expiresAt && journal.expiresAt <= now) return "its time is over";
  if (journal.cloud === "private") return "its owner died";
  return undefined;
}

/** A temporary folder of this age is nobody's work in progress. */
const STRAY_AFTER_MS = 60_000;

/** Ends every environment that nobody will end. An environment that lives is never touched. */
export async function sweep(onProgress: (name: string) => OnProgress = () => () => {}): Promise<Sweep> {
  const unreadable: Sweep["unreadable"] = [];
  const journals = await listJournals((name, error) => unreadable.push({ name, error: messageOf(error) }));
  const result: Sweep = { swept: [], kept: [], unreadable };
  for (const journal of journals) {
    const lease = await readLease(environmentFolder(journal.name).lease);
    const reason = sweepReason(
      journal,
      lease !== undefined && !isStale(lease, new Date()),
      isCloudGone(journal),
      new Date(),
    );
    if (reason === undefined) {
      result.kept.push(journal.name);
      continue;
    }
    try {
      const { reaped } = await downEnvironment(journal.name, { reap: true, onProgress: onProgress(journal.name) });
      result.swept.push({ name: journal.name, reason, outcome: "destroyed", removed: summarize(reaped) });
    } catch (error) {
      const removed = error instanceof LeakError ? summarize(error.teardown.reaped) : [];
      result.swept.push({ name: journal.name, reason, outcome: "failed", removed, error: messageOf(error) });
    }
  }
  await removeStrays();
  return result;
}

/** Folders that a killed process was about to make or to delete, and the data of private clouds that ended. */
async function removeStrays(): Promise<void> {
  const temporary = join(crucibleHome(), "tmp");
  for (const name of await readdir(temporary).catch(() => [])) {
    const age = Date.now() - (await stat(join(temporary, name))).mtimeMs;
    if (age > STRAY_AFTER_MS) await rm(join(temporary, name), { recursive: true, force: true });
  }
  for (const name of await readdir(environmentsFolder()).catch(() => []))
    if (!existsSync(environmentFolder(name).journal))
      await rm(environmentFolder(name).root, { recursive: true, force: true });
}
