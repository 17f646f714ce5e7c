// What is kept of a run, as JSON files in its folder: each is written by one process only, and read by anybody.
import { z } from "zod";
import { ownerSchema } from "../locks/owner.js";

/** `run.json`: what the run is. */
export const runSchema = z.object({
  workflow: z.string(),
  id: z.string(),
  /** As given, before the workflow's schema adds its defaults. */
  input: z.record(z.string(), z.unknown()),
  createdAt: z.string(),
});
export type RunRecord = z.infer<typeof runSchema>;

const digest = z.object({ digest: z.string(), bytes: z.number(), files: z.number() });

/** What decides whether a step has to run again. Paths are relative to the data root (inputs) or the image's folder (code). */
export const conditionsSchema = z.object({
  inputs: z.record(z.string(), z.string()),
  parameters: z.record(z.string(), z.unknown()),
  code: z.record(z.string(), z.string()),
  /** Of a partition or a merge: number of partitions. */
  partitions: z.number().optional(),
});
export type Conditions = z.infer<typeof conditionsSchema>;

/** `done.json`: under which conditions the outputs that are there were made. */
export const doneSchema = conditionsSchema.extend({
  attempt: z.number(),
  outputs: z.record(z.string(), digest),
  /** What the step has published (see StepResult): digest by path from the data root, none of what others write as well. */
  published: z.record(z.string(), z.string().nullable()).optional(),
  /** Outputs that a later step's end has removed (see Step.releases); that they are not there is no reason to run. */
  released: z.array(z.string()).optional(),
});
export type Done = z.infer<typeof doneSchema>;

/** `attempt-0001.json`: one try at a step or a partition of it. */
export const attemptSchema = z.object({
  attempt: z.number(),
  /** Why it was run. */
  reasons: z.array(z.string()),
  executor: z.string(),
  owner: ownerSchema,
  /** Of a Batch job: AWS_BATCH_JOB_ID, AWS_BATCH_JOB_ATTEMPT. */
  batchJob: z.object({ id: z.string(), attempt: z.number().optional() }).optional(),
  /** `running` of a process that is gone: interrupted. */
  outcome: z.enum(["running", "succeeded", "failed", "stopped", "interrupted"]),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  seconds: z.number().optional(),
  exitCode: z.number().optional(),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
  /** Highest resident memory, MiB: of the process that ran the step, and of programs that it ran. */
  peakMemoryMiB: z.number().optional(),
  childPeakMemoryMiB: z.number().optional(),
  rowsIn: z.number().optional(),
  rowsOut: z.number().optional(),
  figures: z.record(z.string(), z.unknown()).optional(),
  conditions: conditionsSchema,
  outputs: z.record(z.string(), digest).optional(),
  /** Of temporary files, on the owner's machine. */
  workFolder: z.string(),
});
export type Attempt = z.infer<typeof attemptSchema>;
