// What each child execution of a Distributed Map gets: an item, or a batch of them.
import { runtimeError, StatesError } from "../../language/errors.js";
import { type Json, sizeOf } from "../../language/json.js";
import { evaluateTemplate } from "../../language/jsonata.js";
import type { Visit } from "../fields.js";
import type { MapItem } from "../items.js";
import { MAXIMUM_PAYLOAD_BYTES, tooLarge } from "../machine.js";
import { itemInput } from "./map.js";

/** @throws StatesError `States.DataLimitExceeded` for an item that is too large for the input of an execution */
export async function childInputs(visit: Visit, data: Json, items: MapItem[]): Promise<Json[]> {
  const inputs: Json[] = [];
  for (const [index, item] of items.entries()) inputs.push(await itemInput(visit, data, item, index));
  const batcher = visit.state.ItemBatcher;
  if (!batcher) {
    if (inputs.some((input) => sizeOf(JSON.stringify(input)) > MAXIMUM_PAYLOAD_BYTES)) throw tooLarge(visit.name);
    return inputs;
  }
  const most = await batchNumber(visit, "MaxItemsPerBatch", data);
  const bytes = Math.min(
    (await batchNumber(visit, "MaxInputBytesPerBatch", data)) ?? MAXIMUM_PAYLOAD_BYTES,
    MAXIMUM_PAYLOAD_BYTES,
  );
  const shared =
    batcher.BatchInput === undefined
      ? undefined
      : visit.isJsonata
        ? await evaluateTemplate(batcher.BatchInput, "ItemBatcher/BatchInput", visit.bindings())
        : visit.template(batcher.BatchInput, data);
  return batches(inputs, most ?? Number.POSITIVE_INFINITY, bytes, shared);
}

async function batchNumber(
  visit: Visit,
  field: "MaxItemsPerBatch" | "MaxInputBytesPerBatch",
  data: Json,
): Promise<number | undefined> {
  const batcher = visit.state.ItemBatcher;
  const path = batcher?.[`${field}Path`];
  let value = path === undefined ? batcher?.[field] : visit.text(path, `${field}Path`, data);
  if (visit.isJsonata && typeof value === "string")
    value = await evaluateTemplate(value, `ItemBatcher/${field}`, visit.bindings());
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value <= 0)
    throw runtimeError(
      `The ${field}${path === undefined ? "" : "Path"} field must be a positive integer, not ${JSON.stringify(value)}`,
    );
  return value;
}

/** Groups items into batches of at most `most` items and `bytes` bytes of JSON. @throws StatesError for an item that no batch can hold */
export function batches(items: Json[], most: number, bytes: number, shared: Json | undefined): Json[] {
  const wrap = (list: Json[]): Json => (shared === undefined ? { Items: list } : { BatchInput: shared, Items: list });
  const frame = sizeOf(JSON.stringify(wrap([])));
  const result: Json[] = [];
  let batch: Json[] = [];
  let size = frame;
  for (const item of items) {
    const length = sizeOf(JSON.stringify(item)) + (batch.length > 0 ? 1 : 0);
    if (frame + length > bytes && batch.length === 0)
      throw new StatesError("States.ItemReaderFailed", `An item is larger than the batch's limit of ${bytes} bytes.`);
    if (batch.length >= most || size + length > bytes) {
      result.push(wrap(batch));
      batch = [];
      size = frame;
    }
    batch.push(item);
    size += length;
  }
  if (batch.length > 0) result.push(wrap(batch));
  return result;
}
