// Jobs: SubmitJob, DescribeJobs, CancelJob(s), TerminateJob(s) of the AWS Batch API Reference.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parseBatchArn, toArn } from "../arn.js";
import { clientException, invalidRequest } from "../errors.js";
import { jobDetail } from "../jobs/detail.js";
import { jobsOf } from "../jobs/submission.js";
import type { Job, JobQueue } from "../model.js";
import { parseRequest, submitJob } from "../requests.js";
import { forget } from "../scheduler/lifecycle.js";
import type { BatchRegion } from "../store.js";
import { activeDefinition } from "./jobDefinitions.js";
import type { Operation } from "./operation.js";

/** AWS keeps ended jobs for 7 days ("Job states", AWS Batch User Guide). */
const KEPT_MILLIS = 7 * 24 * 3600 * 1000;
const MOST_DESCRIBED = 100;
const MOST_STOPPED = 50;

export const submit: Operation = ({ region, body, world: { engine } }) => {
  const request = parseRequest(submitJob, body);
  const queue = openQueue(region, request.jobQueue);
  const definition = activeDefinition(region, request.jobDefinition);
  const now = engine.now();
  forget(region.table, now - KEPT_MILLIS);
  const jobs = jobsOf(region, {
    request,
    queue,
    definition,
    jobId: randomUUID(),
    sequence: engine.nextSequence(),
    now,
  });
  engine.submit(region, jobs);
  const [job] = jobs;
  return { jobArn: job?.arn, jobName: job?.name, jobId: job?.id };
};

export const describe: Operation = ({ region, body, world: { engine } }) => {
  const { jobs } = parseRequest(z.looseObject({ jobs: z.array(z.string()) }), body);
  if (jobs.length > MOST_DESCRIBED) throw invalidRequest(`Maximum number of jobs supported is ${MOST_DESCRIBED}`);
  forget(region.table, engine.now() - KEPT_MILLIS);
  const found = jobs.flatMap((each) => region.table.jobs.get(jobIdOf(each)) ?? []);
  return { jobs: found.map((job) => jobDetail(job, region.table)) };
};

const one = z.looseObject({ jobId: z.string().min(1), reason: z.string() });
const several = z.looseObject({ jobs: z.array(z.string()).max(MOST_STOPPED), reason: z.string() });

/** Ends one job by cancelling or terminating it. @throws ClientException for a job that does not exist */
const ending =
  (kind: "cancel" | "terminate"): Operation =>
  ({ region, body, world }) => {
    const { jobId, reason } = parseRequest(one, body);
    world.engine.dispatch(region, { kind, jobId: existingJob(region, jobId).id, reason });
    return {};
  };

/** Ends several; one that cannot be found counts as done, as AWS documents it. */
const endingSeveral =
  (kind: "cancel" | "terminate"): Operation =>
  ({ region, body, world }) => {
    const { jobs, reason } = parseRequest(several, body);
    for (const each of jobs) world.engine.dispatch(region, { kind, jobId: jobIdOf(each), reason });
    return { successful: jobs, errors: [] };
  };

export const cancel = ending("cancel");
export const terminate = ending("terminate");
export const cancelSeveral = endingSeveral("cancel");
export const terminateSeveral = endingSeveral("terminate");

/** A job's id from its id or ARN. */
const jobIdOf = (idOrArn: string): string => parseBatchArn(idOrArn)?.name ?? idOrArn;

/** @throws ClientException when it does not exist */
export function existingJob(region: BatchRegion, idOrArn: string): Job {
  const job = region.table.jobs.get(jobIdOf(idOrArn));
  if (!job) throw clientException(`Job ${idOrArn} does not exist.`);
  return job;
}

/** The queue that a job is submitted to. @throws ClientException unless it is there, ENABLED and not on its way out */
function openQueue(region: BatchRegion, nameOrArn: string): JobQueue {
  const queue = region.jobQueues.get(toArn(region, "job-queue", nameOrArn));
  if (!queue || queue.status === "DELETING") throw clientException(`JobQueue ${nameOrArn} not found.`);
  if (queue.state === "DISABLED") throw clientException(`JobQueue ${nameOrArn} is DISABLED and can not accept jobs.`);
  return queue;
}
