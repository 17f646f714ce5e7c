// The Batch jobs of an environment, as they ended.
import {
  BatchClient,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  type JobDetail,
  ListJobsCommand,
} from "@aws-sdk/client-batch";
import type { ClientOf } from "../inventory/item.js";
import { allPages } from "../inventory/pages.js";

export interface JobRun {
  id: string;
  name: string;
  queue: string;
  definition: string;
  status: string;
  reason?: string;
  command: string[];
  vcpus: number;
  memoryMiB: number;
  createdAt?: Date;
  startedAt?: Date;
  stoppedAt?: Date;
  /** From start to stop of the last attempt. */
  seconds: number;
  exitCode?: number;
  attempts: number;
  logStream?: string;
}

const DESCRIBED_AT_ONCE = 100;
const last = (arn: string | undefined): string => arn?.split("/").pop() ?? "";

/** Jobs in the queues that `owns` accepts by name that were made after `since`, oldest first; array jobs' children are not listed apart. */
export async function readJobs(
  client: ClientOf,
  owns: (queue: string) => boolean,
  since = new Date(0),
): Promise<JobRun[]> {
  const api = client(BatchClient);
  const queues = await allPages(async (nextToken) => {
    const page = await api.send(new DescribeJobQueuesCommand({ nextToken }));
    return { items: page.jobQueues?.map(({ jobQueueName }) => jobQueueName), token: page.nextToken };
  });
  const ids: string[] = [];
  for (const jobQueue of queues.filter(owns))
    ids.push(
      ...(await allPages(async (nextToken) => {
        // A filter other than the status is what makes Batch list jobs of every status.
        const filters = [{ name: "AFTER_CREATED_AT", values: [String(since.getTime())] }];
        const page = await api.send(new ListJobsCommand({ jobQueue, filters, nextToken }));
        return { items: page.jobSummaryList?.map(({ jobId }) => jobId), token: page.nextToken };
      })),
    );
  const jobs: JobRun[] = [];
  for (let start = 0; start < ids.length; start += DESCRIBED_AT_ONCE) {
    const page = await api.send(new DescribeJobsCommand({ jobs: ids.slice(start, start + DESCRIBED_AT_ONCE) }));
    jobs.push(...(page.jobs ?? []).map(jobRun));
  }
  return jobs.sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
}

export function jobRun(job: JobDetail): JobRun {
  const { container, attempts = [] } = job;
  const attempt = attempts.at(-1)?.container;
  const requirement = (type: string) =>
    Number(container?.resourceRequirements?.find((candidate) => candidate.type === type)?.value ?? 0);
  const reason = attempt?.reason ?? container?.reason ?? job.statusReason;
  const exitCode = attempt?.exitCode ?? container?.exitCode;
  const logStream = attempt?.logStreamName ?? container?.logStreamName;
  return {
    id: job.jobId ?? "",
    name: job.jobName ?? "",
    queue: last(job.jobQueue),
    definition: last(job.jobDefinition),
    status: job.status ?? "",
    ...(reason !== undefined && { reason }),
    command: container?.command ?? [],
    vcpus: requirement("VCPU"),
    memoryMiB: requirement("MEMORY"),
    ...(job.createdAt !== undefined && { createdAt: new Date(job.createdAt) }),
    ...(job.startedAt !== undefined && { startedAt: new Date(job.startedAt) }),
    ...(job.stoppedAt !== undefined && { stoppedAt: new Date(job.stoppedAt) }),
    seconds: job.startedAt && job.stoppedAt ? (job.stoppedAt - job.startedAt) / 1000 : 0,
    ...(exitCode !== undefined && { exitCode }),
    attempts: attempts.length,
    ...(logStream !== undefined && { logStream }),
  };
}
