import assert from "node:assert/strict";
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { followLogs, readLogs } from "../../../automation/executions/logs.js";

interface Event {
  logStreamName: string;
  timestamp: number;
  message: string;
}

/** A fake of CloudWatch Logs with its paging. */
function fakeLogs(groups: Record<string, Event[]>) {
  return {
    async send(command: {
      input: { logGroupName?: string; startTime?: number; nextToken?: string; logGroupNamePrefix?: string };
    }) {
      const { logGroupName = "", startTime = 0, nextToken, logGroupNamePrefix = "" } = command.input;
      if (command instanceof DescribeLogGroupsCommand)
        return {
          logGroups: Object.keys(groups)
            .filter((name) => name.startsWith(logGroupNamePrefix))
            .map((name) => ({ logGroupName: name })),
        };
      const events = (groups[logGroupName] ?? []).filter(({ timestamp }) => timestamp >= startTime);
      const at = Number(nextToken ?? 0);
      return { events: events.slice(at, at + 2), nextToken: at + 2 < events.length ? String(at + 2) : undefined };
    },
  } as never;
}

const event = (logStreamName: string, timestamp: number, message: string): Event => ({
  logStreamName,
  timestamp,
  message,
});

describe("logs", () => {
  it("come from all groups in the order of time, page by page", async () => {
    const client = fakeLogs({
      "/aws/batch/job": [event("j/1", 1, "a"), event("j/1", 3, "c"), event("j/1", 5, "e")],
      "/other": [event("s", 2, "b"), event("s", 4, "d")],
    });
    const lines = await readLogs(client, () => true);
    assert.deepEqual(
      lines.map(({ message }) => message),
      ["a", "b", "c", "d", "e"],
    );
    assert.deepEqual(
      (await readLogs(client, () => true, { group: "/aws" })).map(({ message }) => message),
      ["a", "c", "e"],
    );
    assert.deepEqual((await readLogs(client, (group) => group === "/other")).length, 2);
  });

  it("are followed without losing or repeating a line, also of the same millisecond", async () => {
    const events = [event("s", 10, "one"), event("s", 10, "one")];
    const seen: string[] = [];
    let looks = 0;
    const follow = followLogs(
      fakeLogs({ g: events }),
      () => true,
      {},
      async () => {
        looks += 1;
        if (looks === 1) events.push(event("s", 10, "one"), event("s", 10, "two"));
        if (looks === 2) events.push(event("s", 20, "three"));
        if (looks === 4) throw new Error("enough");
      },
    );
    await assert.rejects(async () => {
      for await (const line of follow) seen.push(line.message);
    }, /enough/);
    assert.deepEqual(seen, ["one", "one", "one", "two", "three"]);
  });
});
