// Distributed Map: items from the state's data or from S3, a child execution for each item or batch, a bound on failures.
// Source: "Using Map state in Distributed mode" in the Step Functions Developer Guide.
import type { ResultWriter, State } from "../../definition/types.js";
import { runtimeError, StatesError } from "../../language/errors.js";
import { isObject, type Json, type JsonObject, sizeOf } from "../../language/json.js";
import { evaluateTemplate } from "../../language/jsonata.js";
import { evaluatePath, PathNotFoundError, parsePath } from "../../language/jsonPath.js";
import type { ChildResult } from "../effects.js";
import { asNumber, type Visit } from "../fields.js";
import { MAXIMUM_PAYLOAD_BYTES, type Result } from "../machine.js";
import { Payload } from "../payload.js";
import { Abandoned, errorDetails } from "../run.js";
import { itemInput, itemsOf, maxConcurrency } from "./map.js";

const MAXIMUM_CHILDREN_AT_ONCE = 10_000;
const MAXIMUM_READ_ITEMS = 100_000_000;

/** How many child executions may fail. */
interface Tolerance {
  count: number;
  percentage: number;
}

export async function mapDistributed(visit: Visit): Promise<Result> {
  const { state, run, frame, name } = visit;
  const data = visit.effectiveInput().value;
  const limit = await maxConcurrency(visit, data);
  const own = state.ItemReader === undefined ? await itemsOf(visit, data) : undefined;
  const mapRunArn = run.options.newMapRunArn(state, name);
  run.emit(
    frame.cursor,
    "MapStateStarted",
    { mapStateStartedEventDetails: { length: own?.length ?? 0 } },
    { scope: frame.scope },
  );
  const tolerance = await toleranceOf(visit, data);
  const started = run.emit(
    frame.cursor,
    "MapRunStarted",
    { mapRunStartedEventDetails: { mapRunArn } },
    { scope: frame.scope },
  );
  const tell = (status: "RUNNING" | "SUCCEEDED" | "FAILED", total: number) =>
    run.tell({
      kind: "mapRun",
      mapRunArn,
      state: name,
      status,
      maxConcurrency: limit,
      toleratedFailureCount: tolerance.count,
      toleratedFailurePercentage: tolerance.percentage,
      total,
    });
  let total = own?.length ?? 0;
  try {
    const items = own ?? (await readItems(visit, data));
    const inputs = await childInputs(visit, data, items);
    total = inputs.length;
    tell("RUNNING", total);
    const results = await runChildren(visit, inputs, limit, tolerance, mapRunArn);
    const output = await outputOf(visit, data, results, mapRunArn);
    tell("SUCCEEDED", total);
    const succeeded = run.emit(frame.cursor, "MapRunSucceeded", {}, { advance: false, scope: frame.scope });
    run.emitAfter(succeeded, frame.cursor, "MapStateSucceeded", {}, frame.scope);
    // On AWS the exit refers to the run's start, but for an execution's first state, where it refers to the run's success.
    return { payload: output, exitAfter: visit.isFirst ? succeeded : started };
  } catch (error) {
    if (error instanceof Abandoned || !(error instanceof StatesError)) throw error;
    tell("FAILED", total);
    run.emit(
      frame.cursor,
      "MapRunFailed",
      { mapRunFailedEventDetails: errorDetails(error.error, error.cause) },
      { scope: frame.scope },
    );
    throw error;
  }
}

async function toleranceOf(visit: Visit, data: Json): Promise<Tolerance> {
  const count = await visit.number("ToleratedFailureCount", "integer", data);
  const percentage = await visit.number("ToleratedFailurePercentage", "float", data);
  if (count !== undefined && count < 0) throw runtimeError("ToleratedFailureCount cannot be negative.");
  if (percentage !== undefined && (percentage < 0 || percentage > 100))
    throw runtimeError("ToleratedFailurePercentage must be between 0 and 100.");
  return { count: count ?? 0, percentage: percentage ?? 0 };
}

async function readItems(visit: Visit, data: Json): Promise<Json[]> {
  const reader = visit.state.ItemReader as NonNullable<State["ItemReader"]>;
  const config: JsonObject = isObject(reader.ReaderConfig) ? reader.ReaderConfig : {};
  const parameters = visit.isJsonata
    ? await evaluateTemplate(reader.Arguments ?? {}, "ItemReader/Arguments", visit.bindings())
    : visit.template(reader.Parameters ?? {}, data);
  const maxItems = await maxItemsOf(visit, config, data);
  const reply = await visit.run.perform(visit.frame.scope, {
    kind: "readItems",
    resource: reader.Resource,
    parameters,
    config,
    ...(maxItems ? { maxItems } : {}),
  });
  if (reply.kind === "failed") throw located(new StatesError(reply.error ?? "States.ItemReaderFailed", reply.cause));
  if (reply.kind !== "items") throw new Error(`an item reader was answered with ${reply.kind}`);
  return reply.items;
}

