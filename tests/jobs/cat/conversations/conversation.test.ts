import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  type Conversation,
  conversationOf,
  conversations,
  type GeneratorOptions,
} from "../../../../jobs/cat/conversations/conversation.js";
import { loadConversations } from "../../../../jobs/cat/conversations/load.js";
import { randomOf } from "../../../../jobs/cat/conversations/random.js";
import { projectRoot } from "../../../../localcloud/server/paths.js";

const OPTIONS: GeneratorOptions = { seed: 1, messages: { from: 2, to: 24 }, until: new Date("2026-11-21"), days: 7 };
const PROGRAM = join(projectRoot, "dist/jobs/cat/conversations/main.js");

describe("Conversations that are made up", () => {
  it("are the same for the same seed, each without those before it", () => {
    const some = [...conversations(50, OPTIONS)];
    assert.deepEqual(conversationOf(37, OPTIONS), some[37]);
    assert.notDeepEqual(conversationOf(37, { ...OPTIONS, seed: 2 }), some[37]);
    assert.equal(new Set(some.map(({ conversationId }) => conversationId)).size, 50);
  });

  it("are spread over their days, lengths, channels and outcomes", () => {
    const some = [...conversations(2000, OPTIONS)];
    const days = new Set(some.map(({ startedAt }) => startedAt.slice(0, 10)));
    assert.deepEqual(
      [...days].sort(),
      [14, 15, 16, 17, 18, 19, 20].map((day) => `2026-11-${day}`),
    );
    const lengths = some.map(({ messages }) => messages.length);
    assert.deepEqual([Math.min(...lengths), Math.max(...lengths)], [2, 24]);
    assert.equal(new Set(some.map(({ channel }) => channel)).size, 4);
    const share = (of: (each: Conversation) => boolean) => some.filter(of).length / some.length;
    assert.ok(Math.abs(share(({ status }) => status === "escalated") - 0.15) < 0.03);
    assert.ok(Math.abs(share(({ rating }) => rating !== undefined) - 0.36) < 0.05);
    for (const { messages } of some.slice(0, 100)) {
      const times = messages.map(({ sentAt }) => sentAt);
      assert.deepEqual(times, [...times].sort(), "messages follow each other");
      assert.equal(messages[0]?.role, "user");
      assert.ok(messages.every(({ text }) => !/[{}]|undefined/.test(text)));
    }
  });

  it("hold what files have trouble with: quotes, line ends, emoji, commas", () => {
    const text = [...conversations(300, OPTIONS)].flatMap(({ messages }) => messages.map((each) => each.text)).join("");
    for (const part of ['"', "\n", "🙏", ",", ";", "ñ"]) assert.ok(text.includes(part), part);
  });

  it("may be almost as large as DynamoDB takes, but not larger", () => {
    for (const messages of [OPTIONS.messages, { from: 300, to: 300 }]) {
      const large = conversationOf(9, { ...OPTIONS, messages, everyLarge: 10 });
      // Escaped quotes and line ends are longer in JSON than in DynamoDB, names and values are as long.
      const bytes = Buffer.byteLength(JSON.stringify(large).replaceAll(/\\["n]/g, " "));
      assert.ok(bytes > 380_000 && bytes <= 400_000, `${bytes}`);
    }
    assert.ok((conversationOf(8, { ...OPTIONS, everyLarge: 10 }).messages[0]?.text.length ?? 0) < 500);
  });

  it("draw numbers evenly, whatever the seed", () => {
    for (const seed of [0, 1, -7, 2 ** 31]) {
      const random = randomOf(seed, 3);
      const drawn = Array.from({ length: 10_000 }, () => random.between(1, 4));
      for (const value of [1, 2, 3, 4]) {
        const share = drawn.filter((each) => each === value).length / drawn.length;
        assert.ok(Math.abs(share - 0.25) < 0.03, `${seed}: ${value} in ${share}`);
      }
    }
  });
});

describe("The command that makes conversations up", function () {
  this.timeout(30_000);

  it("prints them a line each, and ends when nobody reads on", async () => {
    const args = ["--count", "100000", "--seed", "1", "--until", "2026-11-21"];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const read: unknown[] = [];
    for await (const line of createInterface(child.stdout)) {
      read.push(JSON.parse(line));
      if (read.length === 20) break;
    }
    child.stdout.destroy();
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    assert.equal(code, 0);
    assert.deepEqual(read, JSON.parse(JSON.stringify([...conversations(20, OPTIONS)])));
  });

  it("says what it takes when an option is wrong", async () => {
    const child = spawn(process.execPath, [PROGRAM, "--count", "0"], { stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    child.stderr.on("data", (chunk) => {
      told += chunk;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(told, /count[\s\S]*usage: /);
  });
});

describe("Loading a table", () => {
  it("sends what the table did not take again, and counts what it took", async () => {
    const taken = new Set<string>();
    let refused = 0;
    const client = {
      async send({ input }: { input: { RequestItems: Record<string, { PutRequest: { Item: Conversation } }[]> } }) {
        const requests = input.RequestItems.talks ?? [];
        assert.ok(requests.length <= 25);
        const left = refused < 3 ? requests.slice(-5) : [];
        refused += 1;
        for (const { PutRequest } of requests.slice(0, requests.length - left.length))
          taken.add(PutRequest.Item.conversationId);
        return { UnprocessedItems: { talks: left } };
      },
    };
    const all = [...conversations(1234, OPTIONS)];
    const heard: number[] = [];
    const written = await loadConversations(client as never, "talks", all, (count) => heard.push(count));
    const messages = all.reduce((sum, each) => sum + each.messages.length, 0);
    assert.deepEqual(written, { conversations: 1234, messages });
    assert.equal(taken.size, 1234);
    assert.deepEqual(heard, [1000, 1234]);
  });
});
