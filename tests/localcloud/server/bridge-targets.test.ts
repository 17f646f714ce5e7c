import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type Target } from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ServiceEvent } from "../../../localcloud/compute/service.js";
import { postJson } from "../../../localcloud/server/request.js";
import { freshAccount } from "../../support/cloud.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

const region = "eu-central-1";

describe("bridge: EventBridge and Scheduler targets", () => {
  let bridge: BridgeFixture;
  let account: string;
  before(async () => {
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  beforeEach(() => {
    account = freshAccount();
    bridge.invocations = [];
    bridge.invoked = async () => {};
  });

  const queueArn = () => `arn:aws:batch:${region}:${account}:job-queue/q`;
  const submit = { Effect: "Allow", Action: "batch:SubmitJob", Resource: "*" };
  const finished: ServiceEvent = {
    source: "aws.glue",
    detailType: "Glue Job State Change",
    detail: { jobName: "etl", state: "SUCCEEDED" },
    resources: [],
  };

  async function rule(name: string, target: Partial<Target>): Promise<void> {
    const events = new EventBridgeClient(bridge.context.clientConfig(account, region));
    await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify({ source: ["aws.glue"] }) }));
    const BatchParameters = { JobDefinition: "d:1", JobName: "from-rule" };
    await events.send(
      new PutTargetsCommand({ Rule: name, Targets: [{ Id: "t", Arn: queueArn(), BatchParameters, ...target }] }),
    );
  }

  it("hands a target its transformed input, its parameters and its role before putEvent resolves", async () => {
    const RoleArn = await bridge.role(account, "events.amazonaws.com", [submit]);
    await rule("on-glue", {
      RoleArn,
      InputTransformer: {
        InputPathsMap: { job: "$.detail.jobName" },
        InputTemplate: '{"Parameters": {"job": <job>, "rule": "<aws.events.rule-name>"}}',
      },
    });
    await bridge.context.putEvent(account, region, finished);

    const [invocation] = bridge.invocations;
    assert.equal(bridge.invocations.length, 1);
    assert.deepEqual(JSON.parse(invocation?.input ?? ""), { Parameters: { job: "etl", rule: "on-glue" } });
    assert.equal(invocation?.arn, queueArn());
    assert.equal(invocation?.account, account);
    assert.equal(invocation?.region, region);
    assert.equal(invocation?.roleArn, RoleArn);
    assert.equal(invocation?.source, `arn:aws:events:${region}:${account}:rule/on-glue`);
    assert.deepEqual(invocation?.target.BatchParameters, { JobDefinition: "d:1", JobName: "from-rule" });
  });

  it("hands over the whole event when the target asks for nothing else", async () => {
    await rule("plain", { RoleArn: await bridge.role(account, "events.amazonaws.com", [submit]) });
    await bridge.context.putEvent(account, region, finished);
    const event = JSON.parse(bridge.invocations[0]?.input ?? "");
    assert.equal(event["detail-type"], "Glue Job State Change");
    assert.deepEqual(event.detail, finished.detail);
    assert.equal(event.account, account);
  });

  it("refuses a target without a role", async () => {
    await assert.rejects(rule("no-role", {}), {
      name: "ValidationException",
      message: /RoleArn is required for target/,
    });
  });

  it("puts what a service refuses into the dead-letter queue, with the reason", async () => {
    const sqs = new SQSClient(bridge.context.clientConfig(account, region));
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
    const DeadLetterConfig = { Arn: `arn:aws:sqs:${region}:${account}:dead` };
    await rule("refused", { RoleArn: `arn:aws:iam::${account}:role/r`, DeadLetterConfig });
    bridge.invoked = async () => {
      throw Object.assign(new Error("not authorized to perform: batch:SubmitJob"), { name: "AccessDeniedException" });
    };
    await bridge.context.putEvent(account, region, finished);

    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
    const [message] = received.Messages ?? [];
    assert.equal(JSON.parse(message?.Body ?? "{}").source, "aws.glue");
    const attributes = Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    assert.deepEqual(Object.fromEntries(attributes), {
      ERROR_CODE: "NO_PERMISSIONS",
      ERROR_MESSAGE: "not authorized to perform: batch:SubmitJob",
      RULE_ARN: `arn:aws:events:${region}:${account}:rule/refused`,
      TARGET_ARN: queueArn(),
    });
  });

  it("fires a scheduled rule now, also a disabled one", async () => {
    const events = new EventBridgeClient(bridge.context.clientConfig(account, region));
    const RoleArn = await bridge.role(account, "events.amazonaws.com", [submit]);
    await events.send(
      new PutRuleCommand({ Name: "weekly", ScheduleExpression: "cron(0 3 ? * SUN *)", State: "DISABLED" }),
    );
    const BatchParameters = { JobDefinition: "train:1", JobName: "weekly" };
    await events.send(
      new PutTargetsCommand({
        Rule: "weekly",
        Targets: [{ Id: "t", Arn: queueArn(), RoleArn, BatchParameters, Input: '{"Parameters":{"epochs":"3"}}' }],
      }),
    );
    const fire = (name: string) =>
      postJson(`${bridge.endpoint}/_crucible/fire`, bridge.token, { account, region, kind: "rule", name });

    assert.deepEqual(await fire("weekly"), { targets: 1 });
    assert.deepEqual(JSON.parse(bridge.invocations[0]?.input ?? ""), { Parameters: { epochs: "3" } });
    await assert.rejects(fire("daily"), { status: 404, message: /no scheduled rule daily/ });
  });

  it("delivers a schedule's universal target to the service that it names", async () => {
    const scheduler = new SchedulerClient(bridge.context.clientConfig(account, region));
    const Input = JSON.stringify({ JobName: "nightly", JobQueue: queueArn(), JobDefinition: "d" });
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "nightly",
        ScheduleExpression: "cron(0 2 * * ? *)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: "arn:aws:scheduler:::aws-sdk:batch:submitJob",
          RoleArn: await bridge.role(account, "scheduler.amazonaws.com", [submit]),
          Input,
        },
      }),
    );
    await postJson(`${bridge.endpoint}/_crucible/fire`, bridge.token, {
      account,
      region,
      kind: "schedule",
      name: "nightly",
    });
    assert.equal(bridge.invocations[0]?.arn, "arn:aws:scheduler:::aws-sdk:batch:submitJob");
    assert.equal(bridge.invocations[0]?.input, Input);
    assert.equal(bridge.invocations[0]?.source, `arn:aws:scheduler:${region}:${account}:schedule/default/nightly`);
  });
});
