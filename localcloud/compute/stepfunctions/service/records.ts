// How an execution looks from outside: its status change event, its metrics, its lines in the log.
import type { HistoryEvent } from "../interpreter/effects.js";
import { type JsonObject, sizeOf } from "../language/json.js";
import { apiEvent } from "./history.js";
import type { Execution } from "./model.js";

/** Escaped payloads beyond this are left out of events and cut in logs. Source: "CloudWatch Logs payloads", "EventBridge payloads". */
const MOST_BYTES = 248 * 1024;

/** The `detail` of a status change event. Source: "Automating Step Functions event delivery with EventBridge". */
export function statusDetail(execution: Execution): JsonObject {
  const { input, output } = execution;
  const size = sizeOf(JSON.stringify(input)) + sizeOf(JSON.stringify(output ?? ""));
  const included = size <= MOST_BYTES;
  const isRedrivable = execution.status !== "SUCCEEDED" && execution.status !== "RUNNING";
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt.getTime(),
    stopDate: execution.stoppedAt?.getTime() ?? null,
    input: included ? input : null,
    output: included ? (output ?? null) : null,
    inputDetails: { included },
    outputDetails: output === undefined ? null : { included },
    stateMachineVersionArn: execution.versionArn ?? null,
    stateMachineAliasArn: execution.aliasArn ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt?.getTime() ?? null,
    redriveStatus: isRedrivable ? "REDRIVABLE" : "NOT_REDRIVABLE",
    redriveStatusReason: isRedrivable ? null : `Execution is ${execution.status} and cannot be redriven`,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
  };
}

export interface Metric {
  name: string;
  value: number;
  unit: "Count" | "Milliseconds";
  dimensions: Record<string, string>;
}

/** Metrics of an execution's end by its status. Source: "Monitoring Step Functions metrics using Amazon CloudWatch". */
const ENDED: Record<string, string> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

/** What the status that an execution has just taken counts for, by state machine, and by version or alias where it has one. */
export function executionMetrics(execution: Execution): Metric[] {
  const { machine, status, startedAt, stoppedAt, versionArn, aliasArn, redriveCount } = execution;
  const figures: Omit<Metric, "dimensions">[] = [];
  const ended = ENDED[status];
  if (ended) {
    figures.push({ name: ended, value: 1, unit: "Count" });
    const value = (stoppedAt ?? startedAt).getTime() - startedAt.getTime();
    figures.push({ name: "ExecutionTime", value, unit: "Milliseconds" });
  } else figures.push({ name: redriveCount > 0 ? "ExecutionsRedriven" : "ExecutionsStarted", value: 1, unit: "Count" });
  const qualifier = (arn: string) => arn.split(":").at(-1) ?? "";
  const sets: Record<string, string>[] = [{ StateMachineArn: machine.arn }];
  if (versionArn) sets.push({ StateMachineArn: machine.arn, Version: qualifier(versionArn) });
  if (aliasArn) sets.push({ StateMachineArn: machine.arn, Alias: qualifier(aliasArn) });
  return sets.flatMap((dimensions) => figures.map((figure) => ({ ...figure, dimensions })));
}

const KINDS = {
  Activity: { plural: "Activities", dimension: "ActivityArn" },
  LambdaFunction: { plural: "LambdaFunctions", dimension: "LambdaFunctionArn" },
  Task: { plural: "ServiceIntegrations", dimension: "ServiceIntegrationResourceArn" },
} as const;

const TASK_EVENT = /^(Activity|LambdaFunction|Task)(Scheduled|Started|Succeeded|Failed|TimedOut)$/;

/** What the events from `from` on count for, by the resource that the tasks called. */
export function taskMetrics({ events }: Execution, from: number): Metric[] {
  return events.slice(from).flatMap((event) => {
    const [, kind, happened] = TASK_EVENT.exec(event.type) ?? [];
    if (!kind || !happened) return [];
    const { plural, dimension } = KINDS[kind as keyof typeof KINDS];
    const { scheduled, started } = beginning(events, event, kind);
    const resource = scheduled && resourceOf(scheduled);
    if (!resource) return [];
    const dimensions = { [dimension]: resource };
    const count: Metric = { name: `${plural}${happened}`, value: 1, unit: "Count", dimensions };
    const time = (suffix: string, since: HistoryEvent): Metric => ({
      name: `${kind === "Task" ? "ServiceIntegration" : kind}${suffix}`,
      value: event.timestampMs - since.timestampMs,
      unit: "Milliseconds",
      dimensions,
    });
    if (happened === "Started") return [count, time("ScheduleTime", scheduled)];
    if (happened === "Scheduled") return [count];
    return [count, time("Time", scheduled), ...(started ? [time("RunTime", started)] : [])];
  });
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

function resourceOf(scheduled: HistoryEvent): string | undefined {
  const details = (scheduled.taskScheduledEventDetails ??
    scheduled.lambdaFunctionScheduledEventDetails ??
    scheduled.activityScheduledEventDetails) as { resource?: string; resourceType?: string } | undefined;
  if (!details?.resource) return undefined;
  return details.resourceType ? `arn:aws:states:::${details.resourceType}:${details.resource}` : details.resource;
}

/** Which events each level logs. Source: "Log levels for Step Functions execution events". */
const LEVELS: Record<string, RegExp> = {
  ALL: /./,
  ERROR: /(Failed|TimedOut|Aborted)$|^FailStateEntered$/,
  FATAL: /^Execution(Failed|TimedOut|Aborted)$/,
};

/** The lines that the state machine's logging configuration wants of the events from `from` on. */
export function logRecords(execution: Execution, from: number): { atMs: number; text: string }[] {
  const { level, includeExecutionData } = execution.revision.loggingConfiguration;
  const pattern = LEVELS[String(level)];
  if (!pattern) return [];
  return execution.events
    .slice(from)
    .filter(({ type }) => pattern.test(type))
    .map((event) => ({
      atMs: event.timestampMs,
      text: JSON.stringify({
        id: String(event.id),
        type: event.type,
        details: detailsOf(apiEvent(event, includeExecutionData === true)),
        redrive_count: String(execution.redriveCount),
        previous_event_id: String(event.previousEventId),
        event_timestamp: String(event.timestampMs),
        execution_arn: execution.arn,
      }),
    }));
}

/** The details of an event, with payloads cut to what a line of the log holds. */
function detailsOf(event: JsonObject): JsonObject {
  const details = Object.entries(event).find(([key]) => key.endsWith("EventDetails"))?.[1] as JsonObject | undefined;
  if (!details) return {};
  const cut = new Set(
    Object.keys(details).filter((name) => {
      const value = details[name];
      return typeof value === "string" && sizeOf(JSON.stringify(value)) > MOST_BYTES;
    }),
  );
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      if (cut.has(name))
        return [
          name,
          Buffer.from(String(value))
            .subarray(0, MOST_BYTES / 2)
            .toString("utf8"),
        ];
      return [name, cut.has(name.replace(/Details$/, "")) ? { truncated: true } : value];
    }),
  );
}
