// Workflows whose tasks are real jobs: what a stop leaves behind, and what a redrive runs again.
import assert from "node:assert/strict";
import { ListJobsCommand } from "@aws-sdk/client-batch";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { allGone, processTree } from "../../../server/process-tree.js";
import { type BatchAccount, batchAccount, eventually } from "../../batch/cloud-fixture.js";

describe("Step Functions: workflows of Batch jobs", () => {
  let account: BatchAccount;
  let sfn: SFNClient;
  let roleArn: string;
  before(async () => {
    account = await batchAccount();
    sfn = new SFNClient(account.config());
    roleArn = await account.role("states", "states.amazonaws.com", [
      { Action: ["batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob"], Resource: "*" },
      { Action: ["events:DescribeRule", "events:PutRule", "events:PutTargets"], Resource: "*" },
    ]);
    await account.define("job");
  });

  const job = (Command: string[], more: object = { End: true }) => ({
    Type: "Task",
    Resource: "arn:aws:states:::batch:submitJob.sync",
    Parameters: {
      "JobName.$": "$$.State.Name",
      JobQueue: "queue",
      JobDefinition: "job",
      ContainerOverrides: { Command },
    },
    ResultPath: null,
    ...more,
  });
  async function start(name: string, definition: object): Promise<string> {
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }),
    );
    const { executionArn = "" } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    return executionArn;
  }
  const ended = (executionArn: string) =>
    eventually(async () => {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });
  const jobs = async (name: string) => {
    const filters = [{ name: "JOB_NAME", values: [name] }];
    const { jobSummaryList } = await account.batch.send(new ListJobsCommand({ jobQueue: "queue", filters }));
    return jobSummaryList ?? [];
  };

  it("a stop terminates what runs in every branch and leaves no process", async () => {
    const idle = processTree(account.cloud.pid);
    const executionArn = await start("stopped", {
      StartAt: "Both",
      States: {
        Both: {
          Type: "Parallel",
          Branches: [
            { StartAt: "stop-left", States: { "stop-left": job(["wait"]) } },
            { StartAt: "stop-right", States: { "stop-right": job(["wait"]) } },
          ],
          End: true,
        },
      },
    });
    const ids = await Promise.all(
      ["stop-left", "stop-right"].map((name) => eventually(async () => (await jobs(name))[0]?.jobId)),
    );
    for (const id of ids) await account.reaches(id, "RUNNING");
    const started = processTree(account.cloud.pid).filter((pid) => !idle.includes(pid));
    assert.ok(started.length >= 2, `${started.length} processes`);
    await sfn.send(new StopExecutionCommand({ executionArn, error: "Operator", cause: "enough" }));
    assert.equal((await ended(executionArn)).status, "ABORTED");
    await allGone(started);
    for (const id of ids) {
      const { status, statusReason } = await account.reaches(id, "FAILED");
      assert.deepEqual([status, typeof statusReason], ["FAILED", "string"]);
    }
  });

  it("the failure of one branch terminates the job of the other", async () => {
    const executionArn = await start("failfast", {
      StartAt: "Both",
      States: {
        Both: {
          Type: "Parallel",
          Branches: [
            { StartAt: "fast-waits", States: { "fast-waits": job(["wait"]) } },
            { StartAt: "fast-fails", States: { "fast-fails": job(["fail", "3"]) } },
          ],
          End: true,
        },
      },
    });
    const execution = await ended(executionArn);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.TaskFailed"]);
    const [waiting] = await jobs("fast-waits");
    assert.equal((await account.reaches(waiting?.jobId ?? "", "FAILED")).status, "FAILED");
  });

  it("a time-out terminates its job", async () => {
    const executionArn = await start("late", {
      StartAt: "late",
      States: { late: job(["wait"], { TimeoutSeconds: 2, End: true }) },
    });
    const execution = await ended(executionArn);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.Timeout"]);
    const [late] = await jobs("late");
    assert.equal((await account.reaches(late?.jobId ?? "", "FAILED")).status, "FAILED");
  });

  it("a redrive submits only the jobs that had not succeeded", async () => {
    await account.define("flaky", { command: ["fail", "3"] });
    const { ContainerOverrides: _none, ...Parameters } = job([]).Parameters;
    const executionArn = await start("redriven", {
      StartAt: "redrive-first",
      States: {
        "redrive-first": job(["say", "once"], { Next: "redrive-second" }),
        "redrive-second": { ...job([]), Parameters: { ...Parameters, JobDefinition: "flaky" } },
      },
    });
    assert.equal((await ended(executionArn)).status, "FAILED");
    // The job is repaired by a new revision of its definition, which the task names without a number.
    await account.define("flaky", { command: ["say", "repaired"] });
    await sfn.send(new RedriveExecutionCommand({ executionArn }));
    const execution = await ended(executionArn);
    assert.deepEqual([execution.status, execution.redriveCount], ["SUCCEEDED", 1], execution.cause);
    assert.deepEqual([(await jobs("redrive-first")).length, (await jobs("redrive-second")).length], [1, 2]);
  });
});
