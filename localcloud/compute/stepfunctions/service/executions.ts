// Operations on executions.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { MapRunChanges } from "../interpreter/effects.js";
import { MAXIMUM_PAYLOAD_BYTES } from "../interpreter/machine.js";
import { type JsonObject, sizeOf } from "../language/json.js";
import { whatIsWrong } from "../language/jsonText.js";
import { route } from "./aliases.js";
import { billingDetails } from "./billing.js";
import { ApiError, validation } from "./errors.js";
import type { Execution, MapRun, StateMachine } from "./model.js";
import { checkName, seconds } from "./names.js";
import { page } from "./paging.js";
import { describeRevision } from "./stateMachines.js";
import { checkArn, type Region } from "./store.js";

const Start = z.object({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default("{}"),
  traceHeader: z.string().optional(),
});

/** Redrives end so many days after an execution. Source: "Restarting state machine executions with redrive". */
const REDRIVE_DAYS = 14;

/** An execution with as many events is not redriven. Source: RedriveExecution, API Reference. */
const REDRIVABLE_EVENTS = 24_999;

/** What starts and stops executions. */
export interface Starter {
  start(region: Region, execution: Execution): void;
  stop(execution: Execution, error?: string, cause?: string): void;
  /** Continues an execution that has ended; a Distributed Map's child with its `Map` of the Context object. */
  redrive(region: Region, execution: Execution, mapContext?: JsonObject): void;
  updateMapRun(region: Region, run: MapRun, changes: MapRunChanges): void;
  random(): number;
  now(): Date;
}

/** An execution that has not begun yet. */
export function newExecution(
  region: Region,
  machine: StateMachine,
  request: { name: string; input: string; now: Date; arn?: string } & Partial<
    Pick<Execution, "versionArn" | "aliasArn" | "mapRunArn" | "itemCount" | "traceHeader">
  >,
): Execution {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { name, input, now, arn, ...rest } = request;
  const version = rest.versionArn ? machine.versions.get(Number(rest.versionArn.split(":")[7])) : undefined;
  return {
    arn:
      arn ??
      (machine.type === "EXPRESS"
        ? region.arn("express", machine.name, name, randomUUID())
        : region.arn("execution", machine.name, name)),
    name,
    machine,
    revision: version?.revision ?? machine.revision,
    ...rest,
    status: "RUNNING",
    input,
    startedAt: now,
    redriveCount: 0,
    events: [],
    mapRuns: [],
    ended,
    end,
  };
}

/** Checks and registers a new execution; idempotent by name for a running Standard execution with the same input. */
export function startExecution(
  region: Region,
  body: unknown,
  starter: Starter,
): { execution: Execution; answer: JsonObject } {
  const request = Start.parse(body);
  const { machine, version, alias } = region.resolve(request.stateMachineArn);
  const name = request.name ?? randomUUID();
  checkName(name);
  checkInput(request.input);
  const versionArn = alias ? route(alias, () => starter.random()) : version?.arn;
  const execution = newExecution(region, machine, {
    name,
    input: request.input,
    now: starter.now(),
    ...(versionArn === undefined ? {} : { versionArn }),
    ...(alias ? { aliasArn: alias.arn } : {}),
    ...(request.traceHeader === undefined ? {} : { traceHeader: request.traceHeader }),
  });
  const existing = machine.type === "STANDARD" ? region.executions.get(execution.arn) : undefined;
  if (existing) {
    if (existing.status !== "RUNNING" || existing.input !== request.input)
      throw new ApiError("ExecutionAlreadyExists", `Execution Already Exists: '${existing.arn}'`);
    return { execution: existing, answer: { executionArn: existing.arn, startDate: seconds(existing.startedAt) } };
  }
  region.executions.set(execution.arn, execution);
  starter.start(region, execution);
  return { execution, answer: { executionArn: execution.arn, startDate: seconds(execution.startedAt) } };
}

