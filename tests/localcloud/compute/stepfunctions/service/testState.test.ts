import assert from "node:assert/strict";
import { TestStateCommand, type TestStateCommandInput } from "@aws-sdk/client-sfn";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: TestState", () => {
  let states: StatesAccount;
  before(async () => {
    states = await statesAccount();
  });

  async function test(state: object, more: Partial<TestStateCommandInput> = {}) {
    const { $metadata: _, ...answer } = await states.sfn.send(
      new TestStateCommand({ definition: JSON.stringify(state), ...more }),
    );
    return answer;
  }

  it("tells output and next state", async () => {
    const state = { Type: "Pass", Parameters: { "doubled.$": "States.MathAdd($.n, $.n)" }, Next: "After" };
    assert.deepEqual(await test(state, { input: '{"n":21}' }), {
      status: "SUCCEEDED",
      output: '{"doubled":42}',
      nextState: "After",
    });
  });

  it("shows every stage of the data at DEBUG", async () => {
    const answer = await test(
      {
        Type: "Pass",
        InputPath: "$.inner",
        Parameters: { "value.$": "$.n" },
        ResultPath: "$.result",
        OutputPath: "$.result",
        End: true,
      },
      { input: '{"inner":{"n":1}}', inspectionLevel: "DEBUG" },
    );
    assert.deepEqual(answer.inspectionData, {
      input: '{"inner":{"n":1}}',
      afterInputPath: '{"n":1}',
      afterParameters: '{"value":1}',
      result: '{"value":1}',
      afterResultPath: '{"inner":{"n":1},"result":{"value":1}}',
      variables: "{}",
    });
    assert.equal(answer.output, '{"value":1}');
  });

  it("chooses, with variables that are given", async () => {
    const state = {
      Type: "Choice",
      QueryLanguage: "JSONata",
      Choices: [{ Condition: "{% $limit < $states.input.n %}", Next: "Over" }],
      Default: "Under",
    };
    const variables = '{"limit":10}';
    assert.equal((await test(state, { input: '{"n":11}', variables })).nextState, "Over");
    assert.equal((await test(state, { input: '{"n":9}', variables })).nextState, "Under");
  });

  it("carries a task out as the role that is given", async () => {
    await new SSMClient(states.config()).send(new PutParameterCommand({ Name: "p", Value: "v", Type: "String" }));
    const roleArn = await states.role("tester", "states.amazonaws.com", [
      { Action: "ssm:GetParameter", Resource: "*" },
    ]);
    const state = {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
      Parameters: { Name: "p" },
      ResultSelector: { "value.$": "$.Parameter.Value" },
      End: true,
    };
    assert.deepEqual(await test(state, { roleArn }), { status: "SUCCEEDED", output: '{"value":"v"}' });
    const denied = await test(state, { roleArn: states.roleArn });
    assert.deepEqual([denied.status, denied.error], ["FAILED", "Ssm.AccessDeniedException"]);
    await assert.rejects(test(state), { name: "ValidationException" });
  });

  it("says what Retry and Catch would do about a mocked error", async () => {
    const state = {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "f" },
      Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 2 }],
      Catch: [
        { ErrorEquals: ["Other"], Next: "Elsewhere" },
        { ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Recover" },
      ],
      End: true,
    };
    const mock = { errorOutput: { error: "Busy", cause: "try later" } };
    const retried = await test(state, {
      mock,
      stateConfiguration: { retrierRetryCount: 1 },
      inspectionLevel: "DEBUG",
    });
    assert.deepEqual(
      [retried.status, retried.error, retried.inspectionData?.errorDetails],
      ["RETRIABLE", "Busy", { retryIndex: 0, retryBackoffIntervalSeconds: 6 }],
    );
    const caught = await test(state, { mock, stateConfiguration: { retrierRetryCount: 2 }, inspectionLevel: "DEBUG" });
    assert.deepEqual(
      [caught.status, caught.nextState, caught.output, caught.inspectionData?.errorDetails],
      ["CAUGHT_ERROR", "Recover", '{"error":{"Error":"Busy","Cause":"try later"}}', { catchIndex: 1 }],
    );
  });

  it("takes a mocked result in place of a Map's work, and a state out of a whole definition", async () => {
    const definition = {
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemProcessor: { StartAt: "Item", States: { Item: { Type: "Pass", End: true } } },
          ResultPath: "$.results",
          Next: "Done",
        },
        Done: { Type: "Succeed" },
      },
    };
    const answer = await test(definition, { stateName: "Each", input: '{"a":1}', mock: { result: "[1,2]" } });
    assert.deepEqual(answer, { status: "SUCCEEDED", output: '{"a":1,"results":[1,2]}', nextState: "Done" });
    await assert.rejects(test(definition, { stateName: "None" }), { name: "ValidationException" });
    await assert.rejects(test({ Type: "Pass", End: true }, { mock: { result: "1" } }), { name: "ValidationException" });
  });

  it("fails as the state would", async () => {
    const answer = await test({ Type: "Fail", ErrorPath: "$.name", Cause: "given" }, { input: '{"name":"Mine"}' });
    assert.deepEqual(answer, { status: "FAILED", error: "Mine", cause: "given" });
  });
});
