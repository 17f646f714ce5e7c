// The template's workflow as it is deployed, with what it depends on: how it runs, and every way in which it fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BatchClient, DescribeJobsCommand } from "@aws-sdk/client-batch";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeStateMachineCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { fileSystemFolder } from "../../../localcloud/compute/containers/mounts.js";
import { testCloud } from "../../support/cloud.js";
import { type Inbox, openInbox, until } from "../cli/inbox.js";
import { openWorkspace, type Workspace } from "../cli/workspace.js";
import { pushTinyImage } from "./tiny-image.js";

/** What the tiny image's job writes down of each call. */
interface Call {
  kind: string;
  workflow: string;
  step: string;
  partition?: string;
  attempt: string;
  input: Record<string, unknown>;
  memory: string;
}

const TAG = "tiny";
const SETTINGS: Record<string, string> = {
  "crucible:throwaway": "true",
  "crucible:suffix": "t7n2",
  // Small enough for several at once, and for one to outgrow.
  "crucible:backend.tiers.XS.vcpus": "1",
  "crucible:backend.tiers.XS.memoryMiB": "256",
  "crucible:backend.workflows.stepTimeoutSeconds.template.Finalize": "10",
  "crucible:backend.jobs.imageTag": TAG,
};

describe("The backend on the local cloud", function () {
  this.timeout(180_000);

  let workspace: Workspace;
  let outputs: Record<string, string>;
  let states: SFNClient;
  let inbox: Inbox;

  before(async () => {
    workspace = await openWorkspace("dev", "us-east-1", ["template"]);
    for (const [key, value] of Object.entries(SETTINGS))
      await workspace.pulumi("config", "set", ...(key.includes(".") ? ["--path"] : []), key, value);
    await workspace.pulumi("up", "--yes", "--skip-preview");
    outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
    states = new SFNClient(workspace.client);
    inbox = await openInbox(workspace, "backend-alerts-dev");
    await pushTinyImage(outputs.BackendBatchOrdersRepositoryURI as string, TAG, workspace.client);
  });
  after(async () => {
    await workspace.pulumi("destroy", "--yes", "--skip-preview");
    await workspace.close();
  });

  it("runs each step as a job that knows run, input and partition, on the file system that all share", async () => {
    const execution = await run({ message: "hello", partitions: 3 });
    assert.equal(execution.status, "SUCCEEDED", execution.cause);
    const input = { message: "hello", partitions: 3 };
    assert.deepEqual(JSON.parse(execution.output ?? ""), { workflow: "template", runId: execution.name, input });
    const calls = await callsOf(execution);
    assert.deepEqual(
      calls.map(({ kind, step, partition }) => [kind, step, partition ?? "-"].join(" ")),
      [
        "step Initialize -",
        ...["0/3", "1/3", "2/3"].map((partition) => `step Work ${partition}`),
        "merge Work -",
        "step Finalize -",
      ],
    );
    for (const call of calls) assert.deepEqual([call.workflow, call.input, call.memory], ["template", input, "256"]);
  });

  it("has nothing to change", async () => {
    await workspace.pulumi("preview", "--expect-no-changes");
  });

  it("fills in what the input leaves out", async () => {
    const execution = await run({ message: "hello" });
    assert.deepEqual(JSON.parse(execution.output ?? "").input, { message: "hello", partitions: 2 });
  });

  it("refuses bad input in its first state, naming field and value, and tells", async () => {
    const execution = await run({ partitions: 40, mesage: "hello" });
    const cause = await assertFailed(execution, "Validate input", "InvalidInput");
    for (const part of [
      "'message' is missing: it must be text like .{1,200} (what the run is about)",
      "'partitions' must be a whole number from 2 to 16 (parts that the work is cut into), but it is 40",
      "'mesage' is not known: the input has message, partitions",
    ])
      assert.ok(cause.includes(part), `${part} is not in ${cause}`);
    const text = await run("hello");
    assert.match(
      await assertFailed(text, "Validate input", "InvalidInput"),
      /the input must be an object, but it is "hello"/,
    );
  });

  it("tries a step that failed again, and goes on", async () => {
    const execution = await run({ message: "fail once in Work" });
    assert.equal(execution.status, "SUCCEEDED", execution.cause);
    const work = (await callsOf(execution)).filter(({ kind, step }) => kind === "step" && step === "Work");
    assert.deepEqual(work.map(({ partition, attempt }) => `${partition} ${attempt}`).sort(), [
      "0/2 1",
      "0/2 2",
      "1/2 1",
      "1/2 2",
    ]);
  });

  it("does not try again what was refused as a wrong request", async () => {
    const execution = await run({ message: "refuse in Work" });
    assert.match(await assertFailed(execution, "Work", "States.TaskFailed"), /exit code 2/);
    const attempts = (await callsOf(execution)).filter(({ step }) => step === "Work").map(({ attempt }) => attempt);
    assert.deepEqual(attempts, ["1", "1"]);
  });

  it("fails with a step that always fails: with its exit code, its log stream and what it said last", async () => {
    const execution = await run({ message: "fail in Initialize" });
    const cause = await assertFailed(execution, "Initialize", "States.TaskFailed");
    assert.match(cause, /^Job template-Initialize failed: Essential container in task exited; exit code 1 /);
    const [, jobId, stream] = /\(job ([0-9a-f-]+), log stream (xs\/default\/\S+)\)/.exec(cause) ?? [];
    const { jobs } = await new BatchClient(workspace.client).send(new DescribeJobsCommand({ jobs: [jobId ?? ""] }));
    assert.equal(jobs?.[0]?.container?.logStreamName, stream);
    assert.match(cause, /Its log ends: no households of the title in all$/);
  });

  it("fails with the partition that failed, not with the array that knows nothing of it", async () => {
    const execution = await run({ message: "fail in Work" });
    const cause = await assertFailed(execution, "Work", "States.TaskFailed");
    assert.match(cause, /^Job template-Work failed: .*exit code 1 \(job [0-9a-f-]+:[01], /);
    assert.match(cause, /Its log ends: no households of the title in [01]\/2$/);
  });

  it("ends a step that takes too long, and its job", async () => {
    const execution = await run({ message: "sleep in Finalize" });
    const cause = await assertFailed(execution, "Finalize", "States.Timeout");
    assert.equal(cause, "It was not finished within 10 seconds");
  });

  it("says of a step that outgrew its memory that it did", async () => {
    const execution = await run({ message: "eat in Initialize" });
    const cause = await assertFailed(execution, "Initialize", "States.TaskFailed");
    assert.match(cause, /OutOfMemoryError: Container killed due to memory usage; exit code 137/);
  });

  it("tells of an execution that was stopped", async () => {
    const { executionArn = "" } = await start({ message: "sleep in Finalize" });
    await states.send(new StopExecutionCommand({ executionArn }));
    await inbox.next(({ message }) => message.includes(`Execution ${executionArn} ended: ABORTED`));
  });

  it("keeps errors in the log, and no traces", async () => {
    const machine = await states.send(
      new DescribeStateMachineCommand({ stateMachineArn: outputs.TemplateStateMachineARN }),
    );
    assert.equal(machine.loggingConfiguration?.level, "ERROR");
    assert.notEqual(machine.tracingConfiguration?.enabled, true);
  });

  const start = (input: unknown) =>
    states.send(
      new StartExecutionCommand({ stateMachineArn: outputs.TemplateStateMachineARN, input: JSON.stringify(input) }),
    );

  /** Runs the workflow to its end. */
  async function run(input: unknown): Promise<DescribeExecutionCommandOutput> {
    const { executionArn } = await start(input);
    return await until(`execution ${executionArn} to end`, async () => {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });
  }

  /** Checks that an execution ended in the failure state and that the topic was told the same, and gives the cause. */
  async function assertFailed(
    execution: DescribeExecutionCommandOutput,
    state: string,
    error: string,
  ): Promise<string> {
    assert.deepEqual([execution.status, execution.error], ["FAILED", error], execution.cause);
    const prefix = `${state}: `;
    assert.ok(execution.cause?.startsWith(prefix), `${execution.cause} does not begin with ${prefix}`);
    const cause = execution.cause?.slice(prefix.length) ?? "";
    const told = await inbox.next(({ message }) => message.includes(execution.executionArn ?? "?"));
    assert.equal(told.subject, "template failed");
    assert.deepEqual(JSON.parse(told.message), {
      workflow: "template",
      execution: execution.executionArn,
      state,
      error,
      cause,
    });
    return cause;
  }

  /** What the jobs of an execution wrote down, partitions in their order. */
  async function callsOf(execution: DescribeExecutionCommandOutput): Promise<Call[]> {
    const cloud = await testCloud();
    const folder = fileSystemFolder(cloud.dataDir, workspace.account, outputs.BackendFileSystemId ?? "");
    const text = readFileSync(join(folder, "data", "runs", `${execution.name}.jsonl`), "utf8");
    const calls = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Call);
    const rank = ({ kind, step, partition = "" }: Call) =>
      `${["Initialize", "Work", "Finalize"].indexOf(step)}${kind === "merge" ? 1 : 0}${partition}`;
    return calls.sort((left, right) => (rank(left) < rank(right) ? -1 : 1));
  }
});
