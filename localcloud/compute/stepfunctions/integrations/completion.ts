// The end of what a `.sync` task began: heard of by event; stopped when the task is.
import type { EventWatch } from "../../eventTap.js";
import type { JsonObject } from "../language/json.js";
import type { Begun, Completion, Ending } from "./descriptor.js";

export interface Completing extends Begun {
  signal: AbortSignal;
  /** Opened before the request was sent. */
  watch: EventWatch | undefined;
}

/** The ending; undefined when the task was stopped, and what it began with it. */
export async function whenEnded(completion: Completion, task: Completing): Promise<Ending | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (task.signal.aborted) resolve(undefined);
    else task.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const ending = await Promise.race([told(completion, task), stopped]);
  if (ending) return ending;
  const request = completion.cancel?.(task);
  if (request) await task.ask(request.operation, request.input);
  return undefined;
}

function told(completion: Completion, task: Completing): Promise<Ending> {
  return new Promise((resolve, reject) => {
    task.watch?.follow(({ detail }) => {
      const ending = completion.ending(detail as JsonObject, task);
      if (ending) Promise.resolve(ending).then(resolve, reject);
    });
  });
}
