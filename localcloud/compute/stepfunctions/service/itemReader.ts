// Items of a Distributed Map from S3: CSV, JSON, JSON Lines, a manifest, a listing, Parquet; and the export of its results.
// Source: "ItemReader (Map)" and "ResultWriter (Map)" in the Step Functions Developer Guide.

import type { ChildResult, ReadItemsEffect, WriteResultsEffect } from "../interpreter/effects.js";
import { listIn } from "../interpreter/states/distributedMap.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { parseCsv } from "./csv.js";

/** S3 as the execution's role sees it. */
export interface ItemFiles {
  get(bucket: string, key: string): Promise<Buffer>;
  /** Every object below a prefix, as ListObjectsV2 describes it. */
  list(bucket: string, prefix: string): AsyncIterable<JsonObject>;
  put(bucket: string, key: string, body: string): Promise<void>;
  /** Rows of a Parquet file. */
  parquet(body: Buffer): Promise<Json[]>;
}

const fail = (cause: string): never => {
  throw new StatesError("States.ItemReaderFailed", cause);
};

/** Reads the items that an ItemReader names. @throws StatesError `States.ItemReaderFailed` */
export async function readItems(effect: ReadItemsEffect, files: ItemFiles): Promise<Json[]> {
  const parameters = isObject(effect.parameters) ? effect.parameters : {};
  const limit = effect.maxItems ?? Number.POSITIVE_INFINITY;
  const bucket = text(parameters.Bucket, "Bucket");
  if (effect.resource.endsWith(":s3:listObjectsV2")) {
    const items: Json[] = [];
    for await (const object of files.list(bucket, typeof parameters.Prefix === "string" ? parameters.Prefix : "")) {
      if (items.length >= limit) break;
      items.push(object);
    }
    return items;
  }
  if (!effect.resource.endsWith(":s3:getObject"))
    return fail(`The resource ${effect.resource} is not supported by an ItemReader.`);
  const items = await fileItems(effect.config, await files.get(bucket, text(parameters.Key, "Key")), files);
  return items.slice(0, limit);
}

async function fileItems(config: JsonObject, body: Buffer, files: ItemFiles): Promise<Json[]> {
  switch (config.InputType) {
    case "CSV":
      return csvItems(body.toString("utf8"), config);
    case "JSON":
      return listIn(
        parse(body.toString("utf8")),
        typeof config.ItemsPointer === "string" ? pointerPath(config.ItemsPointer) : undefined,
      );
    case "JSONL":
      return body
        .toString("utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map(parse);
    case "PARQUET":
      return files.parquet(body);
    case "MANIFEST":
      return manifestItems(parse(body.toString("utf8")), config, files);
    default:
      return fail(`The InputType ${JSON.stringify(config.InputType ?? null)} is not supported.`);
  }
}

/** A JSON pointer (`/a/0`) as a path. */
function pointerPath(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  return `$${parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `['${part.replaceAll("~1", "/").replaceAll("~0", "~")}']`)).join("")}`;
}

function parse(content: string): Json {
  try {
    return JSON.parse(content) as Json;
  } catch (error) {
    return fail(`Failed to parse the file as JSON: ${(error as Error).message}`);
  }
}

function text(value: Json | undefined, field: string): string {
  return typeof value === "string" ? value : fail(`The ItemReader's ${field} must be a string.`);
}

const DELIMITERS: Record<string, string> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

/** Rows as objects by column. */
export function csvItems(content: string, config: JsonObject): Json[] {
  const delimiter =
    DELIMITERS[String(config.CSVDelimiter ?? "COMMA")] ??
    fail(`The CSVDelimiter ${String(config.CSVDelimiter)} is not supported.`);
  const rows = parseCsv(content, delimiter);
  const headers =
    config.CSVHeaderLocation === "GIVEN"
      ? Array.isArray(config.CSVHeaders)
        ? config.CSVHeaders.map(String)
        : []
      : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length) fail("CSV headers cannot contain duplicates.");
  return rows.map((row) => Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ""])));
}

