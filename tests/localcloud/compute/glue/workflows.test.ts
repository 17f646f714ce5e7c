import assert from "node:assert/strict";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTriggerCommand,
  type CreateTriggerCommandInput,
  CreateWorkflowCommand,
  DeleteWorkflowCommand,
  GetJobRunsCommand,
  GetTriggersCommand,
  GetWorkflowRunCommand,
  GetWorkflowRunsCommand,
  PutWorkflowRunPropertiesCommand,
  StartTriggerCommand,
  StartWorkflowRunCommand,
  StopWorkflowRunCommand,
  type WorkflowRun,
} from "@aws-sdk/client-glue";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, pythonShell, role } from "./fixture.js";

describe("Glue: triggers and workflows", function () {
  this.timeout(120_000);
  let on: GlueAccount;
  const shell = (name: string, script: string) =>
    on.job(name, script, { Command: pythonShell(on, name), GlueVersion: undefined });
  const trigger = (input: CreateTriggerCommandInput) => on.glue.send(new CreateTriggerCommand(input));
  const workflow = (Name: string, input: object = {}) => on.glue.send(new CreateWorkflowCommand({ Name, ...input }));
  const ended = (Name: string, RunId: string) =>
    until(`the end of a run of ${Name}`, async () => {
      const { Run } = await on.glue.send(new GetWorkflowRunCommand({ Name, RunId, IncludeGraph: true }));
      return Run && !["RUNNING", "STOPPING"].includes(Run.Status ?? "") ? Run : undefined;
    });
  const start = async (Name: string, RunProperties?: Record<string, string>) =>
    (await on.glue.send(new StartWorkflowRunCommand({ Name, RunProperties }))).RunId ?? "";
  const statistics = ({ Statistics = {} }: WorkflowRun) => [
    Statistics.TotalActions,
    Statistics.SucceededActions,
    Statistics.FailedActions,
  ];
  before(async () => {
    on = await glueAccount();
    await shell(
      "write",
      `
import boto3, sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
glue = boto3.client("glue")
run = dict(Name=args["WORKFLOW_NAME"], RunId=args["WORKFLOW_RUN_ID"])
bucket = glue.get_workflow_run_properties(**run)["RunProperties"]["bucket"]
boto3.client("s3").put_object(Bucket=bucket, Key="chain/a.json", Body=b'{"a":1}')
glue.put_workflow_run_properties(**run, RunProperties={"rows": "1"})
`,
    );
    await shell("last", "print('last')\n");
    await shell("fails", "raise ValueError('no')\n");
    await shell("sleeps", "import time\ntime.sleep(600)\n");
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "chain" } }));
    const Targets = { S3Targets: [{ Path: `s3://${on.bucket}/chain/` }] };
    await on.glue.send(new CreateCrawlerCommand({ Name: "chain", Role: "glue", DatabaseName: "chain", Targets }));
  });

  it("runs a workflow: job, then crawler, then job, with properties that its jobs read and set", async () => {
    await workflow("chain", { DefaultRunProperties: { bucket: on.bucket, mode: "full" } });
    const of = { WorkflowName: "chain" };
    await trigger({ ...of, Name: "chain-start", Type: "ON_DEMAND", Actions: [{ JobName: "write" }] });
    const when = (condition: object) => ({ Conditions: [{ LogicalOperator: "EQUALS" as const, ...condition }] });
    await trigger({
      ...of,
      Name: "chain-crawl",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ CrawlerName: "chain" }],
      Predicate: when({ JobName: "write", State: "SUCCEEDED" }),
    });
    await trigger({
      ...of,
      Name: "chain-last",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ JobName: "last" }],
      Predicate: when({ CrawlerName: "chain", CrawlState: "SUCCEEDED" }),
    });
    const run = await ended("chain", await start("chain", { mode: "test" }));
    assert.equal(run.Status, "COMPLETED");
    assert.deepEqual(statistics(run), [3, 3, 0]);
    assert.deepEqual(run.WorkflowRunProperties, { bucket: on.bucket, mode: "test", rows: "1" });
    const nodes = run.Graph?.Nodes?.map(({ Type, Name }) => `${Type} ${Name}`).sort();
    assert.deepEqual(nodes, [
      "CRAWLER chain",
      "JOB last",
      "JOB write",
      "TRIGGER chain-crawl",
      "TRIGGER chain-last",
      "TRIGGER chain-start",
    ]);
    assert.equal(run.Graph?.Edges?.length, 5);
    const last = run.Graph?.Nodes?.find(({ Name }) => Name === "last");
    assert.equal(last?.JobDetails?.JobRuns?.[0]?.TriggerName, "chain-last");
    await assert.rejects(
      on.glue.send(new PutWorkflowRunPropertiesCommand({ Name: "chain", RunId: run.WorkflowRunId, RunProperties: {} })),
      { name: "InvalidInputException" },
    );
  });

  it("ends a workflow whose job fails, and one that is stopped", async () => {
    await workflow("failing");
    await trigger({
      WorkflowName: "failing",
      Name: "failing-start",
      Type: "ON_DEMAND",
      Actions: [{ JobName: "fails" }],
    });
    const failed = await ended("failing", await start("failing"));
    assert.deepEqual([failed.Status, ...statistics(failed)], ["COMPLETED", 1, 0, 1]);
    await workflow("long", { MaxConcurrentRuns: 1 });
    await trigger({ WorkflowName: "long", Name: "long-start", Type: "ON_DEMAND", Actions: [{ JobName: "sleeps" }] });
    const RunId = await start("long");
    await assert.rejects(start("long"), { name: "ConcurrentRunsExceededException" });
    await on.glue.send(new StopWorkflowRunCommand({ Name: "long", RunId }));
    const stopped = await ended("long", RunId);
    assert.deepEqual([stopped.Status, stopped.Statistics?.StoppedActions], ["STOPPED", 1]);
    await on.glue.send(new DeleteWorkflowCommand({ Name: "long" }));
    const { Triggers = [] } = await on.glue.send(new GetTriggersCommand({}));
    assert.ok(!Triggers.some(({ Name }) => Name === "long-start"));
  });

  it("fires what waits for runs that triggers have started, not for those started by hand", async () => {
    await shell("first", "print('first')\n");
    await shell("second", "print('second')\n");
    await trigger({ Name: "go", Type: "ON_DEMAND", Actions: [{ JobName: "first", Arguments: { "--by": "trigger" } }] });
    await trigger({
      Name: "then",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ JobName: "second" }],
      Predicate: { Conditions: [{ LogicalOperator: "EQUALS", JobName: "first", State: "SUCCEEDED" }] },
    });
    await on.run("first");
    await on.glue.send(new StartTriggerCommand({ Name: "go" }));
    const runs = await until("a run of the second", async () => {
      const { JobRuns = [] } = await on.glue.send(new GetJobRunsCommand({ JobName: "second" }));
      return JobRuns[0]?.JobRunState === "SUCCEEDED" ? JobRuns : undefined;
    });
    assert.deepEqual(
      runs.map(({ TriggerName }) => TriggerName),
      ["then"],
    );
    const { JobRuns = [] } = await on.glue.send(new GetJobRunsCommand({ JobName: "first" }));
    assert.deepEqual(
      JobRuns.map(({ TriggerName, Arguments }) => [TriggerName, Arguments?.["--by"]]),
      [
        ["go", "trigger"],
        [undefined, undefined],
      ],
    );
  });

  it("begins a workflow when EventBridge has sent it enough events, if the rule's role may", async () => {
    await role(on.config, "notifier", "events.amazonaws.com", ["glue:notifyEvent"]);
    await role(on.config, "powerless", "events.amazonaws.com", ["glue:GetWorkflow"]);
    await workflow("onevent");
    await trigger({
      WorkflowName: "onevent",
      Name: "onevent-start",
      Type: "EVENT",
      Actions: [{ JobName: "last" }],
      EventBatchingCondition: { BatchSize: 2 },
    });
    const events = new EventBridgeClient(on.config);
    const Arn = `arn:aws:glue:${on.config.region}:${on.account}:workflow/onevent`;
    const rule = async (Name: string, RoleName: string) => {
      await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
      await events.send(
        new PutTargetsCommand({
          Rule: Name,
          Targets: [{ Id: "1", Arn, RoleArn: `arn:aws:iam::${on.account}:role/${RoleName}` }],
        }),
      );
    };
    await rule("may", "notifier");
    await rule("maynot", "powerless");
    const send = (Source: string, n: number) =>
      events.send(new PutEventsCommand({ Entries: [{ Source, DetailType: "d", Detail: JSON.stringify({ n }) }] }));
    const runs = async () => (await on.glue.send(new GetWorkflowRunsCommand({ Name: "onevent" }))).Runs ?? [];
    await send("maynot", 0);
    await send("maynot", 0);
    await send("may", 1);
    await send("may", 2);
    const [run] = await until("a run of the workflow", async () => {
      const found = await runs();
      return found.length > 0 ? found : undefined;
    });
    await ended("onevent", run?.WorkflowRunId ?? "");
    assert.equal((await runs()).length, 1);
    const given: string[] = JSON.parse(run?.WorkflowRunProperties?.["aws:eventIds"] ?? "[]");
    assert.deepEqual(given.map((event) => JSON.parse(event).detail.n).sort(), [1, 2]);
  });

  it("refuses triggers that cannot work", async () => {
    const bad = (input: object) =>
      trigger({
        Name: "bad",
        Type: "ON_DEMAND",
        Actions: [{ JobName: "last" }],
        ...input,
      } as CreateTriggerCommandInput);
    await assert.rejects(bad({ Type: "CONDITIONAL" }), { name: "InvalidInputException" });
    await assert.rejects(bad({ Type: "SCHEDULED", Schedule: "daily" }), { name: "InvalidInputException" });
    await assert.rejects(bad({ Actions: [{ JobName: "nobody" }] }), { name: "EntityNotFoundException" });
    await assert.rejects(bad({ WorkflowName: "chain" }), {
      name: "InvalidInputException",
      message: /has a starting trigger already/,
    });
  });
});
