// The optimized integration of Step Functions: `batch:submitJob` and `batch:submitJob.sync`.
import { randomUUID } from "node:crypto";
import { BatchError } from "./errors.js";
import { jobDetail } from "./jobs/detail.js";
import { submit } from "./operations/jobs.js";
import type { OperationWorld } from "./operations/operation.js";
import { toApiShape, toStatesShape } from "./shapes.js";
import type { BatchStore } from "./store.js";

/** A task of a state machine whose role has been checked to allow batch:SubmitJob. */
export interface SubmitJobTask {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `.sync`: the outcome is that of the job. */
  readonly sync: boolean;
  /** As Step Functions has them, PascalCase. */
  readonly parameters: Record<string, unknown>;
  /** Aborted when the execution was stopped or the task timed out: a job of `.sync` is then terminated. */
  readonly signal?: AbortSignal;
}

/** What the task results in: its output, or the error that Catch and Retry see. */
export type SubmitJobOutcome = { result: unknown } | { error: string; cause: string };

/** AWS marks the jobs that it waits for; its managed rule looks for this. */
const MANAGED = { name: "MANAGED_BY_AWS", value: "STARTED_BY_STEP_FUNCTIONS" };

/**
 * Submits a job as Step Functions does: without `.sync` the result is `{JobArn, JobId, JobName}`; with it, the job's detail
 * in PascalCase once the job has succeeded, or `States.TaskFailed` with that detail as JSON. A refused submission is
 * `Batch.ClientException`. See "Run AWS Batch workloads with Step Functions", AWS Step Functions Developer Guide.
 */
export async function submitTask(
  store: BatchStore,
  world: OperationWorld,
  task: SubmitJobTask,
): Promise<SubmitJobOutcome> {
  const region = store.region(task);
  const body = toApiShape(task.parameters) as Record<string, unknown>;
  let job: { jobArn: string; jobName: string; jobId: string };
  try {
    job = submit({ region, body: task.sync ? marked(body) : body, world }) as typeof job;
  } catch (error) {
    return refused(error);
  }
  if (!task.sync) return { result: toStatesShape(job) };
  const terminate = (): void =>
    world.engine.dispatch(region, {
      kind: "terminate",
      jobId: job.jobId,
      reason: "Step Functions execution was stopped",
    });
  task.signal?.addEventListener("abort", terminate, { once: true });
  if (task.signal?.aborted) terminate();
  const ended = await world.engine.whenEnded(region, job.jobId);
  task.signal?.removeEventListener("abort", terminate);
  const detail = toStatesShape(jobDetail(ended, region.table));
  if (ended.status === "SUCCEEDED") return { result: detail };
  return { error: "States.TaskFailed", cause: JSON.stringify(detail) };
}

function marked(body: Record<string, unknown>): Record<string, unknown> {
  const overrides = (body.containerOverrides ?? {}) as { environment?: unknown };
  const environment = Array.isArray(overrides.environment) ? overrides.environment : [];
  return { ...body, containerOverrides: { ...overrides, environment: [...environment, MANAGED] } };
}

/** A refusal as Step Functions shows an error of the AWS SDK for Java. */
function refused(error: unknown): SubmitJobOutcome {
  if (!(error instanceof BatchError)) throw error;
  const requestId = randomUUID();
  const origin = `Service: AWSBatch; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null`;
  return { error: `Batch.${error.code}`, cause: `${error.wireMessage(requestId)} (${origin})` };
}
