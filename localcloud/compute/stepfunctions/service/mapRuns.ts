// Runs of Distributed Maps.
import { z } from "zod";
import type { MapRunChanges, MapRunEffect } from "../interpreter/effects.js";
import type { JsonObject } from "../language/json.js";
import { ApiError } from "./errors.js";
import type { Starter } from "./executions.js";
import type { Execution, ExecutionStatus, MapRun } from "./model.js";
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
    itemCounts: counts(run, ({ itemCount = 1 }) => itemCount, run.items),
    executionCounts: counts(run, () => 1, run.total),
    redriveCount: run.redriveCount,
    ...(run.redrivenAt ? { redriveDate: seconds(run.redrivenAt) } : {}),
  };
}

/** Child executions, or the items that they stand for, by status. */
function counts(run: MapRun, weigh: (child: Execution) => number, total: number): JsonObject {
  const sums: Partial<Record<ExecutionStatus, number>> = {};
  let begun = 0;
  for (const child of run.executions) {
    sums[child.status] = (sums[child.status] ?? 0) + weigh(child);
    begun += weigh(child);
  }
  return {
    pending: run.status === "RUNNING" ? Math.max(total - begun, 0) : 0,
    running: sums.RUNNING ?? 0,
    succeeded: sums.SUCCEEDED ?? 0,
    failed: sums.FAILED ?? 0,
    timedOut: sums.TIMED_OUT ?? 0,
    aborted: sums.ABORTED ?? 0,
    total,
    resultsWritten: run.areResultsWritten ? begun : 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}

/** Keeps what an execution tells of one of its Map Runs. */
export function recordMapRun(region: Region, execution: Execution, effect: MapRunEffect, now: Date): void {
  let run = region.mapRuns.get(effect.mapRunArn);
  if (!run) {
    run = {
      arn: effect.mapRunArn,
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      status: effect.status,
      startedAt: now,
      maxConcurrency: effect.maxConcurrency,
      toleratedFailureCount: effect.toleratedFailureCount,
      toleratedFailurePercentage: effect.toleratedFailurePercentage,
      total: effect.total,
      items: effect.items,
      executions: [],
      byIndex: new Map(),
      inputs: [],
      areResultsWritten: false,
      redriveCount: 0,
    };
    region.mapRuns.set(run.arn, run);
    execution.mapRuns.push(run);
  } else if (effect.status === "RUNNING") {
    run.redriveCount += 1;
    run.redrivenAt = now;
    delete run.stoppedAt;
    run.areResultsWritten = false;
  }
  run.status = effect.status;
  run.total = effect.total;
  run.items = effect.items;
  if (effect.inputs) run.inputs = effect.inputs;
  if (effect.writer) run.writer = effect.writer;
  if (effect.status !== "RUNNING") run.stoppedAt = now;
}

export function listMapRuns(region: Region, body: JsonObject): JsonObject {
  const { executionArn } = z.object({ executionArn: z.string() }).parse(body);
  const { items, nextToken } = page([...region.execution(executionArn).mapRuns].reverse(), body);
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
export function updateMapRun(region: Region, body: unknown, starter: Pick<Starter, "updateMapRun">): JsonObject {
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
  const { mapRunArn: _arn, ...given } = request;
  const changes: MapRunChanges = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  Object.assign(run, changes);
  starter.updateMapRun(region, run, changes);
  return {};
}
