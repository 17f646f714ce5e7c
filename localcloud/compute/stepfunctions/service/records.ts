// How an execution looks from outside: its status change event, its lines in the log.
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
