// "Batch Job State Change" events on the default bus, each job's in the order in which they happened.
import type { ComputeContext } from "../service.js";
import { jobDetail } from "./jobs/detail.js";
import type { Job } from "./model.js";
import type { JobTable } from "./scheduler/lifecycle.js";

/** Events under way at once; an array of thousands of children must not open thousands of connections. */
const CONCURRENCY = 8;

export interface EventPublisher {
  /** Announces the status that the job has just taken. AWS announces none for the submission itself. */
  publish(job: Job, table: JobTable): void;
  /** Resolves when all events so far were handed over. */
  drained(): Promise<void>;
}

export function eventPublisher(context: Pick<ComputeContext, "putEvent" | "log">): EventPublisher {
  const lastOf = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let underWay = 0;

  const send = async (job: Job, detail: unknown): Promise<void> => {
    if (underWay >= CONCURRENCY) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay += 1;
    try {
      await context.putEvent(job.account, job.region, {
        source: "aws.batch",
        detailType: "Batch Job State Change",
        detail,
        resources: [job.arn],
      });
    } catch (error) {
      context.log(`batch: the ${job.status} event of job ${job.id} was not delivered: ${(error as Error).message}`);
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  };

  return {
    publish(job, table) {
      if (job.status === "SUBMITTED") return;
      const detail = { ...jobDetail(job, table), tags: { resourceArn: job.arn, ...job.tags } };
      const key = job.arn;
      const sent = (lastOf.get(key) ?? Promise.resolve()).then(() => send(job, detail));
      lastOf.set(key, sent);
      void sent.then(() => {
        if (lastOf.get(key) === sent) lastOf.delete(key);
      });
    },
    async drained() {
      await Promise.all(lastOf.values());
    },
  };
}
