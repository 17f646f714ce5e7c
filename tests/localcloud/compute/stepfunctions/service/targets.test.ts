import assert from "node:assert/strict";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { DescribeExecutionCommand, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, PASS, REGION, type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: as a target of rules and schedules", () => {
  let states: StatesAccount;
  let events: EventBridgeClient;
  let sqs: SQSClient;
  let scheduler: SchedulerClient;
  before(async () => {
    states = await statesAccount();
    events = new EventBridgeClient(states.config());
    sqs = new SQSClient(states.config());
    scheduler = new SchedulerClient(states.config());
  });

  const starter = (name: string, service: string, machine: string) =>
    states.role(name, service, [{ Action: "states:StartExecution", Resource: machine }]);
  const firstOf = (stateMachineArn: string) =>
    eventually(async () => {
      const { executions } = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      const executionArn = executions?.[0]?.executionArn;
      return executionArn ? await states.sfn.send(new DescribeExecutionCommand({ executionArn })) : undefined;
    });

  it("an event starts an execution with the event as its input, named after the event", async () => {
    const machine = await states.create(PASS);
    const EventPattern = '{"source":["orders"]}';
    await events.send(new PutRuleCommand({ Name: "orders", EventPattern }));
    const RoleArn = await starter("by-rule", "events.amazonaws.com", machine);
    await events.send(new PutTargetsCommand({ Rule: "orders", Targets: [{ Id: "1", Arn: machine, RoleArn }] }));
    const { Entries } = await events.send(
      new PutEventsCommand({ Entries: [{ Source: "orders", DetailType: "Placed", Detail: '{"id":7}' }] }),
    );
    const execution = await firstOf(machine);
    const input = JSON.parse(execution.input ?? "");
    assert.deepEqual([input.id, input["detail-type"], input.detail], [Entries?.[0]?.EventId, "Placed", { id: 7 }]);
    assert.ok(execution.name?.startsWith(`${input.id}_`), execution.name);
  });

  it("a role that may not start it leaves the event in the dead-letter queue", async () => {
    const machine = await states.create(PASS);
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
    const RoleArn = await states.role("by-nobody", "events.amazonaws.com");
    await events.send(new PutRuleCommand({ Name: "refused", EventPattern: '{"source":["refused"]}' }));
    await events.send(
      new PutTargetsCommand({
        Rule: "refused",
        Targets: [
          {
            Id: "1",
            Arn: machine,
            RoleArn,
            DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:${states.account}:dead` },
          },
        ],
      }),
    );
    await events.send(new PutEventsCommand({ Entries: [{ Source: "refused", DetailType: "x", Detail: "{}" }] }));
    const message = await eventually(async () => {
      const request = { QueueUrl, WaitTimeSeconds: 1, MessageAttributeNames: ["All"] };
      return (await sqs.send(new ReceiveMessageCommand(request))).Messages?.[0];
    });
    assert.equal(message.MessageAttributes?.ERROR_CODE?.StringValue, "NO_PERMISSIONS");
    assert.match(message.MessageAttributes?.ERROR_MESSAGE?.StringValue ?? "", /states:StartExecution/);
    const { executions } = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    assert.deepEqual(executions, []);
  });

  it("a schedule starts an execution with its input, also by the universal target", async () => {
    const machine = await states.create(PASS);
    const RoleArn = await starter("by-schedule", "scheduler.amazonaws.com", machine);
    const create = (Name: string, Target: { Arn: string; Input: string }) =>
      scheduler.send(
        new CreateScheduleCommand({
          Name,
          ScheduleExpression: "rate(1 day)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { ...Target, RoleArn },
        }),
      );
    await create("direct", { Arn: machine, Input: '{"by":"schedule"}' });
    const fire = (name: string) =>
      states.cloud.fire({ account: states.account, region: REGION, kind: "schedule", name });
    await fire("direct");
    assert.equal((await firstOf(machine)).input, '{"by":"schedule"}');
    const other = await states.create(PASS, { name: "universal" });
    await create("universal", {
      Arn: "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
      Input: JSON.stringify({ StateMachineArn: other, Input: '{"by":"universal"}', Name: "given" }),
    });
    await fire("universal");
    const { executions } = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn: other }));
    assert.deepEqual(executions, [], "the role names another machine");
    const second = await starter("by-universal", "scheduler.amazonaws.com", other);
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "universal-allowed",
        ScheduleExpression: "rate(1 day)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
          Input: JSON.stringify({ StateMachineArn: other, Input: '{"by":"universal"}', Name: "given" }),
          RoleArn: second,
        },
      }),
    );
    await fire("universal-allowed");
    const execution = await firstOf(other);
    assert.deepEqual([execution.name, execution.input], ["given", '{"by":"universal"}']);
  });
});
