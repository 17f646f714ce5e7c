import assert from "node:assert/strict";
import { passes, RETRY, retried } from "../../../../jobs/cat/normalize/retry.js";
import { Conflict, S3Store } from "../../../../jobs/cat/normalize/store.js";
import { tablePages } from "../../../../jobs/cat/normalize/table.js";

const failure = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

/** Waits for nothing, and tells how long it would have. */
function policy() {
  const pauses: number[] = [];
  return {
    pauses,
    attempts: 5,
    firstPauseMs: 50,
    longestPauseMs: 300,
    random: () => 1,
    wait: async (milliseconds: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
    },
  };
}

/** A client that fails so many times before it answers. */
function client(failures: Error[], answer: unknown) {
  const sent: { input: Record<string, unknown> }[] = [];
  return {
    sent,
    send: async (command: { input: Record<string, unknown> }) => {
      sent.push(command);
      const error = failures.shift();
      if (error) throw error;
      return answer;
    },
  };
}

const throttled = () => failure("ProvisionedThroughputExceededException", { $metadata: { httpStatusCode: 400 } });

describe("Trying again", () => {
  it("waits longer from attempt to attempt, up to a limit, and gives up in the end", async () => {
    const slow = policy();
    await assert.rejects(
      retried(() => Promise.reject(throttled()), undefined, slow),
      { name: "ProvisionedThroughputExceededException" },
    );
    assert.deepEqual(slow.pauses, [50, 100, 200, 300]);
  });

  it("tells what passes from what does not", () => {
    for (const error of [
      throttled(),
      failure("SlowDown"),
      failure("ThrottlingException"),
      failure("Unknown", { $metadata: { httpStatusCode: 503 } }),
      failure("Error", { code: "ECONNRESET" }),
    ])
      assert.ok(passes(error), error.name);
    for (const error of [failure("AccessDeniedException"), failure("ResourceNotFoundException"), failure("AbortError")])
      assert.ok(!passes(error), error.name);
  });

  it("is what reading the table does when it is throttled", async () => {
    const patient = policy();
    const dynamo = client([throttled(), throttled()], { Items: [{ conversationId: { S: "c1" } }] });
    const read = tablePages(dynamo as never, "talks", patient)(4);
    const page = await read(2, { conversationId: { S: "c0" } }, new AbortController().signal);
    assert.deepEqual(page, { items: [{ conversationId: { S: "c1" } }] });
    assert.deepEqual(dynamo.sent[2]?.input, {
      TableName: "talks",
      Segment: 2,
      TotalSegments: 4,
      ExclusiveStartKey: { conversationId: { S: "c0" } },
    });
    assert.deepEqual(patient.pauses, [50, 100]);
  });

  it("names the table that cannot be read, and the setting", async () => {
    const dynamo = client([failure("ResourceNotFoundException")], undefined);
    const read = tablePages(dynamo as never, "talks", policy())(1);
    await assert.rejects(read(0, undefined, new AbortController().signal), {
      name: "ResourceNotFoundException",
      message: /^Scanning the table talks failed: .*normalize\.dynamoTableName/,
    });
    assert.equal(dynamo.sent.length, 1);
  });

  it("ends at once when time is up", async () => {
    const time = new AbortController();
    const waiting = retried(
      () => {
        setImmediate(() => time.abort(failure("TimeIsUp")));
        return Promise.reject(throttled());
      },
      time.signal,
      { ...RETRY, random: () => 1, firstPauseMs: 60_000, longestPauseMs: 60_000 },
    );
    await assert.rejects(waiting, { name: "TimeIsUp" });
  });
});

describe("A conditional write to the bucket", () => {
  const precondition = () => failure("PreconditionFailed", { $metadata: { httpStatusCode: 412 } });

  it("is a conflict when another has written", async () => {
    const s3 = {
      send: async ({ input }: { input: Record<string, unknown> }) => {
        if ("Body" in input) throw precondition();
        return "Prefix" in input
          ? { Contents: [{ Key: "state" }] }
          : { ETag: '"9"', Body: { transformToString: async () => "theirs" } };
      },
    };
    await assert.rejects(new S3Store(s3 as never, "lake", policy()).replace("state", "ours", '"1"'), Conflict);
  });

  it("is none when it was this very write, whose answer was lost", async () => {
    let puts = 0;
    const s3 = {
      send: async ({ input }: { input: Record<string, unknown> }) => {
        if ("Body" in input) throw puts++ === 0 ? failure("Error", { code: "ECONNRESET" }) : precondition();
        return "Prefix" in input
          ? { Contents: [{ Key: "state" }] }
          : { ETag: '"2"', Body: { transformToString: async () => "ours" } };
      },
    };
    assert.equal(await new S3Store(s3 as never, "lake", policy()).replace("state", "ours", '"1"'), '"2"');
    assert.equal(puts, 2);
  });
});
