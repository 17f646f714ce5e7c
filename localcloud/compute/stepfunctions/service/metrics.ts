// Figures of executions and of their tasks. Source: "Monitoring Step Functions metrics using Amazon CloudWatch".
import type { HistoryEvent } from "../interpreter/effects.js";
import { billing } from "./billing.js";
import type { Execution, ExecutionStatus } from "./model.js";

export interface Metric {
  name: string;
  value: number;
  unit: "Count" | "Milliseconds" | "Bytes";
  /** Without any, a figure of the account. */
  dimensions: Record<string, string>;
  /** @default AWS/States */
  namespace?: "AWS/States" | "AWS/Usage";
}

type Figure = Omit<Metric, "dimensions" | "namespace">;

const count = (name: string): Figure => ({ name, value: 1, unit: "Count" });

/** How the metrics of an execution's end are called. */
const ENDED: Partial<Record<ExecutionStatus, string>> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

/** What the status that an execution has just taken counts for, in its account, by state machine, and by version or alias. */
export function executionMetrics(execution: Execution): Metric[] {
  const { machine, versionArn, aliasArn } = execution;
  const qualifier = (arn: string) => arn.split(":").at(-1) ?? "";
  const StateMachineArn = machine.arn;
  const own = { StateMachineArn };
  const qualified: Record<string, string>[] = [];
  if (versionArn) qualified.push({ StateMachineArn, Version: qualifier(versionArn) });
  if (aliasArn) qualified.push({ StateMachineArn, Alias: qualifier(aliasArn) });
  const express = expressFigures(execution);
  return [
    ...by([{}, own, ...qualified], statusFigures(execution)),
    ...by([own, ...qualified], redriveFigures(execution)),
    ...by([{}, own], express.billed),
    ...by([own], express.used),
  ];
}

const by = (sets: Record<string, string>[], figures: Figure[]): Metric[] =>
  sets.flatMap((dimensions) => figures.map((figure) => ({ ...figure, dimensions })));

function statusFigures({ status, startedAt, stoppedAt, redriveCount }: Execution): Figure[] {
  const ended = ENDED[status];
  if (!ended) return redriveCount > 0 ? [] : [count("ExecutionsStarted")];
  const value = (stoppedAt ?? startedAt).getTime() - startedAt.getTime();
  return [count(ended), { name: "ExecutionTime", value, unit: "Milliseconds" }];
}

/** An execution that is redriven counts once more, as such. */
function redriveFigures({ status, redriveCount }: Execution): Figure[] {
  if (redriveCount === 0) return [];
  const ended = ENDED[status];
  return [count(ended ? `Redriven${ended}` : "ExecutionsRedriven")];
}

function expressFigures(execution: Execution): { billed: Figure[]; used: Figure[] } {
  if (execution.machine.type !== "EXPRESS" || !ENDED[execution.status]) return { billed: [], used: [] };
  const { memoryBytes, billedMemoryBytes, billedDurationMs } = billing(execution);
  return {
    billed: [
      { name: "ExpressExecutionBilledDuration", value: billedDurationMs, unit: "Milliseconds" },
      { name: "ExpressExecutionBilledMemory", value: billedMemoryBytes, unit: "Bytes" },
    ],
    used: [{ name: "ExpressExecutionMemory", value: memoryBytes, unit: "Bytes" }],
  };
}

const KINDS = {
  Activity: { plural: "Activities", single: "Activity", dimension: "ActivityArn" },
  LambdaFunction: { plural: "LambdaFunctions", single: "LambdaFunction", dimension: "LambdaFunctionArn" },
  Task: { plural: "ServiceIntegrations", single: "ServiceIntegration", dimension: "ServiceIntegrationResourceArn" },
} as const;

const TASK_EVENT = /^(Activity|LambdaFunction|Task)(Scheduled|Started|Succeeded|Failed|TimedOut)$/;

/** What the events from `from` on count for, by the resource that the tasks called; those of activities also in the account. */
export function taskMetrics({ events }: Pick<Execution, "events">, from: number): Metric[] {
  return events.slice(from).flatMap((event) => {
    const [, kind, happened] = TASK_EVENT.exec(event.type) ?? [];
    if (!kind || !happened) return [];
    const { plural, single, dimension } = KINDS[kind as keyof typeof KINDS];
    const { scheduled, started } = beginning(events, event, kind);
    const resource = scheduled && resourceOf(scheduled);
    if (!resource) return [];
    const time = (suffix: string, since: HistoryEvent): Figure => ({
      name: `${single}${suffix}`,
      value: event.timestampMs - since.timestampMs,
      unit: "Milliseconds",
    });
    const missedHeartbeat = kind === "Activity" && happened === "TimedOut" && isHeartbeat(scheduled, event);
    const figures = [count(`${plural}${missedHeartbeat ? "HeartbeatTimedOut" : happened}`)];
    if (happened === "Started") figures.push(time("ScheduleTime", scheduled));
    else if (happened !== "Scheduled")
      figures.push(time("Time", scheduled), ...(started ? [time("RunTime", started)] : []));
    return by([...(kind === "Activity" ? [{}] : []), { [dimension]: resource }], figures);
  });
}

/** Whether a task that timed out had missed a heartbeat: it had not yet taken all of its time. */
function isHeartbeat(scheduled: HistoryEvent, timedOut: HistoryEvent): boolean {
  const { heartbeatInSeconds, timeoutInSeconds } = detailsOf(scheduled);
  if (heartbeatInSeconds === undefined) return false;
  return (
    timeoutInSeconds === undefined || timedOut.timestampMs - scheduled.timestampMs < Number(timeoutInSeconds) * 1000
  );
}

/** The events with which the task of an event began. */
function beginning(
  events: readonly HistoryEvent[],
  event: HistoryEvent,
  kind: string,
): { scheduled?: HistoryEvent; started?: HistoryEvent } {
  const found: { scheduled?: HistoryEvent; started?: HistoryEvent } = {};
  const first = events[0]?.id ?? 1;
  for (let at: HistoryEvent | undefined = event; at?.type.startsWith(kind); at = events[at.previousEventId - first]) {
    if (at.type === `${kind}Started`) found.started = at;
    if (at.type === `${kind}Scheduled`) return { ...found, scheduled: at };
  }
  return found;
}

interface ScheduledDetails {
  resource?: string;
  resourceType?: string;
  timeoutInSeconds?: number;
  heartbeatInSeconds?: number;
}

const detailsOf = (scheduled: HistoryEvent): ScheduledDetails =>
  scheduled.taskScheduledEventDetails ??
  scheduled.lambdaFunctionScheduledEventDetails ??
  scheduled.activityScheduledEventDetails ??
  {};

function resourceOf(scheduled: HistoryEvent): string | undefined {
  const { resource, resourceType } = detailsOf(scheduled);
  if (!resource) return undefined;
  return resourceType ? `arn:aws:states:::${resourceType}:${resource}` : resource;
}
