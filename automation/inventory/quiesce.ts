// Ends what runs in an environment before its resources go: executions first, as they would start more, then jobs.
import {
  BatchClient,
  DescribeJobQueuesCommand,
  type JobStatus,
  ListJobsCommand,
  TerminateJobCommand,
} from "@aws-sdk/client-batch";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { ClientOf } from "./item.js";
import { allPages } from "./pages.js";

const LIVE: JobStatus[] = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"];
const REASON = "The environment is being destroyed.";

/** Stops running executions of the state machines that `owns` accepts by name. Returns how many. */
export async function stopExecutions(client: ClientOf, owns: (name: string) => boolean): Promise<number> {
  const api = client(SFNClient);
  const machines = await allPages(async (nextToken) => {
    const page = await api.send(new ListStateMachinesCommand({ nextToken }));
    return { items: page.stateMachines, token: page.nextToken };
  });
  const running = await Promise.all(
    machines
      .filter(({ name, type }) => owns(name ?? "") && type !== "EXPRESS")
      .map(({ stateMachineArn }) =>
        allPages(async (nextToken) => {
          const page = await api.send(
            new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING", nextToken }),
          );
          return { items: page.executions, token: page.nextToken };
        }),
      ),
  );
  const executions = running.flat();
  for (const { executionArn } of executions)
    await api.send(new StopExecutionCommand({ executionArn, cause: REASON })).catch(() => {});
  return executions.length;
}

/** Terminates the jobs that wait or run in the queues that `owns` accepts by name. Returns how many. */
export async function terminateJobs(client: ClientOf, owns: (name: string) => boolean): Promise<number> {
  const jobs = await liveJobs(client, owns);
  const api = client(BatchClient);
  for (const jobId of jobs) await api.send(new TerminateJobCommand({ jobId, reason: REASON })).catch(() => {});
  return jobs.length;
}

/** Ids of the jobs that wait or run. */
export async function liveJobs(client: ClientOf, owns: (name: string) => boolean): Promise<string[]> {
  const api = client(BatchClient);
  const queues = await allPages(async (nextToken) => {
    const page = await api.send(new DescribeJobQueuesCommand({ nextToken }));
    return { items: page.jobQueues?.map(({ jobQueueName }) => jobQueueName), token: page.nextToken };
  });
  const jobs = await Promise.all(
    queues.filter(owns).flatMap((jobQueue) =>
      LIVE.map((jobStatus) =>
        allPages(async (nextToken) => {
          const page = await api.send(new ListJobsCommand({ jobQueue, jobStatus, nextToken }));
          return { items: page.jobSummaryList?.map(({ jobId }) => jobId), token: page.nextToken };
        }),
      ),
    ),
  );
  return jobs.flat();
}