function checkInput(input: string): void {
  const refuse = (reason: string) => {
    throw new ApiError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
  };
  if (input.trim() === "") refuse("Invalid execution input.");
  try {
    JSON.parse(input);
  } catch {
    refuse(whatIsWrong(input));
  }
  if (sizeOf(input) > MAXIMUM_PAYLOAD_BYTES)
    throw validation(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAXIMUM_PAYLOAD_BYTES}`,
    );
}

/** @throws ApiError StateMachineTypeNotSupported for a Standard state machine */
export async function startSyncExecution(region: Region, body: unknown, starter: Starter): Promise<JsonObject> {
  const { machine } = region.resolve(Start.parse(body).stateMachineArn);
  if (machine.type !== "EXPRESS")
    throw new ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
  const { execution } = startExecution(region, body, starter);
  await execution.ended;
  const { status, startedAt, stoppedAt = startedAt } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: machine.arn,
    name: execution.name,
    startDate: seconds(startedAt),
    stopDate: seconds(stoppedAt),
    status: status === "ABORTED" ? "FAILED" : status,
    input: execution.input,
    inputDetails: { included: true },
    ...(execution.output === undefined ? {} : { output: execution.output, outputDetails: { included: true } }),
    ...failure(execution),
    billingDetails: billingDetails(execution),
  };
}

const failure = ({ error, cause }: Execution): JsonObject => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

export function stopExecution(region: Region, body: unknown, starter: Starter): JsonObject | Promise<JsonObject> {
  const request = z
    .object({
      executionArn: z.string(),
      error: z.string().max(256).optional(),
      cause: z.string().max(32_768).optional(),
    })
    .parse(body);
  const execution = standard(region, request.executionArn);
  if (execution.status !== "RUNNING") return { stopDate: seconds(execution.stoppedAt ?? starter.now()) };
  starter.stop(execution, request.error, request.cause);
  return execution.ended.then(() => ({ stopDate: seconds(execution.stoppedAt ?? starter.now()) }));
}

/** A Standard execution; Express executions have no such operations. @throws ApiError InvalidArn, ExecutionDoesNotExist */
export function standard(region: Region, arn: string): Execution {
  checkArn(arn, "execution", "express");
  if (arn.includes(":express:"))
    throw new ApiError("InvalidArn", `Invalid Arn: 'Resource type not valid in this context: express'`);
  return region.execution(arn);
}

export function describeExecution(region: Region, body: JsonObject, now: Date): JsonObject {
  const execution = standard(region, String(body.executionArn));
  const metadataOnly = body.includedData === "METADATA_ONLY";
  const isFinal = execution.status !== "RUNNING";
  const redrive = redriveState(execution, now);
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startedAt),
    ...(execution.stoppedAt && isFinal ? { stopDate: seconds(execution.stoppedAt) } : {}),
    ...(metadataOnly ? {} : { input: execution.input }),
    inputDetails: { included: !metadataOnly },
    ...(execution.output === undefined
      ? {}
      : { ...(metadataOnly ? {} : { output: execution.output }), outputDetails: { included: !metadataOnly } }),
    ...failure(execution),
    ...origin(execution),
    redriveCount: execution.redriveCount,
    redriveStatus: redrive.status,
    ...(redrive.reason === undefined ? {} : { redriveStatusReason: redrive.reason }),
    ...(execution.redrivenAt ? { redriveDate: seconds(execution.redrivenAt) } : {}),
    ...(execution.traceHeader === undefined ? {} : { traceHeader: execution.traceHeader }),
  };
}

const origin = ({ versionArn, aliasArn, mapRunArn }: Execution): JsonObject => ({
  ...(versionArn ? { stateMachineVersionArn: versionArn } : {}),
  ...(aliasArn ? { stateMachineAliasArn: aliasArn } : {}),
  ...(mapRunArn ? { mapRunArn } : {}),
});

/** Whether and how an execution can be redriven, and why not. */
export function redriveState(
  execution: Execution,
  now: Date,
): { status: "REDRIVABLE" | "REDRIVABLE_BY_MAP_RUN" | "NOT_REDRIVABLE"; reason?: string } {
  const reason = redriveRefusal(execution, now);
  if (reason !== undefined) return { status: "NOT_REDRIVABLE", reason };
  return { status: execution.mapRunArn ? "REDRIVABLE_BY_MAP_RUN" : "REDRIVABLE" };
}

function redriveRefusal(execution: Execution, now: Date): string | undefined {
  const { status } = execution;
  if (status === "SUCCEEDED" || status === "RUNNING") return `Execution is ${status} and cannot be redriven`;
  const since = now.getTime() - (execution.stoppedAt?.getTime() ?? 0);
  if (since > REDRIVE_DAYS * 86_400_000) return "Execution redrivable period exceeded.";
  if (execution.events.length >= REDRIVABLE_EVENTS) return "Execution history event limit exceeded.";
  return undefined;
}

export function redriveExecution(region: Region, body: unknown, starter: Starter): JsonObject {
  const { executionArn } = z.object({ executionArn: z.string(), clientToken: z.string().optional() }).parse(body);
  const execution = standard(region, executionArn);
  const now = starter.now();
  const refusal = redriveRefusal(execution, now);
  if (refusal !== undefined) throw new ApiError("ExecutionNotRedrivable", refusal);
  if (execution.mapRunArn)
    throw new ApiError("ExecutionNotRedrivable", "Execution is part of a Map Run and is redriven with it");
  starter.redrive(region, execution);
  return { redriveDate: seconds(now) };
}

const Listing = z.object({
  stateMachineArn: z.string().optional(),
  mapRunArn: z.string().optional(),
  statusFilter: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]).optional(),
  redriveFilter: z.enum(["REDRIVEN", "NOT_REDRIVEN"]).optional(),
});

/** The time that places an execution in a list: of one that runs its begin or redrive, of others their end. Source: ListExecutions, API Reference. */
const listedAt = ({ status, startedAt, redrivenAt, stoppedAt }: Execution): number =>
  (status === "RUNNING" ? (redrivenAt ?? startedAt) : (stoppedAt ?? startedAt)).getTime();

export function listExecutions(region: Region, body: JsonObject): JsonObject {
  const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = Listing.parse(body);
  if ((stateMachineArn === undefined) === (mapRunArn === undefined))
    throw validation("Must provide exactly one of stateMachineArn and mapRunArn");
  if (statusFilter === "PENDING_REDRIVE" && mapRunArn === undefined)
    throw validation("The status PENDING_REDRIVE can only be asked for together with a mapRunArn");
  let wanted: Execution[];
  if (mapRunArn !== undefined) {
    const run = region.mapRuns.get(mapRunArn);
    if (!run) throw new ApiError("ResourceNotFound", `Resource not found: '${mapRunArn}'`, { resourceName: mapRunArn });
    wanted = run.executions;
  } else {
    const { machine, version, alias } = region.resolve(stateMachineArn as string);
    if (machine.type === "EXPRESS")
      throw new ApiError(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
      );
    wanted = [...region.executions.values()].filter(
      (execution) =>
        execution.machine === machine &&
        execution.mapRunArn === undefined &&
        (!version || execution.versionArn === version.arn) &&
        (!alias || execution.aliasArn === alias.arn),
    );
  }
  const filtered = wanted
    .filter(({ status }) => statusFilter === undefined || status === statusFilter)
    .filter(({ redriveCount }) => redriveFilter === undefined || (redriveFilter === "REDRIVEN") === redriveCount > 0)
    .reverse()
    .sort((left, right) => listedAt(right) - listedAt(left));
  const { items, nextToken } = page(filtered, body, { keyOf: ({ arn }) => arn });
  return {
    executions: items.map((execution) => ({
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      name: execution.name,
      status: execution.status,
      startDate: seconds(execution.startedAt),
      ...(execution.stoppedAt ? { stopDate: seconds(execution.stoppedAt) } : {}),
      ...origin(execution),
      ...(execution.redriveCount > 0 ? { redriveCount: execution.redriveCount } : {}),
      ...(execution.redrivenAt ? { redriveDate: seconds(execution.redrivenAt) } : {}),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}

export function describeForExecution(region: Region, body: JsonObject): JsonObject {
  const { machine, revision, mapRunArn } = standard(region, String(body.executionArn));
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    updateDate: seconds(revision.updatedAt),
    ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
    ...describeRevision(revision),
    ...(mapRunArn ? { mapRunArn } : {}),
  };
}
