// What an Express execution is charged for. Source: "AWS Step Functions pricing", Express Workflows.
import { sizeOf } from "../language/json.js";
import type { Execution } from "./model.js";

const MIB = 1024 * 1024;
/** Durations are charged by so many milliseconds, memory by so many bytes. */
const DURATION_STEP_MS = 100;
const MEMORY_STEP_BYTES = 64 * MIB;

export interface Billing {
  /** What the definition and the execution's payloads take. */
  memoryBytes: number;
  billedMemoryBytes: number;
  billedDurationMs: number;
}

/** Of an execution that has ended. */
export function billing({ revision, input, output, startedAt, stoppedAt = startedAt }: Execution): Billing {
  const memoryBytes = sizeOf(revision.definitionText) + sizeOf(input) + sizeOf(output ?? "");
  const durationMs = Math.max(stoppedAt.getTime() - startedAt.getTime(), 1);
  return {
    memoryBytes,
    billedMemoryBytes: Math.ceil(memoryBytes / MEMORY_STEP_BYTES) * MEMORY_STEP_BYTES,
    billedDurationMs: Math.ceil(durationMs / DURATION_STEP_MS) * DURATION_STEP_MS,
  };
}

/** `billingDetails` of StartSyncExecution. */
export function billingDetails(execution: Execution): {
  billedMemoryUsedInMB: number;
  billedDurationInMilliseconds: number;
} {
  const { billedMemoryBytes, billedDurationMs } = billing(execution);
  return { billedMemoryUsedInMB: billedMemoryBytes / MIB, billedDurationInMilliseconds: billedDurationMs };
}
