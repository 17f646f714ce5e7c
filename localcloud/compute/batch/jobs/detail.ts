// How the API shows a job: JobDetail and JobSummary of the AWS Batch API Reference.
import type { ContainerDetail } from "@aws-sdk/client-batch";
import { type Attempt, JOB_STATUSES, type Job, type JobStatus } from "../model.js";
import type { JobTable } from "../scheduler/lifecycle.js";

/** How many of an array parent's children are in each status. */
export function statusSummary(parent: Job, table: JobTable): Record<JobStatus, number> {
  const summary = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
  for (let index = 0; index < (parent.array?.size ?? 0); index += 1) {
    const child = table.jobs.get(`${parent.id}:${index}`);
    if (child) summary[child.status] += 1;
  }
  return summary;
}

function attemptDetail(attempt: Attempt): Record<string, unknown> {
  const { startedAt, stoppedAt, statusReason, ...container } = attempt;
  return { container: { ...container, networkInterfaces: [] }, startedAt, stoppedAt, statusReason };
}

function containerDetail(job: Job): ContainerDetail {
  const last = job.attempts.at(-1);
  const ran = job.status === "STARTING" || job.status === "RUNNING" ? undefined : last;
  return {
    ...job.container,
    exitCode: ran?.exitCode,
    reason: ran?.reason,
    taskArn: job.task?.arn,
    containerInstanceArn: job.task?.containerInstanceArn,
    logStreamName: job.task?.logStreamName,
  };
}

function arrayProperties(job: Job, table: JobTable): Record<string, unknown> | undefined {
  if (job.child) return { statusSummary: {}, index: job.child.index };
  if (!job.array) return undefined;
  return { statusSummary: statusSummary(job, table), size: job.array.size };
}

/** JobDetail; members without a value are left out when it becomes JSON. Also the detail of a `Batch Job State Change` event. */
export function jobDetail(job: Job, table: JobTable): Record<string, unknown> {
  return {
    jobArn: job.arn,
    jobName: job.name,
    jobId: job.id,
    jobQueue: job.queue,
    status: job.status,
    shareIdentifier: job.shareIdentifier,
    schedulingPriority: job.schedulingPriority,
    attempts: job.attempts.map(attemptDetail),
    statusReason: job.statusReason,
    createdAt: job.createdAt,
    retryStrategy: job.retryStrategy,
    startedAt: job.startedAt,
    stoppedAt: job.stoppedAt,
    dependsOn: job.dependsOn,
    jobDefinition: job.definition,
    parameters: job.parameters,
    container: containerDetail(job),
    arrayProperties: arrayProperties(job, table),
    timeout: job.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: job.timeoutSeconds },
    tags: job.tags,
    propagateTags: job.propagateTags,
    platformCapabilities: job.platformCapabilities,
    eksAttempts: [],
    isCancelled: job.cancelled !== undefined,
    isTerminated: job.terminated !== undefined,
  };
}

/** JobSummary, the entry of ListJobs. */
export function jobSummary(job: Job, table: JobTable): Record<string, unknown> {
  const last = job.attempts.at(-1);
  return {
    jobArn: job.arn,
    jobId: job.id,
    jobName: job.name,
    jobDefinition: job.definition,
    capacityUsage: [{ capacityUnit: "VCPU", quantity: job.vcpus }],
    createdAt: job.createdAt,
    shareIdentifier: job.shareIdentifier,
    status: job.status,
    statusReason: job.statusReason,
    startedAt: job.startedAt,
    stoppedAt: job.stoppedAt,
    container: last && { exitCode: last.exitCode, reason: last.reason },
    arrayProperties: job.child
      ? { index: job.child.index }
      : job.array && { size: job.array.size, statusSummary: statusSummary(job, table) },
    isCancelled: job.cancelled === undefined ? undefined : true,
    isTerminated: job.terminated === undefined ? undefined : true,
  };
}
