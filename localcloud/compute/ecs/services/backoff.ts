// When a service may start tasks again after some have failed ("Amazon ECS service throttle logic", Amazon ECS Developer Guide).
import type { Task } from "../model.js";

/** Delays double from the first to the longest, which AWS documents: 15 minutes. */
const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;
/** A container that ends as soon as it runs is replaced at the pace at which Fargate starts one at best. */
const PACE_MS = 10_000;

export interface Throttle {
  /** Tasks in a row that never came to run. */
  readonly failedStarts: number;
  /** Milliseconds of the epoch. */
  readonly notBefore: number;
}

export const UNTHROTTLED: Throttle = { failedStarts: 0, notBefore: 0 };

/** What the end of a task means for the next start. */
export function afterEnd(throttle: Throttle, task: Pick<Task, "startedAt" | "stoppedAt">, now: number): Throttle {
  if (task.startedAt) {
    const ranMillis = (task.stoppedAt?.getTime() ?? now) - task.startedAt.getTime();
    return { failedStarts: 0, notBefore: ranMillis < PACE_MS ? now + PACE_MS : 0 };
  }
  return afterFailure(throttle, now);
}

/** What a start that failed means for the next one. */
export function afterFailure({ failedStarts }: Throttle, now: number): Throttle {
  return { failedStarts: failedStarts + 1, notBefore: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** failedStarts) };
}
