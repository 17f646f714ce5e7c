// The export of a Distributed Map's results. Source: "ResultWriter (Map)" in the Step Functions Developer Guide.

import type { ChildResult, WriteResultsEffect } from "../interpreter/effects.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import type { ItemFiles } from "./itemReader.js";

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
