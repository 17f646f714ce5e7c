// The clock of an environment, from TypeScript and from the command line.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  type Environment,
  openEnvironment,
  UsageError,
  upEnvironment,
  withEnvironment,
} from "../../../automation/index.js";
import { stopBackgroundCloud } from "../../../localcloud/server/background.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { testCloud } from "../../support/cloud.js";
import { freshHome } from "../support.js";
import { SCHEDULED } from "./support.js";

describe("an environment's clock", function () {
  this.timeout(120_000);
  // Hooks run in the order in which they are given: the cloud has to end before its folder goes.
  afterEach(() => stopBackgroundCloud({ force: true, home: home.path() }));
  const home = freshHome();

  /** Everything in the environment's queue, which is empty then. */
  async function heard(env: Environment): Promise<string[]> {
    const [sqs, QueueUrl, bodies] = [env.aws(SQSClient), String(env.outputs.queue), [] as string[]];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return bodies.sort();
      for (const { Body = "", ReceiptHandle } of Messages) {
        bodies.push((JSON.parse(Body) as { by: string }).by);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  it("reaches 04:30 UTC, and the rule fires; a day later, the rule and the schedule of another time zone", async () => {
    await withEnvironment([], { program: SCHEDULED, name: "clock", cloud: await testCloud() }, async (env) => {
      const { now } = await env.advance({});
      assert.ok(Math.abs(now.getTime() - Date.now()) < 60_000);
      const night = new Date(now);
      night.setUTCHours(24, 0, 0, 0);
      await env.advance(night);
      await heard(env);
      const morning = new Date(night.getTime() + 4.5 * 3_600_000);
      assert.equal((await env.advance(new Date(morning.getTime() - 60_000))).fired, 0);
      assert.deepEqual(await heard(env), []);
      assert.equal((await env.advance(morning)).fired, 1);
      assert.deepEqual(await heard(env), ["rule"]);
      const later = await env.advance({ days: 1, minutes: 1 });
      assert.equal(later.fired, 2);
      const [noon, rule] = await heard(env);
      assert.equal(rule, "rule");
      assert.match(noon ?? "", new RegExp(`^${morning.toISOString().slice(0, 10)}T1[01]:00:00Z$`));
      assert.ok(later.now.getTime() >= morning.getTime() + 86_460_000);
      await assert.rejects(env.advance(new Date()), (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /^The clock of environment clock only goes forward: it is .* is over\.$/);
        return true;
      });
      await assert.rejects(env.advance({ hours: -1 }), /only goes forward, not by -3600 s/);
    });
  });

  it("is moved by the command line, for an environment in the background cloud", async () => {
    const options = { program: SCHEDULED, name: "clock", cloud: "background", ttlSeconds: 3600 } as const;
    const held = await upEnvironment([], options);
    await held.leave();
    const crucible = async (...words: string[]) => {
      const program = join(projectRoot, "bin", "crucible.mjs");
      const run = promisify(execFile)(process.execPath, [program, ...words], { cwd: projectRoot });
      return await run.catch((error: { stderr: string }) => ({ stdout: "", stderr: error.stderr }));
    };
    const { now } = JSON.parse((await crucible("advance", "clock", "04:29", "--json")).stdout);
    assert.match(now, /T04:29:0/);
    const env = await openEnvironment("clock");
    await heard(env);
    const moved = await crucible("advance", "clock", "2m");
    assert.match(moved.stdout, /^It is \d{4}-\d\d-\d\dT04:31:.*Z in clock; 1 schedule fired\.$/m, moved.stderr);
    assert.deepEqual(await heard(env), ["rule"]);
    assert.match((await crucible("advance", "clock", "2020-01-01T00:00Z")).stderr, /only goes forward/);
    await crucible("down", "clock");
  });
});
