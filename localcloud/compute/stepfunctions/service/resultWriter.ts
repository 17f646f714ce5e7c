// The export of a Distributed Map's results. Source: "ResultWriter (Map)" in the Step Functions Developer Guide.

import type { ResultExport } from "../interpreter/effects.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { redriveState } from "./executions.js";
import type { ItemFiles } from "./itemReader.js";
import type { Execution, MapRun } from "./model.js";

/** What became of a child, as the names of files have it; aborted and timed out ones are among the failed. */
type Group = "FAILED" | "PENDING" | "SUCCEEDED";

/**
 * Writes what became of a run's children, once none of them goes on, and gives the Map's output. Without a bucket to write to
 * the output is the results themselves.
 *
 * @throws StatesError `States.ResultWriterFailed`
 */
export async function writeResults(run: MapRun, files: ItemFiles, now: () => Date): Promise<Json> {
  const { resource, parameters, config }: ResultExport = run.writer ?? { parameters: {}, config: {} };
  const children = run.inputs.map((_, index) => run.byIndex.get(index));
  await Promise.all(children.map((child) => (child?.status === "RUNNING" ? child.ended : undefined)));
  const groups: Record<Group, Json[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  const all: Json[] = [];
  for (const [index, child] of children.entries()) {
    const shaped = child
      ? shape(child, String(config.Transformation ?? "NONE"), now())
      : [pendingRecord(run, run.inputs[index] as Json)];
    groups[groupOf(child)].push(...shaped);
    all.push(...shaped);
  }
  if (resource === undefined) return all;
  const place = placeOf(run.arn, parameters);
  const { bucket, folder } = place;
  try {
    await writeFiles(run.arn, groups, String(config.OutputType ?? "JSON"), place, files);
  } catch (error) {
    throw new StatesError("States.ResultWriterFailed", (error as Error).message);
  }
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: bucket, Key: `${folder}/manifest.json` } };
}

/** Writes a manifest that names no files, to see that the bucket takes it. @throws StatesError `States.ResultWriterFailed` */
export async function testWriter(
  mapRunArn: string,
  { parameters }: ResultExport,
  files: Pick<ItemFiles, "put">,
): Promise<void> {
  const place = placeOf(mapRunArn, parameters);
  try {
    await writeFiles(mapRunArn, { FAILED: [], PENDING: [], SUCCEEDED: [] }, "JSON", place, files);
  } catch (error) {
    throw new StatesError(
      "States.ResultWriterFailed",
      `Failed to write a test manifest into the specified output bucket. | Message from S3: ${(error as Error).message}`,
    );
  }
}

/** Where a run's files are. */
function placeOf(mapRunArn: string, parameters: Json): { bucket: string; folder: string } {
  const prefix = field(parameters, "Prefix").replace(/\/$/, "");
  const id = mapRunArn.split(":").pop() ?? "";
  return { bucket: field(parameters, "Bucket"), folder: prefix === "" ? id : `${prefix}/${id}` };
}

async function writeFiles(
  mapRunArn: string,
  groups: Record<Group, Json[]>,
  type: string,
  { bucket, folder }: { bucket: string; folder: string },
  files: Pick<ItemFiles, "put">,
): Promise<void> {
  const written: Record<Group, JsonObject[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const group of ["FAILED", "PENDING", "SUCCEEDED"] as const) {
    if (groups[group].length === 0) continue;
    const key = `${folder}/${group}_0.${type === "JSONL" ? "jsonl" : "json"}`;
    const body = render(groups[group], type);
    await files.put(bucket, key, body);
    written[group].push({ Key: key, Size: Buffer.byteLength(body) });
  }
  const manifest = { DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles: written };
  await files.put(bucket, `${folder}/manifest.json`, JSON.stringify(manifest));
}

function field(parameters: Json, name: string): string {
  const value = (isObject(parameters) ? parameters[name] : undefined) ?? (name === "Prefix" ? "" : undefined);
  if (typeof value === "string") return value;
  throw new StatesError("States.ResultWriterFailed", `The ResultWriter's ${name} must be a string.`);
}

const render = (values: Json[], type: string): string =>
  type === "JSONL" ? values.map((value) => JSON.stringify(value)).join("\n") : JSON.stringify(values);

function groupOf(child: Execution | undefined): Group {
  if (!child) return "PENDING";
  return child.status === "SUCCEEDED" ? "SUCCEEDED" : "FAILED";
}

/** What a child stands for in the results; one that failed has its whole record whatever the transformation. */
function shape(child: Execution, transformation: string, now: Date): Json[] {
  if (child.status !== "SUCCEEDED" || transformation === "NONE") return [childRecord(child, now)];
  const output = JSON.parse(child.output ?? "null") as Json;
  return transformation === "FLATTEN" && Array.isArray(output) ? output : [output];
}

function childRecord(child: Execution, now: Date): JsonObject {
  const { status, reason } = redriveState(child, now);
  return {
    ...(child.cause === undefined ? {} : { Cause: child.cause }),
    ...(child.error === undefined ? {} : { Error: child.error }),
    ExecutionArn: child.arn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output === undefined ? {} : { Output: child.output }),
    OutputDetails: { Included: true },
    RedriveCount: child.redriveCount,
    RedriveStatus: status,
    ...(reason === undefined ? {} : { RedriveStatusReason: reason }),
    StartDate: child.startedAt.toISOString(),
    StateMachineArn: child.machine.arn,
    Status: child.status,
    ...(child.stoppedAt ? { StopDate: child.stoppedAt.toISOString() } : {}),
  };
}

/** A child that was not begun has neither a name nor times. */
const pendingRecord = (run: MapRun, input: Json): JsonObject => ({
  Input: JSON.stringify(input),
  InputDetails: { Included: true },
  OutputDetails: { Included: true },
  StateMachineArn: `${run.stateMachineArn}/${run.arn.split("/")[1]?.split(":")[0] ?? ""}`,
  Status: "PENDING",
});
