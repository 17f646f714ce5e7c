// ListJobs of the AWS Batch API Reference: the jobs of a queue or the children of an array, by status or by one filter.
import { parseBatchArn } from "../arn.js";
import { clientException, invalidRequest } from "../errors.js";
import { jobSummary } from "../jobs/detail.js";
import type { Job } from "../model.js";
import { paginate } from "../paging.js";
import { type ListJobs, listJobs, parseRequest } from "../requests.js";
import { matchesGlob } from "../scheduler/retry.js";
import type { BatchRegion } from "../store.js";
import { jobQueue } from "./jobQueues.js";
import { existingJob } from "./jobs.js";
import type { Operation } from "./operation.js";

const MOST_BY_STATUS = 1000;
const MOST_BY_FILTER = 100;

export const list: Operation = ({ region, body }) => {
  const request = parseRequest(listJobs, body);
  const found = candidates(region, request).filter(selector(request));
  const limit = request.filters?.length ? MOST_BY_FILTER : MOST_BY_STATUS;
  // Newest first; children in the order of their index.
  const keyOf = (job: Job): string =>
    String(job.child ? job.child.index : Number.MAX_SAFE_INTEGER - job.sequence).padStart(16, "0");
  found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { items, nextToken } = paginate(found, keyOf, request, limit);
  return { jobSummaryList: items.map((job) => jobSummary(job, region.table)), nextToken };
};

function candidates(region: BatchRegion, request: ListJobs): Job[] {
  const given = [request.jobQueue, request.arrayJobId, request.multiNodeJobId].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw clientException("Exactly one of jobQueue, arrayJobId and multiNodeJobId must be specified.");
  if (request.multiNodeJobId !== undefined)
    throw clientException("A multi-node parallel job with this id does not exist.");
  if (request.arrayJobId !== undefined) {
    const parent = existingJob(region, request.arrayJobId);
    const ids = Array.from({ length: parent.array?.size ?? 0 }, (_, index) => `${parent.id}:${index}`);
    return ids.flatMap((id) => region.table.jobs.get(id) ?? []);
  }
  const queue = jobQueue(region, request.jobQueue ?? "");
  return [...region.table.jobs.values()].filter((job) => job.queue === queue.arn && !job.child);
}

/** AWS's rule: a filter replaces the status, but for SHARE_IDENTIFIER; without either only RUNNING jobs are listed. */
function selector(request: ListJobs): (job: Job) => boolean {
  const filters = request.filters ?? [];
  if (filters.length > 1) throw invalidRequest("Only one filter can be used at a time.");
  const [filter] = filters;
  if (!filter) return (job) => job.status === (request.jobStatus ?? "RUNNING");
  const values = filter.values ?? [];
  const matches = filterOf(filter.name ?? "");
  const byFilter = (job: Job): boolean => values.some((value) => matches(job, value));
  if (filter.name !== "SHARE_IDENTIFIER" || request.jobStatus === undefined) return byFilter;
  return (job) => byFilter(job) && job.status === request.jobStatus;
}

function filterOf(name: string): (job: Job, value: string) => boolean {
  switch (name) {
    case "JOB_NAME":
      return (job, value) => matchesGlob(value.toLowerCase(), job.name.toLowerCase());
    case "JOB_DEFINITION":
      return (job, value) => (parseBatchArn(value) ? job.definition === value : matchesGlob(value, job.definitionName));
    case "BEFORE_CREATED_AT":
      return (job, value) => job.createdAt < Number(value);
    case "AFTER_CREATED_AT":
      return (job, value) => job.createdAt > Number(value);
    case "SHARE_IDENTIFIER":
      return (job, value) => matchesGlob(value, job.shareIdentifier ?? "");
    default:
      throw invalidRequest(
        `Filter ${name} is not one of JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER.`,
      );
  }
}