async function maxItemsOf(visit: Visit, config: JsonObject, data: Json): Promise<number | undefined> {
  let value: Json | undefined = config.MaxItems;
  if (visit.isJsonata && typeof value === "string")
    value = await evaluateTemplate(value, "ItemReader/ReaderConfig/MaxItems", visit.bindings());
  const path = config.MaxItemsPath;
  if (typeof path === "string") {
    const found = visit.text(path, "MaxItemsPath", data);
    value = asNumber(found);
    if (value === undefined || !Number.isInteger(value))
      throw runtimeError(
        `The MaxItemsPath field refers to value "${JSON.stringify(found)}" which is not a valid integer: ${path}`,
      );
  }
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < 0) throw runtimeError("field MaxItems must be positive");
  return Math.min(value, MAXIMUM_READ_ITEMS);
}

/** What each child gets: an item, or a batch of them. */
async function childInputs(visit: Visit, data: Json, items: Json[]): Promise<Json[]> {
  const inputs: Json[] = [];
  for (const [index, value] of items.entries())
    inputs.push(await itemInput(visit, data, { Item: { Index: index, Value: value } }, value));
  const batcher = visit.state.ItemBatcher;
  if (!batcher) return inputs;
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

/** Runs the children, at most `limit` at once. @throws StatesError when more fail than is tolerated */
async function runChildren(
  visit: Visit,
  inputs: Json[],
  limit: number,
  tolerance: Tolerance,
  mapRunArn: string,
): Promise<ChildResult[]> {
  const { run, frame, name, state } = visit;
  const type = (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.ExecutionType ?? "STANDARD";
  const concurrency = limit > 0 ? Math.min(limit, MAXIMUM_CHILDREN_AT_ONCE) : MAXIMUM_CHILDREN_AT_ONCE;
  const results: ChildResult[] = new Array(inputs.length);
  const scope = frame.scope.child();
  let next = 0;
  let done = 0;
  let failed = 0;
  let hasFailed = false;
  await run.suspend<void>(frame.scope, (resume) => {
    let hasEnded = false;
    const end = () => {
      if (hasEnded || !(hasFailed || done === inputs.length)) return;
      hasEnded = true;
      resume();
    };
    const startNext = () => {
      while (next < inputs.length && next - done < concurrency && !hasFailed) {
        const index = next++;
        const input = inputs[index] as Json;
        const id = run.request(
          scope,
          { kind: "childExecution", mapRunArn, state: name, type, input, index },
          (reply) => {
            if (reply.kind !== "succeeded" && reply.kind !== "failed") return;
            run.release(scope, id);
            const about = { executionArn: reply.executionArn ?? "", name: reply.name ?? "", input };
            if (reply.kind === "succeeded") results[index] = { ...about, status: "SUCCEEDED", output: reply.output };
            else {
              results[index] = { ...about, status: "FAILED", ...errorDetails(reply.error, reply.cause) };
              failed += 1;
            }
            done += 1;
            if (isExceeded(failed, inputs.length, tolerance)) {
              hasFailed = true;
              run.cancel(scope);
            } else startNext();
            end();
          },
        );
      }
    };
    startNext();
    end();
  });
  frame.scope.children.delete(scope);
  if (hasFailed)
    throw located(
      new StatesError(
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
      ),
    );
  return results;
}

/** Whether so many failures are more than both bounds allow. */
export function isExceeded(failed: number, total: number, { count, percentage }: Tolerance): boolean {
  if (failed === 0) return false;
  return failed > count && (failed / total) * 100 > percentage;
}

async function outputOf(visit: Visit, data: Json, results: ChildResult[], mapRunArn: string): Promise<Payload> {
  const writer = visit.state.ResultWriter;
  if (!writer)
    return Payload.of(results.filter((result) => result.status === "SUCCEEDED").map((result) => result.output as Json));
  const parameters = visit.isJsonata
    ? await evaluateTemplate(writer.Arguments ?? {}, "ResultWriter/Arguments", visit.bindings())
    : visit.template(writer.Parameters ?? {}, data);
  const reply = await visit.run.perform(visit.frame.scope, {
    kind: "writeResults",
    mapRunArn,
    ...(writer.Resource === undefined ? {} : { resource: writer.Resource }),
    parameters,
    config: configOf(writer),
    results,
  });
  if (reply.kind === "failed") throw located(new StatesError(reply.error ?? "States.ResultWriterFailed", reply.cause));
  if (reply.kind !== "succeeded") throw new Error(`a result writer was answered with ${reply.kind}`);
  return Payload.of(reply.output);
}

const configOf = (writer: ResultWriter): JsonObject => (isObject(writer.WriterConfig) ? writer.WriterConfig : {});

/** The error as it stands: its cause speaks of the map's run, not of the state's fields. */
function located(error: StatesError): StatesError {
  error.isLocated = true;
  return error;
}

/** The list that `ItemsPath` names in a JSON file's content. @throws StatesError `States.ItemReaderFailed` */
export function listIn(content: Json, itemsPath: string | undefined): Json[] {
  let list: Json = content;
  if (itemsPath !== undefined)
    try {
      list = evaluatePath(parsePath(itemsPath), { data: content, context: {}, variable: () => undefined });
    } catch (error) {
      if (!(error instanceof PathNotFoundError)) throw error;
      throw new StatesError("States.ItemReaderFailed", `The ItemsPath '${itemsPath}' leads nowhere in the file.`);
    }
  if (Array.isArray(list)) return list;
  if (isObject(list)) return Object.entries(list).map(([Key, Value]) => ({ Key, Value }));
  throw new StatesError("States.ItemReaderFailed", "Attempting to map over non-iterable node.");
}
