import assert from "node:assert/strict";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Json, JsonObject } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { type IntegrationCloud, integrationCloud, REGION, withoutMetadata } from "./fixture.js";

const START = "arn:aws:states:::states:startExecution";

describe("states:startExecution", () => {
  let cloud: IntegrationCloud;
  let states: SFNClient;
  const arnOf = (machine: string) => `arn:aws:states:${REGION}:${cloud.account}:stateMachine:${machine}`;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    states = new SFNClient(cloud.config());
    const roleArn = await cloud.role("machine");
    const only: Record<string, JsonObject> = {
      passes: { Type: "Pass", Result: { Arg1: "argument1" }, End: true },
      fails: { Type: "Fail", Error: "SomeFailure", Cause: "because" },
      waits: { Type: "Wait", Seconds: 3600, End: true },
    };
    for (const [name, State] of Object.entries(only))
      await states.send(
        new CreateStateMachineCommand({
          name,
          roleArn,
          definition: JSON.stringify({ StartAt: "State", States: { State } }),
        }),
      );
  });
  after(() => cloud.stop());

  const childOf = async (output: Json) =>
    states.send(new DescribeExecutionCommand({ executionArn: (output as { ExecutionArn: string }).ExecutionArn }));

  it("answers with the execution that was started", async () => {
    const { output } = await cloud.run(START, { StateMachineArn: arnOf("waits"), Input: { a: 1 }, Name: "plain" });
    const answer = withoutMetadata(output) as { ExecutionArn: string; StartDate: number };
    assert.deepEqual(Object.keys(answer), ["ExecutionArn", "StartDate"]);
    const child = await childOf(output as Json);
    assert.deepEqual([child.status, child.input], ["RUNNING", '{"a":1}']);
    assert.equal(answer.StartDate, child.startDate?.getTime());
    await states.send(new StopExecutionCommand({ executionArn: answer.ExecutionArn }));
  });

  it("waits for the execution's end with .sync, whose result has the output as a text", async () => {
    const task = cloud.start(`${START}.sync`, { StateMachineArn: arnOf("passes"), Input: null, Name: "sync" });
    const { output } = await task.reply("succeeded");
    const { StartDate, StopDate, ...rest } = output as JsonObject;
    assert.deepEqual(rest, {
      ExecutionArn: `arn:aws:states:${REGION}:${cloud.account}:execution:passes:sync`,
      Input: "{}",
      InputDetails: { Included: true },
      Name: "sync",
      Output: '{"Arg1":"argument1"}',
      OutputDetails: { Included: true },
      StateMachineArn: arnOf("passes"),
      Status: "SUCCEEDED",
    });
    assert.ok((StopDate as number) >= (StartDate as number));
    assert.equal(task.replies[0]?.kind, "submitted");
  });

  it("reads input and output as JSON with .sync:2", async () => {
    const parameters = { StateMachineArn: arnOf("passes"), Input: { a: [1] }, Name: "sync2" };
    const { output } = await cloud.run(`${START}.sync:2`, parameters);
    const { Input, Output } = output as JsonObject;
    assert.deepEqual([Input, Output], [{ a: [1] }, { Arg1: "argument1" }]);
  });

  it("fails with States.TaskFailed and what is known of the execution when it has failed", async () => {
    const parameters = { StateMachineArn: arnOf("fails"), Input: {}, Name: "failing" };
    const { error, cause } = await cloud.run(`${START}.sync`, parameters);
    assert.equal(error, "States.TaskFailed");
    const { StartDate: _, StopDate: __, ...rest } = JSON.parse(cause ?? "");
    assert.deepEqual(rest, {
      Cause: "because",
      Error: "SomeFailure",
      ExecutionArn: `arn:aws:states:${REGION}:${cloud.account}:execution:fails:failing`,
      Input: "{}",
      InputDetails: { Included: true },
      Name: "failing",
      StateMachineArn: arnOf("fails"),
      Status: "FAILED",
    });
  });

  it("stops the execution of a task that is stopped", async () => {
    const task = cloud.start(`${START}.sync`, { StateMachineArn: arnOf("waits"), Name: "stopped" });
    const { output } = await task.reply("submitted");
    const heard = new Promise<unknown>((resolve) =>
      cloud.tap
        .watch(cloud.account, REGION, ["Step Functions Execution Status Change"])
        .follow(({ detail }) => (detail as { status: string }).status === "ABORTED" && resolve(detail)),
    );
    task.stop();
    await heard;
    assert.equal((await childOf(output)).status, "ABORTED");
  });

  it("words what Step Functions refuses as AWS does", async () => {
    const none = await cloud.run(START, { StateMachineArn: arnOf("none"), Input: null, Name: "x" });
    assert.equal(none.error, "StepFunctions.StateMachineDoesNotExistException");
    assert.match(
      none.cause ?? "",
      /^State Machine Does Not Exist: '.*:none' \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: \S+; Proxy: null\)$/,
    );
    const again = { StateMachineArn: arnOf("passes"), Input: { other: true }, Name: "sync" };
    assert.equal((await cloud.run(START, again)).error, "StepFunctions.ExecutionAlreadyExistsException");
    const role = await cloud.role("no-start", { Action: "states:DescribeExecution", Resource: "*" });
    const refused = await cloud.run(START, { StateMachineArn: arnOf("passes") }, role);
    assert.equal(refused.error, "StepFunctions.AWSStepFunctionsException");
    assert.match(refused.cause ?? "", /is not authorized to perform: states:StartExecution/);
  });
});
