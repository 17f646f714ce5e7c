import assert from "node:assert/strict";
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  GetCrawlerCommand,
  GetJobRunsCommand,
} from "@aws-sdk/client-glue";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, pythonShell, role } from "./fixture.js";

describe("Glue: tasks of Step Functions", function () {
  this.timeout(120_000);
  let on: GlueAccount;
  let sfn: SFNClient;
  const shell = (name: string, script: string) =>
    on.job(name, script, { Command: pythonShell(on, name), GlueVersion: undefined });
  const start = async (name: string, Resource: string, Parameters: object) => {
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name,
        roleArn: `arn:aws:iam::${on.account}:role/states`,
        definition: JSON.stringify({
          StartAt: "Run",
          States: { Run: { Type: "Task", Resource, Parameters, End: true } },
        }),
      }),
    );
    return (await sfn.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }))).executionArn ?? "";
  };
  const ended = (executionArn: string) =>
    until("the execution to end", async () => {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return found.status === "RUNNING" ? undefined : found;
    });
  const run = async (...args: Parameters<typeof start>) => ended(await start(...args));
  before(async () => {
    on = await glueAccount();
    sfn = new SFNClient(on.config);
    await role(on.config, "states", "states.amazonaws.com", ["glue:*", "events:*"]);
  });

  it("startJobRun.sync waits for the run and hands over what GetJobRun says", async () => {
    await shell("good", "import sys\nprint(sys.argv[1:3])\n");
    const done = await run("good", "arn:aws:states:::glue:startJobRun.sync", {
      JobName: "good",
      Arguments: { "--a": "1" },
    });
    assert.equal(done.status, "SUCCEEDED", done.cause);
    const output = JSON.parse(done.output ?? "");
    assert.deepEqual(
      [output.JobName, output.JobRunState, output.Attempt, output.Arguments],
      ["good", "SUCCEEDED", 0, { "--a": "1" }],
    );
    assert.deepEqual(await on.lines("/aws-glue/python-jobs/output", output.Id), ["['--a', '1']"]);
  });

  it("startJobRun.sync fails with the run as its cause; startJobRun does not wait", async () => {
    await shell("bad", "raise ValueError('broken')\n");
    const failed = await run("bad", "arn:aws:states:::glue:startJobRun.sync", { JobName: "bad" });
    assert.deepEqual([failed.status, failed.error], ["FAILED", "States.TaskFailed"]);
    const cause = JSON.parse(failed.cause ?? "");
    assert.deepEqual([cause.JobRunState, cause.ErrorMessage], ["FAILED", "ValueError: broken"]);
    const started = await run("bad-later", "arn:aws:states:::glue:startJobRun", { JobName: "bad" });
    assert.match(JSON.parse(started.output ?? "").JobRunId, /^jr_[0-9a-f]{64}$/);
  });

  it("names Glue's errors as AWS does", async () => {
    const missing = await run("none", "arn:aws:states:::glue:startJobRun.sync", { JobName: "none" });
    assert.deepEqual([missing.status, missing.error], ["FAILED", "Glue.EntityNotFoundException"]);
  });

  it("stops the run of an execution that is stopped", async () => {
    await shell("long", "import time\ntime.sleep(600)\n");
    const executionArn = await start("long", "arn:aws:states:::glue:startJobRun.sync", { JobName: "long" });
    const state = (...wanted: string[]) =>
      until(`the run to be ${wanted}`, async () => {
        const { JobRuns = [] } = await on.glue.send(new GetJobRunsCommand({ JobName: "long" }));
        return wanted.includes(JobRuns[0]?.JobRunState ?? "") || undefined;
      });
    await state("RUNNING");
    await sfn.send(new StopExecutionCommand({ executionArn }));
    await state("STOPPED");
    assert.equal((await ended(executionArn)).status, "ABORTED");
  });

  it("starts a crawler by the SDK integration", async () => {
    await on.put("crawled/a.json", '{"a":1}\n');
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "d" } }));
    const Targets = { S3Targets: [{ Path: `s3://${on.bucket}/crawled/` }] };
    await on.glue.send(new CreateCrawlerCommand({ Name: "crawl", Role: "glue", DatabaseName: "d", Targets }));
    const done = await run("crawl", "arn:aws:states:::aws-sdk:glue:startCrawler", { Name: "crawl" });
    assert.equal(done.status, "SUCCEEDED", done.cause);
    const crawler = await until("the crawl to end", async () => {
      const { Crawler } = await on.glue.send(new GetCrawlerCommand({ Name: "crawl" }));
      return Crawler?.LastCrawl ? Crawler : undefined;
    });
    assert.equal(crawler.LastCrawl?.Status, "SUCCEEDED");
  });
});
