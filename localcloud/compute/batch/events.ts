// "Batch Job State Change" events on the default bus, each job's in the order in which they happened.
import { eventQueue } from "../eventQueue.js";
import type { ComputeContext } from "../service.js";
import { jobDetail } from "./jobs/detail.js";
import type { Job } from "./model.js";
import type { JobTable } from "./scheduler/lifecycle.js";

export interface EventPublisher {
  /** Announces the status that the job has just taken. AWS announces none for the submission itself. */
  publish(job: Job, table: JobTable): void;
  /** Resolves when all events so far were handed over. */
  drained(): Promise<void>;
}

export function eventPublisher(context: Pick<ComputeContext, "putEvent" | "log">): EventPublisher {
  const queue = eventQueue(context);
  return {
    publish(job, table) {
      if (job.status === "SUBMITTED") return;
      const detail = { ...jobDetail(job, table), tags: { resourceArn: job.arn, ...job.tags } };
      const event = { source: "aws.batch", detailType: "Batch Job State Change", detail, resources: [job.arn] };
      queue.put(job, job.arn, event, `batch: the ${job.status} event of job ${job.id}`);
    },
    drained: () => queue.drained(),
  };
}
