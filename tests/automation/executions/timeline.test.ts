import assert from "node:assert/strict";
import type { HistoryEvent, HistoryEventType } from "@aws-sdk/client-sfn";
import { eventsAfter, nextWait } from "../../../automation/executions/history.js";
import { Timeline, timelineOf } from "../../../automation/executions/timeline.js";

/** Events written as `[type, previous, details]`, a second apart. */
function history(
  ...lines: [type: HistoryEventType, previous: number, details?: Partial<HistoryEvent>][]
): HistoryEvent[] {
  return lines.map(([type, previousEventId, details], index) => ({
    id: index + 1,
    type,
    previousEventId,
    timestamp: new Date(index * 1000),
    ...details,
  }));
}

const entered = (name: string): Partial<HistoryEvent> => ({ stateEnteredEventDetails: { name } });
const exited = (name: string): Partial<HistoryEvent> => ({ stateExitedEventDetails: { name } });
const brief = (events: HistoryEvent[]) =>
  timelineOf(events).map(({ name, status, depth, attempts }) => [name, status, depth, attempts]);

describe("a history read as states", () => {
  it("tells the branches of a Parallel state apart, however their events interleave", () => {
    const events = history(
      ["ExecutionStarted", 0],
      ["ParallelStateEntered", 0, entered("Both")],
      ["ParallelStateStarted", 2],
      ["TaskStateEntered", 3, entered("A")],
      ["TaskStateEntered", 3, entered("B")],
      ["TaskScheduled", 5],
      ["TaskScheduled", 4],
      ["TaskSucceeded", 6],
      ["TaskStateExited", 8, exited("B")],
      ["TaskSucceeded", 7],
      ["TaskStateExited", 10, exited("A")],
      ["ParallelStateSucceeded", 11],
      ["ParallelStateExited", 12, exited("Both")],
      ["PassStateEntered", 13, entered("After")],
      ["PassStateExited", 14, exited("After")],
      ["ExecutionSucceeded", 15],
    );
    assert.deepEqual(brief(events), [
      ["Both", "succeeded", 0, 0],
      ["A", "succeeded", 1, 1],
      ["B", "succeeded", 1, 1],
      ["After", "succeeded", 0, 0],
    ]);
    const [both, a, b] = timelineOf(events);
    assert.equal(both?.exitedAt?.getTime(), 12_000);
    assert.equal(a?.exitedAt?.getTime(), 10_000);
    assert.equal(b?.exitedAt?.getTime(), 8_000);
  });

  it("forgets a failure that a retry made good", () => {
    const events = history(
      ["ExecutionStarted", 0],
      ["TaskStateEntered", 1, entered("T")],
      ["TaskScheduled", 2],
      [
        "TaskFailed",
        3,
        { taskFailedEventDetails: { resource: "r", resourceType: "t", error: "Throttled", cause: "c" } },
      ],
      ["TaskScheduled", 4],
      ["TaskSucceeded", 5],
      ["TaskStateExited", 6, exited("T")],
      ["ExecutionSucceeded", 7],
    );
    assert.deepEqual(brief(events), [["T", "succeeded", 0, 2]]);
    assert.equal(timelineOf(events)[0]?.error, undefined);
  });

  it("says what was caught, and what ended the execution", () => {
    const failure = { taskFailedEventDetails: { resource: "r", resourceType: "t", error: "Boom", cause: "because" } };
    const caught = history(
      ["ExecutionStarted", 0],
      ["TaskStateEntered", 1, entered("T")],
      ["TaskScheduled", 2],
      ["TaskFailed", 3, failure],
      ["TaskStateExited", 4, exited("T")],
      ["FailStateEntered", 5, entered("Failed")],
      ["ExecutionFailed", 6, { executionFailedEventDetails: { error: "Boom" } }],
    );
    assert.deepEqual(brief(caught), [
      ["T", "caught", 0, 1],
      ["Failed", "failed", 0, 0],
    ]);
    const fatal = timelineOf(caught.slice(0, 4).concat([{ ...caught[6], id: 5, previousEventId: 4 } as HistoryEvent]));
    assert.equal(fatal[0]?.status, "failed");
    assert.equal(fatal[0]?.error, "Boom");
    assert.equal(fatal[0]?.cause, "because");
    assert.ok(fatal[0]?.exitedAt);
  });

  it("tells each step once while the history grows", () => {
    const events = history(
      ["ExecutionStarted", 0],
      ["TaskStateEntered", 1, entered("T")],
      ["TaskScheduled", 2],
      ["TaskSucceeded", 3],
      ["TaskStateExited", 4, exited("T")],
    );
    const timeline = new Timeline();
    const steps = events.flatMap((event) => timeline.add([event]));
    assert.deepEqual(
      steps.map(({ name, phase, seconds }) => [name, phase, seconds]),
      [
        ["T", "entered", 0],
        ["T", "succeeded", 3],
      ],
    );
  });
});

describe("reading a history while it grows", () => {
  it("reads backwards only as far as what is new", async () => {
    const all = history(
      ["ExecutionStarted", 0],
      ["PassStateEntered", 1],
      ["PassStateExited", 2],
      ["ExecutionSucceeded", 3],
    );
    const asked: unknown[] = [];
    const client = {
      async send({ input }: { input: { nextToken?: string } }) {
        asked.push(input.nextToken);
        const from = Number(input.nextToken ?? all.length);
        const events = all.slice(Math.max(0, from - 2), from).reverse();
        return { events, nextToken: from > 2 ? String(from - 2) : undefined };
      },
    };
    const ids = (events: HistoryEvent[]) => events.map(({ id }) => id);
    assert.deepEqual(ids(await eventsAfter(client as never, "arn", 0)), [1, 2, 3, 4]);
    assert.deepEqual(asked, [undefined, "2"]);
    assert.deepEqual(ids(await eventsAfter(client as never, "arn", 3)), [4]);
    assert.equal(asked.length, 3);
  });

  it("looks often while things happen and seldom while they do not", () => {
    let wait = nextWait(0, true);
    assert.equal(wait, 100);
    for (let look = 0; look < 20; look += 1) wait = nextWait(wait, false);
    assert.equal(wait, 2000);
    assert.equal(nextWait(wait, true), 100);
  });
});
