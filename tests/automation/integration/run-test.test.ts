// The way of one test, with the real engine and the local cloud: what its report and its evidence say.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { listJournals } from "../../../automation/environments/journal.js";
import type { Baseline } from "../../../automation/evidence/baseline.js";
import { evidenceFolder } from "../../../automation/home.js";
import { renderHtml } from "../../../automation/report/html.js";
import type { TestReport } from "../../../automation/report/model.js";
import { type Baselines, runTest, skipTest, type TestOptions } from "../../../automation/suites/run-test.js";
import { SharedEnvironment } from "../../../automation/suites/shared-environment.js";
import { defineTest, type SuiteTest, type TestContext } from "../../../automation/suites/test.js";
import { testCloud } from "../../support/cloud.js";
import { SAMPLE } from "../report/sample.js";
import { freshHome } from "../support.js";
import { filesBelow, SECRETS, SMALL } from "./support.js";

/** A test that writes an object and a log line with a secret in it, and reads back `rows`. */
const aTest = (
  name: string,
  rows: { id: string; n: number }[],
  more: (context: TestContext) => Promise<void> = async () => {},
) =>
  defineTest({
    name,
    suites: ["s"],
    description: "A test of the driver",
    units: [],
    program: SMALL,
    seed: async ({ env }) => {
      await env.aws(S3Client).send(new PutObjectCommand({ Bucket: String(env.outputs.bucket), Key: "in", Body: "x" }));
    },
    async run(context) {
      const { env } = context;
      const logs = env.aws(CloudWatchLogsClient);
      const stream = { logGroupName: "/crucible/test", logStreamName: "s" };
      await logs.send(new CreateLogStreamCommand(stream));
      const message = `logged in with ${SECRETS[0]}`;
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message }] }));
      await more(context);
      return rows;
    },
    capture: (found) => [
      {
        name: "input",
        async fetch({ env, evidence }) {
          const { Body } = await env
            .aws(S3Client)
            .send(new GetObjectCommand({ Bucket: String(env.outputs.bucket), Key: "in" }));
          const path = evidence.pathOf("data/in");
          writeFileSync(path, `${await Body?.transformToString()} for ${found.length} rows`);
          return new Map([["in", path]]);
        },
      },
    ],
    async verify({ check, env, evidence }, found, captured) {
      check.equal("captured", readFileSync(captured("input").get("in") ?? "", "utf8"), `x for ${found.length} rows`);
      assert.throws(() => captured("output"), /captures nothing of the name output/);
      check.equal("the password reached the test", env.outputs.password, SECRETS[0]);
      check.equal("rows", found.length, 1);
      await evidence.text("notes.txt", `with ${SECRETS[1]}`);
      const columns = [
        { name: "id", type: "S" },
        { name: "n", type: "N" },
      ];
      return [{ table: { name: "rows", columns, rows: found }, key: ["id"] }];
    },
  });

/** Baselines in memory. */
function memory(content = new Map<string, Baseline>()): Baselines & { content: Map<string, Baseline> } {
  return {
    content,
    read: async (test) => content.get(test),
    write: async (baseline) => void content.set(baseline.test, baseline),
  };
}

