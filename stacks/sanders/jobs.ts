// The jobs of Sanders as Batch knows them: sizes, and which job each size is for.
import type { FargateSize } from "../../components/batch/fargate-size.js";

/** One of the three job definitions, `sanders-job-<key>-<environment>`. */
export interface JobKind {
  size: FargateSize;
  /** What it runs unless a submission says otherwise. */
  command: string[];
}

/** Sizes and their use, as the platform's users know them. */
export const JOB_KINDS = {
  "2g": { size: { vcpus: 0.5, memoryMiB: 2048 }, command: ["jobs/data_processing"] },
  "8g": { size: { vcpus: 2, memoryMiB: 8192 }, command: ["jobs/daily_features_tlc"] },
  "16g": { size: { vcpus: 4, memoryMiB: 16384 }, command: ["jobs/model_training"] },
} as const satisfies Record<string, { size: FargateSize; command: readonly string[] }>;

export type JobKindName = keyof typeof JOB_KINDS;
export const JOB_KIND_NAMES = Object.keys(JOB_KINDS) as JobKindName[];
