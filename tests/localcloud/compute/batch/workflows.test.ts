import assert from "node:assert/strict";
import { ListJobsCommand } from "@aws-sdk/client-batch";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type BatchAccount, batchAccount, eventually } from "./cloud-fixture.js";

const SUBMIT = { Action: ["batch:SubmitJob"], Resource: "*" };

describe("what submits Batch jobs by itself", () => {
  let on: BatchAccount;
  let states: SFNClient;
  before(async function () {
    this.timeout(60_000);
    on = await batchAccount();
    states = new SFNClient(on.config());
    await on.define("plain");
  });

  /** Runs a state machine of one task to its end. */
  const execute = async (name: string, roleArn: string, Parameters: object, sync = true) => {
    const { stateMachineArn } = await states.send(
      new CreateStateMachineCommand({
        name,
        roleArn,
        definition: JSON.stringify({
          StartAt: "Submit",
          States: {
            Submit: {
              Type: "Task",
              Resource: `arn:aws:states:::batch:submitJob${sync ? ".sync" : ""}`,
              Parameters,
              End: true,
            },
          },
        }),
      }),
    );
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
    return executionArn ?? "";
  };
  const outcome = (executionArn: string) =>
    eventually(async () => {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });
  const named = async (jobName: string) => {
    const { jobSummaryList } = await on.batch.send(
      new ListJobsCommand({ jobQueue: "queue", filters: [{ name: "JOB_NAME", values: [jobName] }] }),
    );
    return jobSummaryList ?? [];
  };
  const task = (JobName: string, ...Command: string[]) => ({
    JobName,
    JobQueue: "queue",
    JobDefinition: "plain",
    ContainerOverrides: { Command },
  });

  describe("a state machine", () => {
    let role: string;
    before(async () => {
      role = await on.role("states", "states.amazonaws.com", [
        SUBMIT,
        { Action: ["batch:DescribeJobs", "batch:TerminateJob", "events:*"], Resource: "*" },
      ]);
    });

    it("has the job's detail as its output when the job has succeeded", async () => {
      const { status, output } = await outcome(await execute("succeeds", role, task("succeeds", "say", "hi")));
      assert.equal(status, "SUCCEEDED");
      const detail = JSON.parse(output ?? "");
      assert.deepEqual([detail.Status, detail.JobName, detail.Container.ExitCode], ["SUCCEEDED", "succeeds", 0]);
    });

    it("fails with States.TaskFailed and the job's detail when the job has failed", async () => {
      const { status, error, cause } = await outcome(await execute("fails", role, task("fails", "fail", "3")));
      assert.deepEqual([status, error], ["FAILED", "States.TaskFailed"]);
      const detail = JSON.parse(cause ?? "");
      assert.deepEqual([detail.Status, detail.Attempts[0].Container.ExitCode], ["FAILED", 3]);
    });

    it("goes on at once without .sync", async () => {
      const { status, output } = await outcome(await execute("submits", role, task("submits", "wait"), false));
      assert.equal(status, "SUCCEEDED");
      const { JobId } = JSON.parse(output ?? "");
      assert.notEqual((await on.job(JobId)).status, "SUCCEEDED");
    });

    it("terminates the job of an execution that is stopped", async () => {
      const executionArn = await execute("stopped", role, task("stopped", "wait"));
      const job = await eventually(async () => (await named("stopped")).find(({ status }) => status === "RUNNING"));
      await states.send(new StopExecutionCommand({ executionArn }));
      const ended = await on.reaches(job.jobId ?? "", "FAILED", "SUCCEEDED");
      assert.deepEqual([ended.status, ended.isTerminated], ["FAILED", true]);
    });

    it("fails when its role may not submit", async () => {
      const powerless = await on.role("powerless-states", "states.amazonaws.com");
      const { status, cause } = await outcome(await execute("refused", powerless, task("refused", "say", "x"), false));
      assert.equal(status, "FAILED");
      assert.match(cause ?? "", /batch:SubmitJob/);
      assert.deepEqual(await named("refused"), []);
    });
  });

  it("a rule submits with its target's parameters, when that role may", async () => {
    const events = new EventBridgeClient(on.config());
    const rule = async (Name: string, RoleArn: string) => {
      await events.send(new PutRuleCommand({ Name, ScheduleExpression: "cron(0 2 * * ? *)", State: "DISABLED" }));
      await events.send(
        new PutTargetsCommand({
          Rule: Name,
          Targets: [
            {
              Id: "queue",
              Arn: `arn:aws:batch:eu-central-1:${on.account}:job-queue/queue`,
              RoleArn,
              BatchParameters: { JobDefinition: "plain", JobName: Name, RetryStrategy: { Attempts: 2 } },
              Input: JSON.stringify({ ContainerOverrides: { Command: ["say", "from", Name] } }),
            },
          ],
        }),
      );
      await on.cloud.fire({ account: on.account, region: "eu-central-1", kind: "rule", name: Name });
    };
    await rule("nightly", await on.role("events", "events.amazonaws.com", [SUBMIT]));
    const [submitted] = await named("nightly");
    const job = await on.reaches(submitted?.jobId ?? "", "SUCCEEDED", "FAILED");
    assert.deepEqual(await on.lines(job), ["from nightly"]);
    assert.equal(job.retryStrategy?.attempts, 2);

    await rule("powerless", await on.role("powerless-events", "events.amazonaws.com"));
    await rule("distrusted", await on.role("distrusts-events", "states.amazonaws.com", [SUBMIT]));
    assert.deepEqual([...(await named("powerless")), ...(await named("distrusted"))], []);
  });

  it("a schedule of EventBridge Scheduler submits through its universal target", async () => {
    const scheduler = new SchedulerClient(on.config());
    const RoleArn = await on.role("scheduler", "scheduler.amazonaws.com", [SUBMIT]);
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "weekly",
        ScheduleExpression: "cron(0 3 ? * SUN *)",
        State: "DISABLED",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: "arn:aws:scheduler:::aws-sdk:batch:submitJob",
          RoleArn,
          Input: JSON.stringify(task("weekly", "say", "weekly")),
        },
      }),
    );
    await on.cloud.fire({ account: on.account, region: "eu-central-1", kind: "schedule", name: "weekly" });
    const [submitted] = await named("weekly");
    const job = await on.reaches(submitted?.jobId ?? "", "SUCCEEDED", "FAILED");
    assert.deepEqual([job.status, await on.lines(job)], ["SUCCEEDED", ["weekly"]]);
  });
});
