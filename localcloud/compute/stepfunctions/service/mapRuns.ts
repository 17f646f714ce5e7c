// Runs of Distributed Maps.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError } from "./errors.js";
import type { ExecutionStatus, MapRun } from "./model.js";
import { seconds } from "./names.js";
import { page } from "./paging.js";
import type { Region } from "./store.js";

function runOf(region: Region, arn: unknown): MapRun {
  const run = region.mapRuns.get(String(arn));
  if (!run)
    throw new ApiError("ResourceNotFound", `Resource not found: '${String(arn)}'`, { resourceName: String(arn) });
  return run;
}

export function describeMapRun(region: Region, body: JsonObject): JsonObject {
  const run = runOf(region, body.mapRunArn);
  return {
    mapRunArn: run.arn,
    executionArn: run.executionArn,
    status: run.status,
    startDate: seconds(run.startedAt),
    ...(run.stoppedAt ? { stopDate: seconds(run.stoppedAt) } : {}),
    maxConcurrency: run.maxConcurrency,
    toleratedFailurePercentage: run.toleratedFailurePercentage,
    toleratedFailureCount: run.toleratedFailureCount,
    itemCounts: counts(run),
    executionCounts: counts(run),
    redriveCount: 0,
  };
}

function counts(run: MapRun): JsonObject {
  const of = (...statuses: ExecutionStatus[]) =>
    run.executions.filter(({ status }) => statuses.includes(status)).length;
  return {
    pending: run.status === "RUNNING" ? Math.max(run.total - run.executions.length, 0) : 0,
    running: of("RUNNING"),
    succeeded: of("SUCCEEDED"),
    failed: of("FAILED"),
    timedOut: of("TIMED_OUT"),
    aborted: of("ABORTED"),
    total: run.total,
    resultsWritten: run.resultsWritten,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}

export function listMapRuns(region: Region, body: JsonObject): JsonObject {
  const { executionArn } = z.object({ executionArn: z.string() }).parse(body);
  region.execution(executionArn);
  const runs = [...region.mapRuns.values()].filter((run) => run.executionArn === executionArn);
  const { items, nextToken } = page(runs, body);
  return {
    mapRuns: items.map((run) => ({
      executionArn: run.executionArn,
      mapRunArn: run.arn,
      stateMachineArn: run.stateMachineArn,
      startDate: seconds(run.startedAt),
      ...(run.stoppedAt ? { stopDate: seconds(run.stoppedAt) } : {}),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}

/** The bounds of a run that goes on are changed; they hold for what has not ended. */
export function updateMapRun(region: Region, body: unknown): JsonObject {
  const request = z
    .object({
      mapRunArn: z.string(),
      maxConcurrency: z.number().int().min(0).optional(),
      toleratedFailurePercentage: z.number().min(0).max(100).optional(),
      toleratedFailureCount: z.number().int().min(0).optional(),
    })
    .parse(body);
  const run = runOf(region, request.mapRunArn);
  if (run.status !== "RUNNING")
    throw new ApiError("ValidationException", "Map Run is not in a valid state: it has ended");
  const { mapRunArn: _arn, ...changes } = request;
  Object.assign(run, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)));
  return {};
}
