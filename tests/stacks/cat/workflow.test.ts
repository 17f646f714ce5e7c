// The ETL's workflow, played in no real time against a Glue and an S3 of the test's own.
import assert from "node:assert/strict";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { workflow } from "../../../stacks/cat/etl/workflow.js";
import { define, outputOf, play } from "../../localcloud/compute/stepfunctions/world.js";

const definition = workflow({
  name: "etl",
  bucket: "bucket",
  cleanPrefix: "reports/etl-process1/",
  curatedPrefix: "reports/etl-process2/",
  jobName: "job",
  crawlerName: "crawler",
  topicArn: "topic",
  jobTimeoutSeconds: 600,
  pollSeconds: 10,
  attemptsMore: 1,
});

const FILE = "reports/etl-process1/year=2026/month=02/day=07/a.csv";
const event = (key: string, etag = "e1") => ({ detail: { bucket: { name: "bucket" }, object: { key, etag } } });

type Replied = { output: unknown } | { error: string; cause?: string };

/** What the services answer, each call of an action in turn; the last answer stays. */
type Script = Record<string, Replied[]>;

const ready = (Status = "SUCCEEDED", ErrorMessage = "") => ({
  output: { Crawler: { Name: "crawler", State: "READY", LastCrawl: { Status, ErrorMessage } } },
});
const running = { output: { Crawler: { Name: "crawler", State: "RUNNING" } } };
const absent = { error: "S3.NoSuchKeyException", cause: "The specified key does not exist." };
const record = (etag: string) => ({
  output: { Body: JSON.stringify({ sources: [{ key: FILE, etag }], setAside: [], manifest: null }) },
});
const report = { output: { Body: '{"days":[{"date":"2026-02-07","rows":3}]}' } };
const busy = { error: "Glue.ConcurrentRunsExceededException", cause: "Concurrent runs exceeded" };
const ran = { output: { Id: "jr_1" } };

async function run(input: unknown, script: Script) {
  const calls: [string, Record<string, unknown>][] = [];
  const counts: Record<string, number> = {};
  const ended = await play(define(JSON.parse(JSON.stringify(definition))), {
    input: input as never,
    task(effect) {
      const given = effect.parameters as Record<string, unknown>;
      let action = effect.resource.split(":::")[1] ?? "";
      if (action === "aws-sdk:s3:getObject") action = String(given.Key).includes("_loads/") ? "record" : "report";
      calls.push([action, given]);
      const replies = script[action] ?? [];
      const call = (counts[action] ?? 0) + 1;
      counts[action] = call;
      const reply = replies[Math.min(call, replies.length) - 1];
      assert.ok(reply, `${action} is not expected`);
      return "error" in reply
        ? [{ kind: "failed", error: reply.error, cause: reply.cause ?? "" }]
        : [{ kind: "succeeded", output: reply.output as never }];
    },
  });
  return {
    ended,
    calls,
    actions: calls.map(([action]) => action),
    failure: ended.outcome as { error?: string; cause?: string },
  };
}

const GOOD: Script = {
  record: [absent],
  "glue:startJobRun.sync": [ran],
  report: [report],
  "aws-sdk:glue:startCrawler": [{ output: {} }],
  "aws-sdk:glue:getCrawler": [running, ready()],
  "sns:publish": [{ output: {} }],
};

