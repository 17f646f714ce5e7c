// The children of a Distributed Map: how many run at once, how many may fail, and what is left for a redrive.
import type { State } from "../../definition/types.js";
import { StatesError } from "../../language/errors.js";
import { isObject, type Json } from "../../language/json.js";
import type { ChildResult } from "../effects.js";
import type { Visit } from "../fields.js";
import { errorDetails } from "../run.js";

const MAXIMUM_CHILDREN_AT_ONCE = 10_000;

/** How many items may fail; a bound that is not given does not hold, but without any bound none may. */
export interface Tolerance {
  count: number | undefined;
  percentage: number | undefined;
}

/** What a Map Run has done, kept for a redrive. */
export interface MapRunProgress {
  mapRunArn: string;
  /** The children's inputs, once the items have been read. */
  inputs?: Json[];
  /** By the children's index; undefined for those that have not ended. */
  results: (ChildResult | undefined)[];
}

export const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** How many items a child's input stands for. */
export const itemsIn =
  (state: State) =>
  (input: Json): number =>
    state.ItemBatcher && isObject(input) && Array.isArray(input.Items) ? input.Items.length : 1;

/**
 * Runs the children that have no result yet, at most `limit` at once; the bounds may be changed while they run.
 * When more items fail than is tolerated, the children that go on are cancelled.
 */
export async function runChildren(
  visit: Visit,
  { inputs = [], results, mapRunArn }: MapRunProgress,
  limit: number,
  tolerance: Tolerance,
): Promise<{ results: (ChildResult | undefined)[]; hasFailed: boolean }> {
  const { run, frame, name, state } = visit;
  const type = (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.ExecutionType ?? "STANDARD";
  const atOnce = (bound: number) => (bound > 0 ? Math.min(bound, MAXIMUM_CHILDREN_AT_ONCE) : MAXIMUM_CHILDREN_AT_ONCE);
  const weigh = itemsIn(state);
  const total = sum(inputs.map(weigh));
  const waiting = inputs.map((_, index) => index).filter((index) => results[index] === undefined);
  const scope = frame.scope.child();
  let concurrency = atOnce(limit);
  let bounds = tolerance;
  let next = 0;
  let done = 0;
  let failed = 0;
  let hasFailed = false;
  await run.suspend<void>(frame.scope, (resume) => {
    let hasEnded = false;
    const advance = () => {
      if (hasEnded) return;
      hasFailed = isExceeded(failed, total, bounds);
      if (hasFailed) run.cancel(scope);
      else startNext();
      if (!hasFailed && done < waiting.length) return;
      hasEnded = true;
      run.mapRuns.delete(mapRunArn);
      resume();
    };
    const startNext = () => {
      while (next < waiting.length && next - done < concurrency) {
        const index = waiting[next++] as number;
        const input = inputs[index] as Json;
        const id = run.request(
          scope,
          { kind: "childExecution", mapRunArn, state: name, type, input, index, items: weigh(input) },
          (reply) => {
            if (reply.kind !== "succeeded" && reply.kind !== "failed") return;
            run.release(scope, id);
            const about = { executionArn: reply.executionArn ?? "", name: reply.name ?? "", input };
            if (reply.kind === "succeeded") results[index] = { ...about, status: "SUCCEEDED", output: reply.output };
            else {
              results[index] = { ...about, status: "FAILED", ...errorDetails(reply.error, reply.cause) };
              failed += weigh(input);
            }
            done += 1;
            advance();
          },
        );
      }
    };
    run.mapRuns.set(mapRunArn, ({ maxConcurrency: changed, ...changes }) => {
      if (changed !== undefined) concurrency = atOnce(changed);
      bounds = {
        count: changes.toleratedFailureCount ?? bounds.count,
        percentage: changes.toleratedFailurePercentage ?? bounds.percentage,
      };
      advance();
    });
    advance();
  });
  frame.scope.children.delete(scope);
  return { results, hasFailed };
}

export const thresholdExceeded = (): StatesError =>
  located(
    new StatesError("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"),
  );

/**
 * Whether so many failures are more than one of the bounds allows; a bound of 0 is as one that is not given.
 * Source: "Setting failure thresholds for Distributed Map states".
 */
export function isExceeded(failed: number, total: number, { count = 0, percentage = 0 }: Tolerance): boolean {
  if (failed === 0) return false;
  if (count === 0 && percentage === 0) return true;
  return (count > 0 && failed > count) || (percentage > 0 && (failed / total) * 100 > percentage);
}

/** The error as it stands: its cause speaks of the map's run, not of the state's fields. */
export function located(error: StatesError): StatesError {
  error.isLocated = true;
  return error;
}
