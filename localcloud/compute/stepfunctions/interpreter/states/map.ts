// Map: a processor for each item, within this execution (inline) or as executions of their own (distributed).
import { QueryEvaluationError, runtimeError } from "../../language/errors.js";
import type { Json } from "../../language/json.js";
import { evaluateTemplate, isExpression, unexpectedType } from "../../language/jsonata.js";
import { evaluatePath, PathNotFoundError, parsePath } from "../../language/jsonPath.js";
import type { Visit } from "../fields.js";
import { type Checkpoint, Cursor, Frame, Variables } from "../frame.js";
import { inputOf, itemContext, iterate, type MapItem, STATE_DATA } from "../items.js";
import { type Result, runMachine } from "../machine.js";
import { Payload } from "../payload.js";
import { mapDistributed } from "./distributedMap.js";
import { mapMocked } from "./mockedMap.js";
import { together } from "./parallel.js";

/** Inline maps run at most so many iterations at once. Source: "Inline mode" in the Developer Guide. */
const INLINE_CONCURRENCY = 40;

const isDistributed = ({ state }: Visit): boolean =>
  (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.Mode === "DISTRIBUTED";

export async function mapItems(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  const { mockedMap } = visit.run.options;
  if (mockedMap) return mapMocked(visit, mockedMap);
  if (isDistributed(visit)) return mapDistributed(visit, resume);
  return mapInline(visit, resume);
}

/** The items that the state names in its data; only a Distributed Map goes through an object. @throws StatesError for anything else */
export async function itemsOf(visit: Visit, data: Json): Promise<MapItem[]> {
  const { state } = visit;
  const items = await itemsNode(visit, data);
  const found = Array.isArray(items) || isDistributed(visit) ? iterate(items, STATE_DATA) : undefined;
  if (found) {
    if (!visit.isJsonata) visit.inspect("afterItemsPath", Payload.of(items));
    return found;
  }
  if (!visit.isJsonata) throw runtimeError(`Reference path "${state.ItemsPath ?? "$"}" must point to array.`);
  if (state.Items === undefined)
    throw new QueryEvaluationError(`Map state input must be an array but was: ${JSON.stringify(items)}`, undefined);
  throw unexpectedType(isExpression(state.Items) ? state.Items : "", "Items", "array", items);
}

async function itemsNode(visit: Visit, data: Json): Promise<Json> {
  const { state } = visit;
  if (visit.isJsonata)
    return state.Items === undefined ? data : await evaluateTemplate(state.Items, "Items", visit.bindings());
  const path = state.ItemsPath ?? "$";
  try {
    return evaluatePath(parsePath(path), visit.scope(data));
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw runtimeError(`Invalid path '${path}' : ${error.detail}`);
  }
}

/** What one item's processor gets. */
export async function itemInput(visit: Visit, data: Json, item: MapItem, index: number): Promise<Json> {
  const { state } = visit;
  const selector = state.ItemSelector ?? (visit.isJsonata ? undefined : state.Parameters);
  if (selector === undefined) return inputOf(item);
  const map = itemContext(item, index);
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
    const item = items[index] as MapItem;
    const iteration = new Frame(
      processor,
      processor.QueryLanguage ?? frame.language,
      scope,
      new Cursor(turn.last),
      new Variables(frame.variables),
      itemContext(item, index),
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
        return runMachine(run, iteration, Payload.of(await itemInput(visit, data, item, index)));
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