describe("The ETL's workflow", () => {
  it("is a sound state machine", () => {
    assert.deepEqual(lintDefinition(definition), []);
  });

  it("loads a file's day, crawls until the crawler is ready, and gives what was done", async () => {
    const { ended, calls, actions } = await run(event(FILE), GOOD);
    assert.deepEqual(actions, [
      "record",
      "glue:startJobRun.sync",
      "report",
      "aws-sdk:glue:startCrawler",
      "aws-sdk:glue:getCrawler",
      "aws-sdk:glue:getCrawler",
    ]);
    assert.equal(calls[0]?.[1].Key, "reports/etl-process2/_loads/2026-02-07.json");
    assert.deepEqual(calls[1]?.[1], { JobName: "job", Arguments: { "--date": "2026-02-07", "--reload": "false" } });
    assert.equal(calls[2]?.[1].Key, "reports/etl-process2/_runs/jr_1.json");
    assert.deepEqual(outputOf(ended), { days: [{ date: "2026-02-07", rows: 3 }] });
  });

  it("has nothing to do for a file that is loaded as it is, and for one that was replaced since it has", async () => {
    const same = await run(event(FILE), { record: [record("e1")] });
    assert.deepEqual([same.actions, outputOf(same.ended)], [["record"], { days: [] }]);
    const replaced = await run(event(FILE, "e2"), { ...GOOD, record: [record("e1")] });
    assert.ok(replaced.actions.includes("glue:startJobRun.sync"));
  });

  it("waits for a run that is under way, and needs none of its own when that has loaded its file", async () => {
    const { ended, actions } = await run(event(FILE), {
      record: [absent, absent, record("e1")],
      "glue:startJobRun.sync": [busy],
    });
    const expected = ["record", "glue:startJobRun.sync", "record", "glue:startJobRun.sync", "record"];
    assert.deepEqual([actions, outputOf(ended)], [expected, { days: [] }]);
    assert.equal(ended.tookMs, 20_000);
  });

  it("has a run of its own when the other did not load its file", async () => {
    const { ended, actions } = await run(event(FILE), { ...GOOD, "glue:startJobRun.sync": [busy, busy, ran] });
    assert.equal(ended.outcome?.status, "SUCCEEDED");
    assert.equal(actions.filter((action) => action === "glue:startJobRun.sync").length, 3);
  });

  it("takes a manifest, a day and nothing at all", async () => {
    const begun = async (input: unknown) =>
      (await run(input, GOOD)).calls.find(([action]) => action === "glue:startJobRun.sync")?.[1].Arguments;
    const day = { "--date": "2026-02-07", "--reload": "false" };
    assert.deepEqual(await begun(event("reports/etl-process1/_manifests/2026-02-07.json")), day);
    assert.deepEqual(await begun({ date: "2026-02-07" }), day);
    assert.deepEqual(await begun({}), { "--date": "all", "--reload": "false" });
    assert.deepEqual(await begun({ date: "2026-02-07", reload: true }), { ...day, "--reload": "true" });
  });

  for (const [input, cause] of [
    [
      event("reports/etl-process1/stray.csv"),
      /stray\.csv is of no day: files belong below reports\/etl-process1\/year=YYYY/,
    ],
    [{ date: "yesterday" }, /^date is yesterday, which is no day \(YYYY-MM-DD\)$/],
    [{ date: "2026-13-99" }, /^date is 2026-13-99, which is no day/],
    [{ date: "2026-02-29" }, /^date is 2026-02-29, which is no day/],
    [{ date: "2100-02-29" }, /^date is 2100-02-29, which is no day/],
    [{ date: "2026-04-31" }, /^date is 2026-04-31, which is no day/],
    [{ date: "2026-00-10" }, /^date is 2026-00-10, which is no day/],
    [{ date: "2026-10-00" }, /^date is 2026-10-00, which is no day/],
    [{ date: 20260207 }, /^date is 20260207, which is no day/],
    [event("reports/etl-process1/year=2026/month=13/day=01/a.csv"), /month=13\/day=01\/a\.csv is of no day/],
  ] as const)
    it(`refuses what is of no day: ${JSON.stringify(input)}`, async () => {
      const { ended, calls, failure } = await run(input, GOOD);
      assert.deepEqual([ended.outcome?.status, failure.error], ["FAILED", "UnexpectedInput"]);
      assert.match(String(failure.cause), cause);
      assert.ok(ended.tookMs === 0, "it was refused at once");
      assert.deepEqual(
        calls.map(([action]) => action),
        ["sns:publish"],
      );
      assert.ok(String(calls[0]?.[1].Message).includes(String(failure.cause)));
    });

  for (const date of ["2024-02-29", "2000-02-29", "2026-12-31", "2026-01-01", "2026-04-30"])
    it(`takes ${date}`, async () => {
      const { calls } = await run({ date }, GOOD);
      const begun = calls.find(([action]) => action === "glue:startJobRun.sync");
      assert.deepEqual(begun?.[1].Arguments, { "--date": date, "--reload": "false" });
    });

  it("starts a run that failed once more, and says what the run said when that fails as well", async () => {
    const lost = {
      error: "States.TaskFailed",
      cause: JSON.stringify({ Id: "jr_9", JobName: "job", JobRunState: "FAILED", ErrorMessage: "RowsLost: 5, but 3" }),
    };
    const once = await run(event(FILE), { ...GOOD, "glue:startJobRun.sync": [lost, ran] });
    assert.equal(once.ended.outcome?.status, "SUCCEEDED");
    const { ended, failure, calls } = await run(event(FILE), { ...GOOD, "glue:startJobRun.sync": [lost] });
    assert.deepEqual(
      [ended.outcome?.status, failure.error, failure.cause],
      ["FAILED", "States.TaskFailed", "Run jr_9 of job: RowsLost: 5, but 3"],
    );
    assert.match(
      String(calls.at(-1)?.[1].Message),
      /for reports\/etl-process1\/.*a\.csv failed with States\.TaskFailed: Run jr_9/,
    );
  });

  it("crawls after a crawl that is under way, again after one that failed, and fails with the crawler's reason", async () => {
    const running = { error: "Glue.CrawlerRunningException", cause: "is running" };
    const later = await run(event(FILE), {
      ...GOOD,
      "aws-sdk:glue:startCrawler": [running, running, { output: {} }],
      "aws-sdk:glue:getCrawler": [ready("FAILED", "Internal"), ready()],
    });
    assert.equal(later.ended.outcome?.status, "SUCCEEDED");
    assert.equal(later.actions.filter((action) => action === "aws-sdk:glue:startCrawler").length, 4);
    const { failure } = await run(event(FILE), { ...GOOD, "aws-sdk:glue:getCrawler": [ready("FAILED", "Internal")] });
    assert.deepEqual([failure.error, failure.cause], ["CrawlFailed", "Crawler crawler ended FAILED: Internal"]);
  });

  it("fails for its own reason when nobody can be told", async () => {
    const { failure } = await run({ date: "1" }, { ...GOOD, "sns:publish": [{ error: "SNS.NotFoundException" }] });
    assert.equal(failure.error, "UnexpectedInput");
  });
});
