import assert from "node:assert/strict";
import { batches, type LogEvent, LogWriter, splitMessage } from "../../../../localcloud/compute/logs/writer.js";
import { FakeLogs } from "../batch/fakes.js";

const to = { account: "111122223333", region: "eu-central-1", group: "/group", stream: "stream" };

describe("the writer of container logs", () => {
  const lines = (logs: FakeLogs): string[] | undefined =>
    logs.streams.get("/group stream")?.map(({ message }) => message);

  it("creates group and stream, and delivers lines together, in order, without being closed", async () => {
    const logs = new FakeLogs();
    const stream = new LogWriter({ api: logs, flushMillis: 5, log: assert.fail }).open(to, true);
    for (let n = 0; n < 100; n += 1) stream.write(`line ${n}`, new Date(n));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(logs.puts.length, 1);
    assert.deepEqual(
      lines(logs),
      Array.from({ length: 100 }, (_, n) => `line ${n}`),
    );
    stream.write("more", new Date(200));
    await stream.close();
    assert.equal(lines(logs)?.at(-1), "more");
    assert.equal(logs.puts.length, 2);
  });

  it("puts nothing for a silent container", async () => {
    const logs = new FakeLogs();
    const stream = new LogWriter({ api: logs, log: assert.fail }).open(to, true);
    await stream.close();
    assert.deepEqual(logs.puts, []);
  });

  it("rejects ready when the group is missing and is not to be created", async () => {
    const logs = new FakeLogs();
    const stream = new LogWriter({ api: logs, log: assert.fail }).open(to, false);
    await assert.rejects(stream.ready, { name: "ResourceNotFoundException" });
    assert.deepEqual([...logs.groups], []);
  });

  it("reports lines that could not be delivered, and goes on", async () => {
    const logs = new FakeLogs();
    const messages: string[] = [];
    const put = logs.put.bind(logs);
    let failures = 1;
    logs.put = async (...call) => {
      if (failures-- > 0) throw new Error("throttled");
      return put(...call);
    };
    const stream = new LogWriter({ api: logs, flushMillis: 1, log: (message) => messages.push(message) }).open(
      to,
      true,
    );
    stream.write("lost", new Date(1));
    await new Promise((resolve) => setTimeout(resolve, 10));
    stream.write("kept", new Date(2));
    await stream.close();
    assert.deepEqual(messages, ["logs: 1 lines of /group stream were not delivered: throttled"]);
    assert.deepEqual(lines(logs), ["kept"]);
  });

  it("keeps batches within what PutLogEvents takes", () => {
    const events: LogEvent[] = Array.from({ length: 10_001 }, (_, n) => ({ timestamp: 20_000 - n, message: "x" }));
    const [first, second] = batches(events);
    assert.deepEqual([first?.length, second?.length], [10_000, 1]);
    assert.ok((first?.[0]?.timestamp ?? 0) < (first?.at(-1)?.timestamp ?? 0));
    const large = batches(Array.from({ length: 5 }, () => ({ timestamp: 0, message: "x".repeat(262_118) })));
    assert.deepEqual(
      large.map(({ length }) => length),
      [4, 1],
    );
  });

  it("splits a line that is too long between characters", () => {
    const line = "ä€".repeat(100_000);
    const pieces = splitMessage(line);
    assert.equal(pieces.join(""), line);
    for (const piece of pieces) assert.ok(Buffer.byteLength(piece) <= 262_118);
  });
});
