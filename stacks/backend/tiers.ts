// The sizes of machine that jobs run on, by name.

export const TIERS = ["XS", "S", "M", "L", "XXL"] as const;
export type Tier = (typeof TIERS)[number];

export interface TierSize {
  /** What a job is promised. */
  vcpus: number;
  memoryMiB: number;
  /** EC2 instance types, any of which holds a job of this size. */
  instanceTypes: string[];
}

const GIB = 1024;

/** A job has an instance to itself, less what its operating system and agents take. */
export const TIER_SIZES: Record<Tier, TierSize> = {
  XS: { vcpus: 4, memoryMiB: 14 * GIB, instanceTypes: ["m7a.xlarge"] },
  S: { vcpus: 8, memoryMiB: 28 * GIB, instanceTypes: ["m7a.2xlarge"] },
  // An r7a.2xlarge has the memory, but half of the vCPUs: Batch launches one only if the tier's vCPUs are set to 8.
  M: { vcpus: 16, memoryMiB: 60 * GIB, instanceTypes: ["r7a.2xlarge", "m6a.4xlarge"] },
  L: { vcpus: 16, memoryMiB: 120 * GIB, instanceTypes: ["r7a.4xlarge", "r6a.4xlarge"] },
  // 1.47 TB of 1.5 TiB.
  XXL: { vcpus: 192, memoryMiB: 1470 * GIB, instanceTypes: ["r7a.48xlarge", "r6a.48xlarge"] },
};
