// The RUNNABLE jobs of each queue, in order of submission.
import type { Job } from "./model.js";

export class RunnableJobs {
  readonly #queues = new Map<string, Job[]>();

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  of(queueArn: string): readonly Job[] {
    return this.#queues.get(queueArn) ?? [];
  }

  add(job: Job): void {
    const jobs = this.#queues.get(job.queue) ?? [];
    jobs.splice(position(jobs, job.sequence), 0, job);
    this.#queues.set(job.queue, jobs);
  }

  /** Takes the job out, whatever status it has come to; a job that is not in is ignored. */
  remove(job: Job): void {
    const jobs = this.#queues.get(job.queue);
    if (!jobs) return;
    const index = position(jobs, job.sequence);
    if (jobs[index]?.id === job.id) jobs.splice(index, 1);
    if (jobs.length === 0) this.#queues.delete(job.queue);
  }
}

/** Where a sequence number is, or belongs, in jobs sorted by it. */
function position(jobs: readonly Job[], sequence: number): number {
  let low = 0;
  let high = jobs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((jobs[middle]?.sequence ?? 0) < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
