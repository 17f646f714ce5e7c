// Distributed Map: items from the state's data or from S3, a child execution for each item or batch, a bound on failures.
// Source: "Using Map state in Distributed mode" in the Step Functions Developer Guide.
import type { State } from "../../definition/types.js";
import { runtimeError, StatesError } from "../../language/errors.js";
import { isObject, type Json, type JsonObject } from "../../language/json.js";
import { evaluateTemplate } from "../../language/jsonata.js";
import type { ChildResult, ResultExport } from "../effects.js";
import { asNumber, type Visit } from "../fields.js";
import type { Checkpoint } from "../frame.js";
import type { MapItem } from "../items.js";
import type { Result } from "../machine.js";
import { Payload } from "../payload.js";
import { Abandoned, errorDetails } from "../run.js";
import { childInputs } from "./itemBatcher.js";
import { itemsOf, maxConcurrency } from "./map.js";
import {
  itemsIn,
  located,
  type MapRunProgress,
  runChildren,
  sum,
  type Tolerance,
  thresholdExceeded,
} from "./mapRun.js";

const MAXIMUM_READ_ITEMS = 100_000_000;

export async function mapDistributed(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  const { state, run, frame, name } = visit;
  const data = visit.effectiveInput().value;
  const limit = await maxConcurrency(visit, data);
  const left = resume?.mapRun;
  const own = state.ItemReader === undefined && !left ? await itemsOf(visit, data) : undefined;
  const progress: MapRunProgress = left
    ? { ...left, results: left.results.map((result) => (result?.status === "SUCCEEDED" ? result : undefined)) }
    : { mapRunArn: run.options.newMapRunArn(state, name), results: [] };
  const { mapRunArn } = progress;
  if (frame.current) frame.current.mapRun = progress;
  if (!left)
    run.emit(
      frame.cursor,
      "MapStateStarted",
      { mapStateStartedEventDetails: { length: own?.length ?? 0 } },
      { scope: frame.scope },
    );
  const tolerance = await toleranceOf(visit, data);
  const started = left
    ? run.emit(
        frame.cursor,
        "MapRunRedriven",
        { mapRunRedrivenEventDetails: { mapRunArn, redriveCount: run.options.redrive?.count ?? 1 } },
        { scope: frame.scope },
      )
    : run.emit(frame.cursor, "MapRunStarted", { mapRunStartedEventDetails: { mapRunArn } }, { scope: frame.scope });
  let writer: ResultExport | undefined;
  const tell = (status: "RUNNING" | "SUCCEEDED" | "FAILED") =>
    run.tell({
      kind: "mapRun",
      mapRunArn,
      state: name,
      status,
      maxConcurrency: limit,
      toleratedFailureCount: tolerance.count ?? 0,
      toleratedFailurePercentage: tolerance.percentage ?? 0,
      total: progress.inputs?.length ?? own?.length ?? 0,
      items: sum(progress.inputs?.map(itemsIn(state)) ?? []),
      ...(progress.inputs ? { inputs: progress.inputs } : {}),
      ...(writer ? { writer } : {}),
    });
  try {
    writer = await writerOf(visit, data);
    await open(visit, mapRunArn, writer);
    progress.inputs ??= await childInputs(visit, data, own ?? (await readItems(visit, data)));
    tell("RUNNING");
    const { results, hasFailed } = await runChildren(visit, progress, limit, tolerance);
    if (hasFailed) {
      // What came of the children is exported all the same; that they failed matters more than that this may fail too.
      if (writer?.resource !== undefined) await run.perform(frame.scope, { kind: "writeResults", mapRunArn });
      throw thresholdExceeded();
    }
    const output = writer ? await writtenOutput(visit, mapRunArn) : outputsOf(results);
    tell("SUCCEEDED");
    const succeeded = run.emit(frame.cursor, "MapRunSucceeded", {}, { advance: false, scope: frame.scope });
    run.emitAfter(succeeded, frame.cursor, "MapStateSucceeded", {}, frame.scope);
    // On AWS the exit refers to the run's success, but for an execution's second state, where it refers to the run's start.
    return { payload: output, exitAfter: visit.ordinal === 2 ? started : succeeded };
  } catch (error) {
    if (error instanceof Abandoned || !(error instanceof StatesError)) throw error;
    tell("FAILED");
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
  return { count, percentage };
}

/** @throws StatesError `States.Permissions`, `States.ResultWriterFailed` */
async function open(visit: Visit, mapRunArn: string, writer: ResultExport | undefined): Promise<void> {
  const reply = await visit.run.perform(visit.frame.scope, {
    kind: "openMapRun",
    mapRunArn,
    ...(writer ? { writer } : {}),
  });
  if (reply.kind === "failed") throw located(new StatesError(reply.error, reply.cause));
}

async function readItems(visit: Visit, data: Json): Promise<MapItem[]> {
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

async function writerOf(visit: Visit, data: Json): Promise<ResultExport | undefined> {
  const writer = visit.state.ResultWriter;
  if (!writer) return undefined;
  const parameters = visit.isJsonata
    ? await evaluateTemplate(writer.Arguments ?? {}, "ResultWriter/Arguments", visit.bindings())
    : visit.template(writer.Parameters ?? {}, data);
  return {
    ...(writer.Resource === undefined ? {} : { resource: writer.Resource }),
    parameters,
    config: isObject(writer.WriterConfig) ? writer.WriterConfig : {},
  };
}

/** The Map's output without a ResultWriter; a child that failed, but is tolerated, stands in its place. */
const outputsOf = (results: (ChildResult | undefined)[]): Payload =>
  Payload.of(
    results.map((result) => (result?.status === "SUCCEEDED" ? (result.output as Json) : failedOutput(result))),
  );

const failedOutput = (result: ChildResult | undefined): JsonObject => ({
  Status: "FAILED",
  ...(result?.error === undefined ? {} : { Error: result.error }),
  ...(result?.cause === undefined ? {} : { Cause: result.cause }),
});

/** The Map's output from its ResultWriter. @throws StatesError `States.ResultWriterFailed` */
async function writtenOutput(visit: Visit, mapRunArn: string): Promise<Payload> {
  const reply = await visit.run.perform(visit.frame.scope, { kind: "writeResults", mapRunArn });
  if (reply.kind === "failed") throw located(new StatesError(reply.error ?? "States.ResultWriterFailed", reply.cause));
  if (reply.kind !== "succeeded") throw new Error(`a result writer was answered with ${reply.kind}`);
  return Payload.of(reply.output);
}
