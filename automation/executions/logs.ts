// The logs of an environment: CloudWatch Logs, across groups, in the order of time.
import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { codeOf } from "../errors.js";

export interface LogLine {
  group: string;
  stream: string;
  at: Date;
  message: string;
}

export interface LogOptions {
  /** Only groups whose name begins with this. @default all of the environment */
  group?: string;
  /** Only streams whose name contains this, e.g. a job's id. */
  stream?: string;
  /** Only lines from then on. */
  since?: Date;
  /** CloudWatch Logs' filter pattern. */
  filter?: string;
}

/** Whether a group and stream belong to the environment. */
export type LogScope = (group: string, stream: string) => boolean;

const GROUPS_PAGE = 50;

export async function logGroups(client: CloudWatchLogsClient, prefix?: string): Promise<string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeLogGroupsCommand({ limit: GROUPS_PAGE, nextToken, ...(prefix && { logGroupNamePrefix: prefix }) }),
    );
    for (const { logGroupName } of page.logGroups ?? []) if (logGroupName) names.push(logGroupName);
    nextToken = page.nextToken;
  } while (nextToken);
  return names;
}

/** The lines that are there now, oldest first. */
export async function readLogs(
  client: CloudWatchLogsClient,
  scope: LogScope,
  options: LogOptions = {},
): Promise<LogLine[]> {
  const groups = await logGroups(client, options.group);
  const lines = await Promise.all(groups.map((group) => readGroup(client, group, scope, options)));
  return lines.flat().sort((a, b) => a.at.getTime() - b.at.getTime());
}

async function readGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  scope: LogScope,
  { stream, since, filter }: LogOptions,
): Promise<LogLine[]> {
  const events: FilteredLogEvent[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await client.send(
        new FilterLogEventsCommand({
          logGroupName,
          nextToken,
          ...(since && { startTime: since.getTime() }),
          ...(filter && { filterPattern: filter }),
        }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
  } catch (error) {
    // A group may go while it is read.
    if (codeOf(error) !== "ResourceNotFoundException") throw error;
  }
  return events
    .map((event) => ({
      group: logGroupName,
      stream: event.logStreamName ?? "",
      at: new Date(event.timestamp ?? 0),
      message: event.message ?? "",
    }))
    .filter((line) => scope(line.group, line.stream) && (stream === undefined || line.stream.includes(stream)));
}

const keyOf = (line: LogLine): string => `${line.group}\n${line.stream}\n${line.at.getTime()}\n${line.message}`;

/**
 * Lines as they come, until `wait` rejects.
 *
 * @param wait the pause between looks
 */
export async function* followLogs(
  client: CloudWatchLogsClient,
  scope: LogScope,
  options: LogOptions,
  wait: () => Promise<void>,
): AsyncGenerator<LogLine> {
  let since = options.since ?? new Date(0);
  // Lines of the last millisecond are read again: how often each was shown tells which of them are new.
  let shown = new Map<string, number>();
  for (;;) {
    const lines = await readLogs(client, scope, { ...options, since });
    const seen = new Map<string, number>();
    const newest = lines.at(-1)?.at ?? since;
    const kept = new Map<string, number>();
    for (const line of lines) {
      const key = keyOf(line);
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      if (line.at.getTime() === newest.getTime()) kept.set(key, count);
      if (count > (shown.get(key) ?? 0)) yield line;
    }
    shown = kept;
    since = newest;
    await wait();
  }
}
