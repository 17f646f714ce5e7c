// The end of what a `.sync` task began: heard of by event, or asked for where the local cloud sends none; stopped when the task is.
import type { EventWatch } from "../../eventTap.js";
import type { JsonObject } from "../language/json.js";
import type { Begun, CompletionByEvent, CompletionByPolling, Ending } from "./descriptor.js";

/** Intervals of polling, milliseconds: growing, so that short things end soon and long ones cost little. */
const FIRST_INTERVAL = 200;
const LONGEST_INTERVAL = 5_000;

export interface Completing extends Begun {
  signal: AbortSignal;
  /** Opened before the request was sent. */
  watch: EventWatch | undefined;
  /** Calls back once after so many milliseconds; the answer calls that off. */
  after(milliseconds: number, act: () => void): () => void;
}

/** The ending; undefined when the task was stopped, and what it began with it. */
export async function whenEnded(
  completion: CompletionByEvent | CompletionByPolling,
  task: Completing,
): Promise<Ending | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (task.signal.aborted) resolve(undefined);
    else task.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const ended = "poll" in completion ? polled(completion, task) : told(completion, task);
  const ending = await Promise.race([ended, stopped]);
  if (ending) return ending;
  const request = completion.cancel?.(task);
  if (request) await task.ask(request.operation, request.input);
  return undefined;
}

function told(completion: CompletionByEvent, task: Completing): Promise<Ending> {
  return new Promise((resolve, reject) => {
    task.watch?.follow(({ detail }) => {
      const ending = completion.ending(detail as JsonObject, task);
      if (ending) Promise.resolve(ending).then(resolve, reject);
    });
  });
}

async function polled(completion: CompletionByPolling, task: Completing): Promise<Ending | undefined> {
  let interval = FIRST_INTERVAL;
  let wake = () => {};
  task.signal.addEventListener("abort", () => wake(), { once: true });
  while (!task.signal.aborted) {
    const ending = await completion.poll(task);
    if (ending) return ending;
    if (task.signal.aborted) break;
    await new Promise<void>((resolve) => {
      const callOff = task.after(interval, resolve);
      wake = () => {
        callOff();
        resolve();
      };
    });
    interval = Math.min(interval * 1.5, LONGEST_INTERVAL);
  }
  return undefined;
}
