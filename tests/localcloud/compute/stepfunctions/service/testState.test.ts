import assert from "node:assert/strict";
import { CreateActivityCommand, TestStateCommand, type TestStateCommandInput } from "@aws-sdk/client-sfn";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type StatesAccount, statesAccount } from "./fixture.js";

/** A branch or a processor of one state. */
const INLINE = { StartAt: "Item", States: { Item: { Type: "Pass", End: true } } };

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
          ItemsPath: "$.a",
          ItemProcessor: { StartAt: "Item", States: { Item: { Type: "Pass", End: true } } },
          ResultPath: "$.results",
          Next: "Done",
        },
        Done: { Type: "Succeed" },
      },
    };
    const answer = await test(definition, { stateName: "Each", input: '{"a":[1]}', mock: { result: "[1,2]" } });
    assert.deepEqual(answer, { status: "SUCCEEDED", output: '{"a":[1],"results":[1,2]}', nextState: "Done" });
    assert.equal((await test(definition, { stateName: "Item", input: "5" })).output, "5");
    await assert.rejects(test(definition, { stateName: "None" }), { name: "ValidationException" });
  });

  it("shows what a mocked Map's children would get, and how many may fail", async () => {
    const state = {
      Type: "Map",
      ItemsPath: "$.list",
      ItemSelector: { "value.$": "$$.Map.Item.Value", "from.$": "$.from" },
      ItemBatcher: { MaxItemsPerBatch: 2 },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Item",
        States: { Item: { Type: "Pass", End: true } },
      },
      MaxConcurrency: 4,
      ToleratedFailureCount: 1,
      Catch: [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"], ResultPath: "$.error", Next: "Recover" }],
      End: true,
    };
    const input = '{"list":[1,2,3],"from":"here"}';
    const mapped = (more: Partial<TestStateCommandInput>) =>
      test(state, { input, inspectionLevel: "DEBUG", mock: { result: "[10,20]" }, ...more });
    const answer = await mapped({});
    const children = [1, 2, 3].map((value) => ({ value, from: "here" }));
    assert.deepEqual([answer.status, answer.output], ["SUCCEEDED", "[10,20]"]);
    assert.deepEqual(answer.inspectionData, {
      input,
      afterInputPath: input,
      afterItemsPath: "[1,2,3]",
      maxConcurrency: 4,
      toleratedFailureCount: 1,
      afterItemSelector: JSON.stringify(children),
      afterItemBatcher: JSON.stringify([{ Items: children.slice(0, 2) }, { Items: children.slice(2) }]),
      afterResultPath: "[10,20]",
    } as never);
    const tolerated = await mapped({ stateConfiguration: { mapIterationFailureCount: 1 } });
    assert.equal(tolerated.status, "SUCCEEDED");
    const exceeded = await mapped({ stateConfiguration: { mapIterationFailureCount: 2 } });
    assert.deepEqual(
      [exceeded.status, exceeded.error, exceeded.cause, exceeded.nextState, exceeded.inspectionData?.errorDetails],
      [
        "CAUGHT_ERROR",
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
        "Recover",
        { catchIndex: 0 },
      ],
    );
    const failed = await mapped({
      mock: { errorOutput: { error: "Boom", cause: "why" } },
      stateConfiguration: { errorCausedByState: "Item" },
    });
    assert.deepEqual([failed.status, failed.error, failed.cause], ["FAILED", "Boom", "why"]);
    const elsewhere = await mapped({ input: '{"list":{}}' });
    assert.deepEqual(
      [
        elsewhere.status,
        (
          await test(
            { ...state, ItemProcessor: INLINE, ItemBatcher: undefined },
            { input: "{}", mock: { result: "[]" } },
          )
        ).status,
      ],
      ["SUCCEEDED", "FAILED"],
      "a Distributed Map goes through an object, no Map through nothing",
    );
  });

  it("takes what an ItemReader would have read", async () => {
    const state = {
      Type: "Map",
      QueryLanguage: "JSONata",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        Arguments: { Bucket: "b", Key: "k" },
        ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
      },
      ItemSelector: "{% $states.context.Map.Item.Value.id %}",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Item",
        States: { Item: { Type: "Pass", End: true } },
      },
      End: true,
    };
    const answer = await test(state, {
      inspectionLevel: "DEBUG",
      mock: { result: "[]" },
      stateConfiguration: { mapItemReaderData: "id,name\n7,x\n8,y\n" },
    });
    assert.deepEqual(answer.inspectionData, { input: "{}", maxConcurrency: 0, afterItemSelector: '["7","8"]' });
  });

  it("refuses what needs a mock, and mocks that do not fit", async () => {
    const refused = (name: string, message: string | RegExp) => ({ name, message });
    const waiting = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", End: true };
    const roleArn = states.roleArn;
    const patterns = refused(
      "InvalidDefinition",
      "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns.",
    );
    await assert.rejects(test(waiting, { roleArn }), patterns);
    await assert.rejects(
      test({ ...waiting, Resource: "arn:aws:states:::glue:startJobRun.sync" }, { roleArn }),
      patterns,
    );
    const activity = `arn:aws:states:eu-central-1:${states.account}:activity:a`;
    await assert.rejects(test({ ...waiting, Resource: activity }, { roleArn }), { name: "InvalidDefinition" });
    const map = { Type: "Map", ItemProcessor: INLINE, End: true };
    const parallel = { Type: "Parallel", Branches: [INLINE], End: true };
    for (const state of [map, parallel])
      await assert.rejects(
        test(state, { input: "[]" }),
        refused(
          "InvalidDefinition",
          "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
        ),
      );
    const cases: [object, Partial<TestStateCommandInput>, string][] = [
      [
        { Type: "Pass", End: true },
        { mock: { result: "1" } },
        "State type 'Pass' is not supported when a mock is specified",
      ],
      [map, { mock: { result: "{}" } }, "Mocked result must be an array."],
      [map, { mock: { result: "[" } }, "Mocked result must be valid JSON"],
      [
        parallel,
        { mock: { result: "[1,2]" } },
        "Mocked result must contain the same number of items as number of Parallel branches.",
      ],
      [
        map,
        { mock: { result: "[]", errorOutput: { error: "E" } } },
        "A test mock should have only one of the following fields: [result, errorOutput].",
      ],
      [
        map,
        { mock: { result: "[]" }, revealSecrets: true },
        "TestState does not support RevealSecrets when a mock is specified.",
      ],
      [
        map,
        { mock: { result: "[]" }, context: '{"Map":{}}' },
        "Invalid Context object provided: 'Map' field is not supported when mocking a Context object",
      ],
      [
        map,
        { mock: { result: "[]" }, context: '{"Execution":{"Id":1}}' },
        "Invalid Context object provided: Execution.Id must be a string",
      ],
      [
        map,
        { mock: { result: "[]" }, context: '{"Foo":{}}' },
        "Invalid Context object provided: Field 'Foo' is not allowed",
      ],
    ];
    for (const [state, more, message] of cases)
      await assert.rejects(test(state, more), refused("ValidationException", message));
    await assert.rejects(
      test(map, { mock: { errorOutput: { error: "E" } }, stateConfiguration: { errorCausedByState: "Nobody" } }),
      { name: "ValidationException" },
    );
  });

  it("gives a mocked task the Context object that is given, with its token", async () => {
    const state = {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Parameters: { QueueUrl: "https://queue", "MessageBody.$": "$$.Task.Token" },
      ResultSelector: { "id.$": "$$.Execution.Id" },
      End: true,
    };
    const context = JSON.stringify({ Task: { Token: "token" }, Execution: { Id: "mine" } });
    const answer = await test(state, { mock: { result: "{}" }, context, inspectionLevel: "DEBUG" });
    assert.equal(answer.inspectionData?.afterParameters, '{"QueueUrl":"https://queue","MessageBody":"token"}');
    assert.equal(answer.output, '{"id":"mine"}');
  });

  it("tells which retrier has no attempt left", async () => {
    const state = {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "f" },
      End: true,
    };
    const answer = await test(
      { ...state, Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 1 }] },
      {
        mock: { errorOutput: { error: "Busy" } },
        stateConfiguration: { retrierRetryCount: 1 },
        inspectionLevel: "DEBUG",
      },
    );
    assert.deepEqual([answer.status, answer.inspectionData?.errorDetails], ["FAILED", { retryIndex: 0 }]);
  });

  it("ends a task at its time-out", async () => {
    const { activityArn } = await states.sfn.send(new CreateActivityCommand({ name: "nobody" }));
    const roleArn = await states.role("poller", "states.amazonaws.com", [
      { Action: "states:GetActivityTask", Resource: "*" },
    ]);
    const state = {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sfn:getActivityTask",
      Parameters: { ActivityArn: activityArn },
      TimeoutSeconds: 1,
      Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Late" }],
      End: true,
    };
    const answer = await test(state, { roleArn });
    assert.deepEqual([answer.status, answer.error, answer.nextState], ["CAUGHT_ERROR", "States.Timeout", "Late"]);
  });

  it("does not wait, and ends what would take longer than five minutes", async () => {
    assert.equal((await test({ Type: "Wait", Seconds: 200, Next: "After" })).nextState, "After");
    const long = await test({ Type: "Wait", Seconds: 400, End: true });
    assert.deepEqual([long.status, long.error], ["FAILED", "States.Timeout"]);
  });

  it("fails as the state would", async () => {
    const answer = await test({ Type: "Fail", ErrorPath: "$.name", Cause: "given" }, { input: '{"name":"Mine"}' });
    assert.deepEqual(answer, { status: "FAILED", error: "Mine", cause: "given" });
  });
});
