// Submitting Batch jobs by hand and waiting for their end, as the suites do where no workflow is between.
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BatchClient,
  DescribeJobDefinitionsCommand,
  DescribeJobsCommand,
  type JobDetail,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { CrucibleError } from "../errors.js";
import { nextWait } from "./history.js";

const ENDED = new Set(["SUCCEEDED", "FAILED"]);

/** Submits the jobs at once and waits until all have ended, however. In the order of the input. */
export async function runJobs(
  client: BatchClient,
  jobs: readonly SubmitJobCommandInput[],
  options: { signal?: AbortSignal; onStatus?: (job: JobDetail) => void } = {},
): Promise<JobDetail[]> {
  const { signal, onStatus = () => {} } = options;
  const submitted = await Promise.all(jobs.map((job) => client.send(new SubmitJobCommand(job))));
  const ids = submitted.map(({ jobId }) => jobId ?? "");
  const known = new Map<string, string | undefined>();
  for (let pause = 0; ; ) {
    const { jobs: described = [] } = await client.send(new DescribeJobsCommand({ jobs: ids }));
    const changed = described.filter((job) => known.get(job.jobId ?? "") !== job.status);
    for (const job of changed) {
      known.set(job.jobId ?? "", job.status);
      onStatus(job);
    }
    if (described.length === ids.length && described.every(({ status }) => ENDED.has(status ?? "")))
      return ids.map((id) => described.find(({ jobId }) => jobId === id) as JobDetail);
    pause = nextWait(pause, changed.length > 0);
    await sleep(pause, undefined, { ...(signal && { signal }) });
  }
}

/**
 * The newest active revision of the job definition whose name begins with `prefix`, as `name:revision`.
 *
 * @throws CrucibleError when there is none
 */
export async function findJobDefinition(client: BatchClient, prefix: string): Promise<string> {
  let nextToken: string | undefined;
  let best: { name: string; revision: number } | undefined;
  do {
    const page = await client.send(new DescribeJobDefinitionsCommand({ status: "ACTIVE", nextToken }));
    for (const { jobDefinitionName: name = "", revision = 0 } of page.jobDefinitions ?? [])
      if (name.startsWith(prefix) && revision > (best?.revision ?? 0)) best = { name, revision };
    nextToken = page.nextToken;
  } while (nextToken);
  if (!best) throw new CrucibleError(`There is no active job definition whose name begins with ${prefix}.`);
  return `${best.name}:${best.revision}`;
}