/** An S3 Inventory manifest: every row of its data files is an item. */
async function manifestItems(manifest: Json, config: JsonObject, files: ItemFiles): Promise<Json[]> {
  if (!isObject(manifest) || !Array.isArray(manifest.files)) return fail("The manifest has no list of files.");
  const bucket = String(manifest.destinationBucket ?? "").replace(/^arn:aws:s3:::/, "");
  const headers = String(manifest.fileSchema ?? "")
    .split(",")
    .map((name) => name.trim());
  const items: Json[] = [];
  for (const file of manifest.files) {
    const key = isObject(file) ? text(file.key, "manifest file's key") : fail("A file of the manifest has no key.");
    const body = await files.get(bucket, key);
    if (config.ManifestType === "ATHENA_DATA" || manifest.fileFormat === "CSV")
      items.push(...csvItems(body.toString("utf8"), { CSVHeaderLocation: "GIVEN", CSVHeaders: headers }));
    else if (manifest.fileFormat === "Parquet") items.push(...(await files.parquet(body)));
    else fail(`The manifest's file format ${String(manifest.fileFormat)} is not supported.`);
  }
  return items;
}

/** Writes the results of a run and gives the Map's output. @throws StatesError `States.ResultWriterFailed` */
export async function writeResults(effect: WriteResultsEffect, files: ItemFiles): Promise<Json> {
  const { config, results } = effect;
  const parameters = isObject(effect.parameters) ? effect.parameters : {};
  const shaped = transformed(results, String(config.Transformation ?? "NONE"));
  if (effect.resource === undefined) return shaped;
  const bucket = String(parameters.Bucket ?? "");
  const prefix = String(parameters.Prefix ?? "");
  const run = effect.mapRunArn.split(":").pop() ?? "";
  const folder = prefix === "" ? run : `${prefix.replace(/\/$/, "")}/${run}`;
  const type = String(config.OutputType ?? "JSON");
  const extension = type === "JSONL" ? "jsonl" : "json";
  const written: Record<string, JsonObject[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  try {
    for (const status of ["SUCCEEDED", "FAILED"] as const) {
      const chosen = results.filter((result) => result.status === status);
      if (chosen.length === 0) continue;
      const key = `${folder}/${status}_0.${extension}`;
      const body = render(transformed(chosen, String(config.Transformation ?? "NONE")), type);
      await files.put(bucket, key, body);
      written[status]?.push({ Key: key, Size: Buffer.byteLength(body) });
    }
    const manifest = { DestinationBucket: bucket, MapRunArn: effect.mapRunArn, ResultFiles: written };
    await files.put(bucket, `${folder}/manifest.json`, JSON.stringify(manifest));
  } catch (error) {
    throw new StatesError("States.ResultWriterFailed", (error as Error).message);
  }
  return { MapRunArn: effect.mapRunArn, ResultWriterDetails: { Bucket: bucket, Key: `${folder}/manifest.json` } };
}

const render = (values: Json[], type: string): string =>
  type === "JSONL" ? values.map((value) => JSON.stringify(value)).join("\n") : JSON.stringify(values);

function transformed(results: ChildResult[], transformation: string): Json[] {
  if (transformation === "COMPACT") return results.map((result) => result.output ?? null);
  if (transformation === "FLATTEN")
    return results.flatMap((result) => (Array.isArray(result.output) ? result.output : [result.output ?? null]));
  return results.map((result) => ({
    ExecutionArn: result.executionArn,
    Input: JSON.stringify(result.input),
    InputDetails: { Included: true },
    Name: result.name,
    ...(result.output === undefined
      ? {}
      : { Output: JSON.stringify(result.output), OutputDetails: { Included: true } }),
    ...(result.error === undefined ? {} : { Error: result.error }),
    ...(result.cause === undefined ? {} : { Cause: result.cause }),
    Status: result.status,
  }));
}
