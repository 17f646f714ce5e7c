import assert from "node:assert/strict";
import { DescribeExecutionCommand, ListExecutionsCommand, RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { PASS, type StatesAccount, statesAccount, WAIT } from "./fixture.js";

/** A task that fails until the parameter is there. */
const reading = (Name: string, more: object = { End: true }) => ({
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
  Parameters: { Name },
  ResultSelector: { "value.$": "$.Parameter.Value" },
  ...more,
});

describe("Step Functions: redrive", () => {
  let states: StatesAccount;
  let ssm: SSMClient;
  let roleArn: string;
  before(async () => {
    states = await statesAccount();
    ssm = new SSMClient(states.config());
    roleArn = await states.role("reader", "states.amazonaws.com", [{ Action: "ssm:GetParameter", Resource: "*" }]);
  });

  const put = (Name: string, Value: string) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
  const redrive = (executionArn = "") => states.sfn.send(new RedriveExecutionCommand({ executionArn }));
  const types = async (executionArn = "") => (await states.history(executionArn)).map(({ type }) => type);

  it("goes on at the task that failed, with the history going on too", async () => {
    const arn = await states.create(
      { StartAt: "Before", States: { Before: { Type: "Pass", Next: "Read" }, Read: reading("later") } },
      { roleArn },
    );
    const executionArn = await states.start(arn);
    const failed = await states.ended(executionArn);
    assert.deepEqual([failed.status, failed.error], ["FAILED", "Ssm.ParameterNotFoundException"]);
    assert.deepEqual([failed.redriveStatus, failed.redriveCount], ["REDRIVABLE", 0]);
    const before = await types(executionArn);
    await put("later", "here now");
    const { redriveDate } = await redrive(executionArn);
    const execution = await states.ended(executionArn);
    assert.deepEqual([execution.status, JSON.parse(execution.output ?? "")], ["SUCCEEDED", { value: "here now" }]);
    assert.deepEqual([execution.redriveCount, execution.redriveDate], [1, redriveDate]);
    assert.equal(execution.error, undefined);
    assert.deepEqual((await types(executionArn)).slice(before.length), [
      "ExecutionRedriven",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    const list = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn, redriveFilter: "REDRIVEN" }));
    assert.deepEqual(
      list.executions?.map((entry) => [entry.executionArn, entry.redriveCount]),
      [[executionArn, 1]],
    );
  });

  it("runs again only the branch that failed", async () => {
    await put("left", "left");
    const arn = await states.create(
      {
        StartAt: "Both",
        States: {
          Both: {
            Type: "Parallel",
            Branches: [
              { StartAt: "Left", States: { Left: reading("left") } },
              {
                StartAt: "Pause",
                States: { Pause: { Type: "Wait", Seconds: 1, Next: "Right" }, Right: reading("right") },
              },
            ],
            End: true,
          },
        },
      },
      { roleArn },
    );
    const executionArn = await states.start(arn);
    assert.equal((await states.ended(executionArn)).status, "FAILED");
    const before = await types(executionArn);
    // What has succeeded is not read again: it would fail now.
    await ssm.send(new DeleteParameterCommand({ Name: "left" }));
    await put("right", "right");
    await redrive(executionArn);
    const execution = await states.ended(executionArn);
    assert.deepEqual(JSON.parse(execution.output ?? "null"), [{ value: "left" }, { value: "right" }]);
    const after = (await types(executionArn)).slice(before.length);
    assert.deepEqual(
      after.filter((type) => type?.endsWith("Scheduled")),
      ["TaskScheduled"],
    );
  });

  it("runs again only the iterations that failed", async () => {
    await put("a", "A");
    await put("c", "C");
    const arn = await states.create(
      {
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            MaxConcurrency: 1,
            ItemProcessor: {
              StartAt: "Read",
              States: { Read: { ...reading("", {}), Parameters: { "Name.$": "$" }, End: true } },
            },
            End: true,
          },
        },
      },
      { roleArn },
    );
    const executionArn = await states.start(arn, ["a", "b", "c"]);
    assert.equal((await states.ended(executionArn)).status, "FAILED");
    const before = await types(executionArn);
    await put("b", "B");
    await redrive(executionArn);
    const execution = await states.ended(executionArn);
    assert.deepEqual(JSON.parse(execution.output ?? "null"), [{ value: "A" }, { value: "B" }, { value: "C" }]);
    const after = (await types(executionArn)).slice(before.length);
    assert.equal(after.filter((type) => type === "TaskScheduled").length, 2);
  });

  it("can be repeated, each time with a count", async () => {
    const arn = await states.create({ StartAt: "Fail", States: { Fail: { Type: "Fail", Error: "Always" } } });
    const executionArn = await states.start(arn);
    await states.ended(executionArn);
    for (const count of [1, 2]) {
      await redrive(executionArn);
      const execution = await states.ended(executionArn);
      assert.deepEqual([execution.status, execution.redriveCount], ["FAILED", count]);
    }
  });

  it("is refused for what runs or has succeeded", async () => {
    const { executionArn } = await states.run(PASS);
    await assert.rejects(redrive(executionArn), {
      name: "ExecutionNotRedrivable",
      message: "Execution is SUCCEEDED and cannot be redriven",
    });
    const running = await states.start(await states.create(WAIT));
    await assert.rejects(redrive(running), {
      name: "ExecutionNotRedrivable",
      message: "Execution is RUNNING and cannot be redriven",
    });
    const described = await states.sfn.send(new DescribeExecutionCommand({ executionArn: running }));
    assert.deepEqual(
      [described.redriveStatus, described.redriveStatusReason],
      ["NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven"],
    );
  });
});
