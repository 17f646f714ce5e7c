// What an execution tells the rest of the cloud: status change events, metrics, logs.

import type { ComputeContext } from "../../service.js";
import type { JsonObject } from "../language/json.js";
import { apiEvent, isFinal } from "./executions.js";
import type { Execution } from "./model.js";
import type { Observer } from "./world.js";

/** Metrics of the namespace AWS/States. Source: "Monitoring Step Functions metrics using Amazon CloudWatch". */
const METRICS: Record<string, string> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

const LEVELS: Record<string, RegExp> = {
  ALL: /./,
  ERROR: /(Failed|TimedOut|Aborted)$/,
  FATAL: /^Execution(Failed|TimedOut|Aborted)$/,
};

/** How the rest of the cloud is reached. */
export interface Outlets {
  putEvent: ComputeContext["putEvent"];
  putMetrics(
    account: string,
    region: string,
    metrics: { name: string; value: number; unit: string; dimensions: Record<string, string> }[],
  ): Promise<void>;
  /** Adds lines to a log stream, making group and stream as needed. */
  log(
    account: string,
    region: string,
    group: string,
    stream: string,
    lines: { atMs: number; text: string }[],
  ): Promise<void>;
  report(message: string): void;
}

export function observer(outlets: Outlets): Observer {
  const lastOf = new Map<string, Promise<void>>();
  /** One thing after the other for each execution, so that events keep their order. */
  const inTurn = (key: string, work: () => Promise<void>) => {
    const next = (lastOf.get(key) ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => outlets.report(`states: ${key}: ${(error as Error).message}`));
    lastOf.set(key, next);
    void next.then(() => {
      if (lastOf.get(key) === next) lastOf.delete(key);
    });
  };
  return {
    executionChanged(execution, region) {
      const detail = statusDetail(execution);
      // Express executions send no events. Source: "Step Functions events", EventBridge User Guide.
      if (execution.machine.type === "STANDARD")
        inTurn(execution.arn, () =>
          outlets.putEvent(region.account, region.region, {
            source: "aws.states",
            detailType: "Step Functions Execution Status Change",
            detail,
            resources: [execution.arn],
          }),
        );
      inTurn(`${execution.arn} metrics`, () => outlets.putMetrics(region.account, region.region, metricsOf(execution)));
    },
    recorded(execution, region, from) {
      const { level, includeExecutionData, destinations } = execution.revision.loggingConfiguration;
      const pattern = LEVELS[String(level)];
      const group = logGroup(destinations);
      if (!pattern || !group) return;
      const lines = execution.events
        .slice(from)
        .filter(({ type }) => pattern.test(type))
        .map((event) => ({
          atMs: event.timestampMs,
          text: JSON.stringify({
            id: String(event.id),
            type: event.type,
            details: detailsOf(apiEvent(event, includeExecutionData === true)),
            previous_event_id: String(event.previousEventId),
            event_timestamp: String(event.timestampMs),
            execution_arn: execution.arn,
          }),
        }));
      if (lines.length === 0) return;
      const started = execution.startedAt.toISOString().slice(0, 16).replace("T", "-").replace(":", "-");
      const stream = `states/${execution.machine.name}/${started}/${execution.name.slice(0, 8)}`;
      inTurn(`${execution.arn} log`, () => outlets.log(region.account, region.region, group, stream, lines));
    },
    async drained() {
      while (lastOf.size > 0) await Promise.all(lastOf.values());
    },
  };
}

function detailsOf(event: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(event)) if (key.endsWith("EventDetails")) return value as JsonObject;
  return {};
}

function logGroup(destinations: unknown): string | undefined {
  const first = (destinations as { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[] | undefined)?.[0];
  const arn = first?.cloudWatchLogsLogGroup?.logGroupArn;
  return arn ? /:log-group:(.+?)(:\*)?$/.exec(arn)?.[1] : undefined;
}

/** The `detail` of a status change event. */
export function statusDetail(execution: Execution): JsonObject {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt.getTime(),
    stopDate: execution.stoppedAt?.getTime() ?? null,
    input: execution.input,
    inputDetails: { included: true },
    output: execution.output ?? null,
    outputDetails: execution.output === undefined ? null : { included: true },
    stateMachineVersionArn: execution.versionArn ?? null,
    stateMachineAliasArn: execution.aliasArn ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt?.getTime() ?? null,
    redriveStatus: execution.status === "SUCCEEDED" || execution.status === "RUNNING" ? "NOT_REDRIVABLE" : "REDRIVABLE",
    redriveStatusReason: null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
  };
}

function metricsOf(execution: Execution): Parameters<Outlets["putMetrics"]>[2] {
  const dimensions = { StateMachineArn: execution.machine.arn };
  const count = (name: string) => ({ name, value: 1, unit: "Count", dimensions });
  if (!isFinal(execution.status))
    return [count(execution.redriveCount > 0 ? "ExecutionsRedriven" : "ExecutionsStarted")];
  const milliseconds = (execution.stoppedAt ?? execution.startedAt).getTime() - execution.startedAt.getTime();
  return [
    count(METRICS[execution.status] as string),
    { name: "ExecutionTime", value: milliseconds, unit: "Milliseconds", dimensions },
  ];
}
