// A Map state whose work is mocked (TestState): its fields are evaluated up to what its children would get, and no child runs.
// Source: "Testing state machines with TestState API" in the Developer Guide, and AWS's answers for what is shown.
import { StatesError } from "../../language/errors.js";
import { isObject } from "../../language/json.js";
import type { Visit } from "../fields.js";
import { inputOf, type MapItem } from "../items.js";
import type { Result } from "../machine.js";
import { Payload } from "../payload.js";
import { errorDetails } from "../run.js";
import { childInputs } from "./itemBatcher.js";
import { itemInput, itemsOf, maxConcurrency } from "./map.js";
import { located } from "./mapRun.js";

/** What stands in for a Map's work. */
export interface MockedMap {
  /** What the ItemReader would have read; absent: nothing is known of the items. */
  readItems?: () => Promise<MapItem[]>;
  /** How many items are said to have failed. */
  failures: number;
}

export async function mapMocked(visit: Visit, mock: MockedMap): Promise<Result> {
  const { state, run, frame } = visit;
  const data = visit.effectiveInput().value;
  const show = (stage: string, value: unknown) => visit.inspect(stage, Payload.of(value as never));
  const items = state.ItemReader ? await mock.readItems?.() : await itemsOf(visit, data);
  show("maxConcurrency", await maxConcurrency(visit, data));
  const count = await visit.number("ToleratedFailureCount", "integer", data);
  const percentage = await visit.number("ToleratedFailurePercentage", "float", data);
  if (count !== undefined) show("toleratedFailureCount", count);
  if (percentage !== undefined) show("toleratedFailurePercentage", percentage);
  if (items) {
    if (isObject(state.ItemReader?.ReaderConfig) && state.ItemReader.ReaderConfig.ItemsPointer !== undefined)
      show("afterItemsPointer", items.map(inputOf));
    if (state.ItemSelector !== undefined || (!visit.isJsonata && state.Parameters !== undefined)) {
      const inputs = [];
      for (const [index, item] of items.entries()) inputs.push(await itemInput(visit, data, item, index));
      show("afterItemSelector", inputs);
    }
    if (state.ItemBatcher) show("afterItemBatcher", await childInputs(visit, data, items));
  }
  const reply = await run.perform(frame.scope, { kind: "task", state: visit.name, resource: "", parameters: null });
  const fail = (error: string | undefined, cause: string | undefined): never => {
    run.emit(
      frame.cursor,
      "TaskFailed",
      { taskFailedEventDetails: errorDetails(error, cause) },
      { scope: frame.scope },
    );
    throw located(new StatesError(error, cause));
  };
  if (reply.kind === "failed") return fail(reply.error, reply.cause);
  if (reply.kind !== "succeeded") throw new Error(`a mocked Map state was answered with ${reply.kind}`);
  const share = (mock.failures / Math.max(items?.length ?? 0, 1)) * 100;
  const isExceeded =
    (count !== undefined && mock.failures > count) || (percentage !== undefined && items && share > percentage);
  if (isExceeded)
    return fail("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");
  return { payload: reply.text === undefined ? Payload.of(reply.output) : Payload.read(reply.text, reply.output) };
}
