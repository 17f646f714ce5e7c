// The platform as it is deployed: what goes wrong is told, the clock submits, and the orchestrator's input reaches every job.
import assert from "node:assert/strict";
import {
  BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  ListJobsCommand,
  SubmitJobCommand,
} from "@aws-sdk/client-batch";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { testCloud } from "../../support/cloud.js";
import { type Inbox, openInbox, until } from "../cli/inbox.js";
import { openWorkspace, type Workspace } from "../cli/workspace.js";

describe("Sanders on the local cloud", function () {
  this.timeout(180_000);

  let workspace: Workspace;
  let outputs: Record<string, string>;
  let batch: BatchClient;
  let states: SFNClient;
  let inbox: Inbox;
  /** What the alarms told, from the beginning on. */
  let alerts: Inbox;

  before(async () => {
    workspace = await openWorkspace("dev");
    // Retries of a host that failed are not what is tested here, and jobs need no image to fail.
    await workspace.pulumi("config", "set", "crucible:image", "none");
    await workspace.pulumi("config", "set", "--path", "crucible:sanders.monitoring.writeUnitsPerFiveMinutes", "20");
    await workspace.pulumi("up", "--yes", "--skip-preview");
    outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
    batch = new BatchClient(workspace.client);
    states = new SFNClient(workspace.client);
    inbox = await openInbox(workspace, "sanders-alerts-dev");
    alerts = await openInbox(workspace, "sanders-alerts-dev", "alarms");
  });
  after(async () => {
    await workspace.pulumi("destroy", "--yes", "--skip-preview");
    await workspace.close();
  });

  it("tells the topic of a job that failed, with the reason, and keeps its end for the dashboard", async () => {
    const { jobId } = await batch.send(
      new SubmitJobCommand({
        jobName: "fails",
        jobQueue: outputs.BatchJobQueueName,
        jobDefinition: "sanders-job-2g-dev",
      }),
    );
    const { message } = await inbox.next((each) => each.message.includes(String(jobId)));
    assert.match(message, /^"?Batch job fails \([0-9a-f-]+\) failed: /);
    const logs = new CloudWatchLogsClient(workspace.client);
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/aws/events/sanders-job-events-dev" }),
    );
    const ends = (events ?? []).map((event) => JSON.parse(event.message ?? "").detail);
    assert.deepEqual(
      ends.filter((detail) => detail.jobId === jobId).map(({ jobName, status }) => [jobName, status]),
      [["fails", "FAILED"]],
    );
  });

  it("gives the orchestrator's environment to every job, and tells the topic of its failure and its cause", async () => {
    const execution = await run({ environment: { FEATURE_DATE: "2026-02-07", TLC_DATA_PATH: "s3://b/k.parquet" } });
    assert.equal(execution.status, "FAILED");
    assert.equal(execution.error, "States.TaskFailed");
    const cause = JSON.parse(execution.cause ?? "");
    assert.equal(cause.Status, "FAILED");
    const { subject, message } = await inbox.next((each) => each.subject === "sanders-orchestrator-dev failed");
    assert.ok(message.includes(`execution ${execution.name} failed with States.TaskFailed: `), message);
    assert.equal(subject, "sanders-orchestrator-dev failed");
    for (const jobName of ["feature-extraction", "data-processing"]) {
      const job = await jobOf(jobName);
      const environment = Object.fromEntries(
        (job.container?.environment ?? []).map(({ name, value }) => [name, value]),
      );
      assert.equal(environment.FEATURE_DATE, "2026-02-07", jobName);
      assert.equal(environment.TLC_DATA_PATH, "s3://b/k.parquet", jobName);
      assert.equal(environment.S3_BUCKET, outputs.S3BucketName, jobName);
    }
  });

  it("refuses an environment that is no object, and says so", async () => {
    const execution = await run({ environment: "prod" });
    assert.deepEqual([execution.status, execution.error], ["FAILED", "InvalidInput"]);
    assert.match(execution.cause ?? "", /must be an object that maps names of variables to their values/);
    await inbox.next(({ message }) => message.includes(`execution ${execution.name} failed with InvalidInput`));
  });

  it("tells the topic of an execution that was stopped", async () => {
    const { executionArn = "" } = await states.send(
      new StartExecutionCommand({ stateMachineArn: outputs.StepFunctionsStateMachineARN }),
    );
    await states.send(new StopExecutionCommand({ executionArn }));
    const name = executionArn.split(":").at(-1);
    await inbox.next(({ message }) => message.includes(`Execution ${name} ended: ABORTED`));
  });

  for (const [schedule, definition, command] of [
    ["daily-features", "sanders-job-8g-dev", "jobs/daily_features_tlc"],
    ["weekly-training", "sanders-job-16g-dev", "jobs/model_training"],
  ] as const)
    it(`submits ${schedule} when its time has come`, async () => {
      const cloud = await testCloud();
      await cloud.fire({
        account: workspace.account,
        region: "eu-central-1",
        kind: "schedule",
        name: `sanders-${schedule}-dev`,
      });
      const job = await jobOf(schedule);
      assert.match(job.jobDefinition ?? "", new RegExp(`:job-definition/${definition}:1$`));
      assert.match(job.jobQueue ?? "", /:job-queue\/sanders-batch-queue-dev$/);
      assert.deepEqual(job.container?.command, [command]);
    });

  it("has its alarms tell the topic of a failed job, of a failed execution, and of many writes", async () => {
    const write = new BatchWriteItemCommand({
      RequestItems: {
        [outputs.DynamoDBTableName ?? ""]: Array.from({ length: 25 }, (_, index) => ({
          PutRequest: { Item: { customer_id: { S: String(index) }, date: { S: "2026-02-07" } } },
        })),
      },
    });
    await new DynamoDBClient(workspace.client).send(write);
    await batch.send(
      new SubmitJobCommand({
        jobName: "fails-again",
        jobQueue: outputs.BatchJobQueueName,
        jobDefinition: "sanders-job-2g-dev",
      }),
    );
    await run({ environment: "none" });
    const expected = ["batch-failures", "execution-failures", "dynamodb-writes"].map((what) => `sanders-${what}-dev`);
    const alarms = new CloudWatchClient(workspace.client);
    await until("the alarms", async () => {
      const { MetricAlarms = [] } = await alarms.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
      return MetricAlarms.length === expected.length ? MetricAlarms : undefined;
    });
    const waiting = new Set(expected);
    while (waiting.size > 0) {
      const { subject } = await alerts.next((each) => each.subject.startsWith("ALARM: "));
      waiting.delete(/"(.*)"/.exec(subject)?.[1] ?? "");
    }
  });

  /** Runs the orchestrator to its end. */
  async function run(input: unknown) {
    const { executionArn } = await states.send(
      new StartExecutionCommand({
        stateMachineArn: outputs.StepFunctionsStateMachineARN,
        input: JSON.stringify(input),
      }),
    );
    return await until(`execution ${executionArn} to end`, async () => {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });
  }

  /** The newest job of a name, in whichever state. */
  async function jobOf(jobName: string): Promise<JobDetail> {
    const { jobSummaryList = [] } = await batch.send(
      new ListJobsCommand({
        jobQueue: outputs.BatchJobQueueName,
        filters: [{ name: "JOB_NAME", values: [jobName] }],
      }),
    );
    const newest = jobSummaryList.sort((left, right) => (right.createdAt ?? 0) - (left.createdAt ?? 0))[0];
    assert.ok(newest, `there is a job ${jobName}`);
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [newest.jobId as string] }));
    return jobs?.[0] as JobDetail;
  }
});