describe("the way of one test", function () {
  this.timeout(120_000);
  freshHome();

  const signal = new AbortController().signal;
  const share = async (...tests: SuiteTest[]) =>
    new SharedEnvironment(tests, { target: "local", signal, cloud: await testCloud() });
  const optionsOf = (shared: SharedEnvironment, baselines: Baselines, updateBaseline = false): TestOptions => ({
    run: "the-run",
    suite: "s",
    shared,
    signal,
    onProgress: () => {},
    baselines,
    updateBaseline,
  });
  const run = async (test: SuiteTest, baselines: Baselines, updateBaseline = false): Promise<TestReport> =>
    await runTest(test, optionsOf(await share(test), baselines, updateBaseline));

  it("leaves a report and evidence in which no secret is", async () => {
    const report = await run(aTest("good", [{ id: "a", n: 1 }]), memory());
    assert.equal(report.verdict, "passed", report.reason);
    assert.equal(report.baseline, "absent");
    assert.equal(report.resources, 2);
    assert.deepEqual(report.leaks, []);
    for (const part of ["up", "seed", "run", "verify", "down"] as const) assert.ok(report.seconds[part] > 0, part);
    assert.deepEqual(
      report.logs.map(({ lines }) => lines),
      [["logged in with [secret]"]],
    );

    const folder = evidenceFolder("the-run", "good");
    const files = filesBelow(folder);
    assert.deepEqual(files.map(({ path }) => path.slice(folder.length + 1)).sort(), [
      "cost.json",
      "data/in",
      "jobs.json",
      "logs/_crucible_test_s.log",
      "notes.txt",
      "outputs.json",
      "test.json",
    ]);
    const page = renderHtml({ ...SAMPLE, tests: [report] });
    for (const { path, content } of [...files, { path: "the page", content: page }])
      for (const secret of SECRETS) assert.ok(!content.includes(secret), `${path} has "${secret}"`);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8")).password, "[secret]");
  });

  it("writes a baseline only from a test that passed, and fails later runs that differ from it", async () => {
    const baselines = memory();
    const wrong = await run(aTest("counted", []), baselines, true);
    assert.equal(wrong.verdict, "failed");
    assert.equal(wrong.failedIn, "verify");
    assert.match(wrong.reason ?? "", /rows: expected 1, found 0/);
    assert.equal(baselines.content.size, 0);

    const good = await run(aTest("counted", [{ id: "a", n: 1 }]), baselines, true);
    assert.deepEqual([good.verdict, good.baseline], ["passed", "updated"]);
    assert.deepEqual(baselines.content.get("counted")?.tables.rows?.rows, [{ id: "a", n: 1 }]);

    const changed = await run(aTest("counted", [{ id: "a", n: 2 }]), baselines);
    assert.deepEqual([changed.verdict, changed.baseline], ["failed", "differs"]);
    assert.deepEqual(changed.differences, [{ table: "rows", what: "n of id a", expected: 1, actual: 2 }]);
  });

  it("fails a test that leaves something behind, and names it", async () => {
    const report = await run(
      aTest("leaky", [{ id: "a", n: 1 }], async ({ env }) => {
        await env.aws(SQSClient).send(new CreateQueueCommand({ QueueName: "left" }));
      }),
      memory(),
    );
    assert.equal(report.verdict, "failed");
    assert.equal(report.failedIn, "down");
    assert.deepEqual(report.leaks, ["AWS::SQS::Queue left"]);
  });

  it("is in the environment of those before it, which ends with the last, be that skipped", async () => {
    const first = aTest("first", [{ id: "a", n: 1 }]);
    const second = defineTest({
      name: "second",
      suites: ["s"],
      description: "Reads what the first has written",
      units: [],
      program: SMALL,
      run: ({ env }) =>
        env.aws(S3Client).send(new HeadObjectCommand({ Bucket: String(env.outputs.bucket), Key: "in" })),
      async verify({ check }, { ContentLength }) {
        check.equal("its size", ContentLength, 1);
        return [];
      },
    });
    const third = aTest("third", []);
    const options = optionsOf(await share(first, second, third), memory());
    const one = await runTest(first, options);
    const two = await runTest(second, options);
    const three = await skipTest(third, options, "It has no time.");
    assert.deepEqual([one.verdict, two.verdict, three.verdict], ["passed", "passed", "skipped"], two.reason);
    assert.equal(one.environment, two.environment);
    assert.ok(one.seconds.up > 10 * two.seconds.up, "only the first brings it up");
    assert.deepEqual(await listJournals(), []);
  });

  it("takes turns with others in an environment that has each one's settings, whether the one before passed or not", async () => {
    const seen: string[] = [];
    const turn = (name: string, colour: string | undefined, fails = false) =>
      defineTest({
        name,
        suites: ["s"],
        description: "Sees its own settings",
        units: [],
        program: SMALL,
        takesTurns: "small",
        ...(colour && { settings: { colour } }),
        async run({ env }) {
          seen.push(`${name} ${env.outputs.colour}`);
          const stream = { logGroupName: "/crucible/test", logStreamName: name };
          const logs = env.aws(CloudWatchLogsClient);
          await logs.send(new CreateLogStreamCommand(stream));
          await logs.send(
            new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message: name }] }),
          );
          if (fails) throw new Error("no such thing");
        },
        async verify({ check, env }) {
          check.equal("its colour", env.outputs.colour, colour);
          return [];
        },
        restore: async () => void seen.push(`${name} restored`),
      });
    const tests = [turn("one", "red"), turn("two", "red", true), turn("three", undefined), turn("four", "blue")];
    const options = optionsOf(await share(...tests), memory());
    const reports: TestReport[] = [];
    for (const each of tests) reports.push(await runTest(each, options));
    assert.deepEqual(
      reports.map(({ verdict, logs }) => [verdict, logs.flatMap(({ lines }) => lines)]),
      [
        ["passed", ["one"]],
        ["failed", ["two"]],
        ["passed", ["three"]],
        ["passed", ["four"]],
      ],
    );
    assert.deepEqual(seen, [
      "one red",
      "one restored",
      "two red",
      "two restored",
      "three undefined",
      "three restored",
      "four blue",
      "four restored",
    ]);
    assert.equal(new Set(reports.map(({ environment }) => environment)).size, 1);
    assert.deepEqual(await listJournals(), []);
  });

  it("captures logs and tears down also when the run itself fails", async () => {
    const report = await run(
      aTest("thrown", [], () => Promise.reject(new Error("no such thing"))),
      memory(),
    );
    assert.deepEqual([report.verdict, report.failedIn], ["failed", "run"]);
    assert.match(report.reason ?? "", /no such thing/);
    assert.equal(report.logs.length, 1);
    assert.deepEqual(report.leaks, []);
    assert.ok(report.seconds.down > 0);
  });
});
