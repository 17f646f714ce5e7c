// The history of an execution as Step Functions records it, read while it grows.
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from "@aws-sdk/client-sfn";

const PAGE = 200;

/** Events after `lastId`, oldest first. Reads backwards from the newest, so that a long history is not read again. */
export async function eventsAfter(client: SFNClient, executionArn: string, lastId: number): Promise<HistoryEvent[]> {
  const fresh: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: PAGE, nextToken }),
    );
    for (const event of page.events ?? []) {
      if ((event.id ?? 0) <= lastId) return fresh.reverse();
      fresh.push(event);
    }
    nextToken = page.nextToken;
  } while (nextToken);
  return fresh.reverse();
}

/** Between two looks at an execution: from this, growing, to that. */
const WAIT_MS = { first: 100, most: 2_000, factor: 1.4 };

/** How long to wait before the next look, in milliseconds: short while things happen, longer while they do not. */
export const nextWait = (previousMs: number, somethingHappened: boolean): number =>
  somethingHappened ? WAIT_MS.first : Math.min(Math.round(previousMs * WAIT_MS.factor), WAIT_MS.most);

export interface Followed {
  execution: DescribeExecutionCommandOutput;
  history: HistoryEvent[];
}

/**
 * Follows an execution to its end. `onEvents` hears of new events as they come.
 *
 * @param wait the pause between looks; rejects when the caller gives up
 */
export async function followExecution(
  client: SFNClient,
  executionArn: string,
  onEvents: (events: HistoryEvent[]) => void,
  wait: (ms: number) => Promise<void>,
): Promise<Followed> {
  const history: HistoryEvent[] = [];
  for (let pause = WAIT_MS.first; ; ) {
    // Described before its history is read: a finished execution's history is complete.
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    const events = await eventsAfter(client, executionArn, history.at(-1)?.id ?? 0);
    history.push(...events);
    if (events.length > 0) onEvents(events);
    if (execution.status !== "RUNNING" && execution.status !== "PENDING_REDRIVE") return { execution, history };
    pause = nextWait(pause, events.length > 0);
    await wait(pause);
  }
}
