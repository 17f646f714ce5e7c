// Map: a processor for each item, within this execution (inline) or as executions of their own (distributed).
import { QueryEvaluationError, runtimeError } from "../../language/errors.js";
import type { Json, JsonObject } from "../../language/json.js";
import { evaluateTemplate, isExpression, unexpectedType } from "../../language/jsonata.js";
import { evaluatePath, PathNotFoundError, parsePath } from "../../language/jsonPath.js";
import type { Visit } from "../fields.js";
import { type Checkpoint, Cursor, Frame, Variables } from "../frame.js";
import { type Result, runMachine } from "../machine.js";
import { Payload } from "../payload.js";
import { mapDistributed } from "./distributedMap.js";
import { together } from "./parallel.js";

/** Inline maps run at most so many iterations at once. Source: "Inline mode" in the Developer Guide. */
const INLINE_CONCURRENCY = 40;

export async function mapItems(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  const processor = visit.state.ItemProcessor ?? visit.state.Iterator;
  if (processor?.ProcessorConfig?.Mode === "DISTRIBUTED") return mapDistributed(visit, resume);
  return mapInline(visit, resume);
}

/** The items as the state names them. @throws StatesError when they are no list */
export async function itemsOf(visit: Visit, data: Json): Promise<Json[]> {
  const { state } = visit;
  if (visit.isJsonata) {
    if (state.Items === undefined) {
      if (!Array.isArray(data))
        throw new QueryEvaluationError(`Map state input must be an array but was: ${JSON.stringify(data)}`, undefined);
      return data;
    }
    const items = await evaluateTemplate(state.Items, "Items", visit.bindings());
    if (!Array.isArray(items))
      throw unexpectedType(isExpression(state.Items) ? state.Items : "", "Items", "array", items);
    return items;
  }
  const path = state.ItemsPath ?? "$";
  let items: Json;
  try {
    items = evaluatePath(parsePath(path), visit.scope(data));
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw runtimeError(`Invalid path '${path}' : ${error.detail}`);
  }
  if (!Array.isArray(items)) throw runtimeError(`Reference path "${path}" must point to array.`);
  visit.inspect("afterItemsPath", Payload.of(items));
  return items;
}

/** What one item's processor gets. */
export async function itemInput(visit: Visit, data: Json, map: JsonObject, value: Json): Promise<Json> {
  const { state } = visit;
  const selector = state.ItemSelector ?? (visit.isJsonata ? undefined : state.Parameters);
  if (selector === undefined) return value;
  return visit.isJsonata
    ? await evaluateTemplate(selector, "ItemSelector", visit.bindings({}, map))
    : visit.template(selector, data, map);
}

export async function maxConcurrency(visit: Visit, data: Json): Promise<number> {
  return (await visit.number("MaxConcurrency", "integer", data)) ?? 0;
}

async function mapInline(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  const { state, run, frame, name } = visit;
  const data = visit.effectiveInput().value;
  const limit = await maxConcurrency(visit, data);
  const items = await itemsOf(visit, data);
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw runtimeError("The Map state has no ItemProcessor.");
  if (!resume)
    run.emit(
      frame.cursor,
      "MapStateStarted",
      { mapStateStartedEventDetails: { length: items.length } },
      { scope: frame.scope },
    );
  // An iteration's first event refers to where the one before it ended when they run in turn, else to the state's start.
  const turn = { last: frame.cursor.last };
  let lastSucceeded = frame.cursor.last;
  const concurrency = limit > 0 ? Math.min(limit, INLINE_CONCURRENCY) : INLINE_CONCURRENCY;
  const { payloads } = await together(visit, items.length, concurrency, (index, scope) => {
    const left = resume?.children[index];
    if (left && "output" in left) return Payload.read(left.output.text, left.output.value);
    const value = items[index] as Json;
    const map = { Item: { Index: index, Value: value } };
    const iteration = new Frame(
      processor,
      processor.QueryLanguage ?? frame.language,
      scope,
      new Cursor(turn.last),
      new Variables(frame.variables),
      map,
      left ?? undefined,
    );
    const details = { index, name };
    const open = {
      type: "MapIteration",
      details: { mapIterationAbortedEventDetails: details },
      cursor: iteration.cursor,
    };
    return {
      frame: iteration,
      work: async () => {
        scope.open.push(open);
        if (!left)
          run.emit(iteration.cursor, "MapIterationStarted", { mapIterationStartedEventDetails: details }, { scope });
        return runMachine(run, iteration, Payload.of(await itemInput(visit, data, map, value)));
      },
      onSuccess: () => {
        scope.open.splice(0);
        lastSucceeded = run.emit(
          iteration.cursor,
          "MapIterationSucceeded",
          { mapIterationSucceededEventDetails: details },
          { advance: false, scope },
        );
        turn.last = iteration.cursor.last;
      },
      onFailure: () => {
        scope.open.splice(0);
        run.emit(
          iteration.cursor,
          "MapIterationFailed",
          { mapIterationFailedEventDetails: details },
          { advance: false, scope },
        );
      },
    };
  });
  frame.cursor.move(lastSucceeded);
  run.emit(frame.cursor, "MapStateSucceeded", {}, { advance: false, scope: frame.scope });
  return { payload: Payload.list(payloads) };
}
