// What runs tasks by itself: rules of EventBridge and schedules of EventBridge Scheduler.
import assert from "node:assert/strict";
import { ListTagsForResourceCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type EcsAccount, ecsAccount, eventually } from "./cloud-fixture.js";

describe("ECS: tasks of rules and schedules", () => {
  let on: EcsAccount;
  let events: EventBridgeClient;
  let definition: string;
  let cluster: string;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    events = new EventBridgeClient(on.config());
    definition = await on.define("plain", [{ name: "app", command: ["say", "by default"] }]);
    cluster = `arn:aws:ecs:eu-central-1:${on.account}:cluster/cluster`;
  });

  const runner = (name: string, service: string) =>
    on.role(name, service, [
      { Action: ["ecs:RunTask"], Resource: `${definition.replace(/:\d+$/, "")}:*` },
      { Action: ["iam:PassRole"], Resource: on.executionRoleArn },
    ]);
  const parameters = (
    more: { TaskCount?: number; Tags?: { Key: string; Value: string }[]; EnableECSManagedTags?: boolean } = {},
  ) => ({
    TaskDefinitionArn: definition,
    LaunchType: "FARGATE" as const,
    NetworkConfiguration: { awsvpcConfiguration: { Subnets: [on.subnet], SecurityGroups: [on.securityGroup] } },
    ...more,
  });
  const put = async (Name: string, target: Partial<Target>, rule: object) => {
    await events.send(new PutRuleCommand({ Name, ...rule }));
    const { FailedEntryCount, FailedEntries } = await events.send(
      new PutTargetsCommand({
        Rule: Name,
        Targets: [{ Id: "cluster", Arn: cluster, EcsParameters: parameters(), ...target }],
      }),
    );
    assert.equal(FailedEntryCount, 0, JSON.stringify(FailedEntries));
  };
  const startedBy = async (name: string) => {
    const ask = (desiredStatus: "RUNNING" | "STOPPED") =>
      on.ecs.send(new ListTasksCommand({ cluster: "cluster", startedBy: name, desiredStatus }));
    const [running, stopped] = await Promise.all([ask("RUNNING"), ask("STOPPED")]);
    return [...(running.taskArns ?? []), ...(stopped.taskArns ?? [])];
  };

  it("a rule runs tasks when an event matches, with the overrides that its input transformer makes", async () => {
    const RoleArn = await runner("events", "events.amazonaws.com");
    await put(
      "arrived",
      {
        RoleArn,
        EcsParameters: parameters({ TaskCount: 2, Tags: [{ Key: "of", Value: "rule" }], EnableECSManagedTags: true }),
        InputTransformer: {
          InputPathsMap: { key: "$.detail.key" },
          InputTemplate: '{"containerOverrides": [{"name": "app", "command": ["say", "arrived", <key>]}]}',
        },
      },
      { EventPattern: JSON.stringify({ source: ["tests"] }) },
    );
    await events.send(
      new PutEventsCommand({
        Entries: [{ Source: "tests", DetailType: "Arrival", Detail: JSON.stringify({ key: "input/a.csv" }) }],
      }),
    );
    const arns = await eventually(async () => {
      const found = await startedBy("events-rule/arrived");
      return found.length === 2 ? found : undefined;
    });
    for (const arn of arns) {
      const task = await on.reaches(arn, "STOPPED");
      assert.deepEqual(await on.lines(task), ["arrived input/a.csv"]);
      const { tags } = await on.ecs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
      assert.deepEqual(tags, [
        { key: "of", value: "rule" },
        { key: "aws:ecs:clusterName", value: "cluster" },
      ]);
    }
  });

  it("a scheduled rule runs the definition as it stands when its input overrides nothing", async () => {
    const RoleArn = await runner("nightly-events", "events.amazonaws.com");
    await put("nightly", { RoleArn }, { ScheduleExpression: "cron(0 2 * * ? *)", State: "DISABLED" });
    await on.cloud.fire({ account: on.account, region: "eu-central-1", kind: "rule", name: "nightly" });
    const [arn = ""] = await startedBy("events-rule/nightly");
    const task = await on.reaches(arn, "STOPPED");
    assert.deepEqual([task.group, await on.lines(task)], ["family:plain", ["by default"]]);
  });

  it("what the role may not do goes to the target's dead-letter queue", async () => {
    const sqs = new SQSClient(on.config());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
    const RoleArn = await on.role("powerless-events", "events.amazonaws.com");
    await put(
      "powerless",
      { RoleArn, DeadLetterConfig: { Arn: `arn:aws:sqs:eu-central-1:${on.account}:dead` } },
      { ScheduleExpression: "rate(1 day)", State: "DISABLED" },
    );
    await on.cloud.fire({ account: on.account, region: "eu-central-1", kind: "rule", name: "powerless" });
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ["All"] }),
    );
    assert.match(Messages?.[0]?.MessageAttributes?.ERROR_MESSAGE?.StringValue ?? "", /ecs:RunTask/);
    assert.deepEqual(await startedBy("events-rule/powerless"), []);
  });

  it("a schedule of EventBridge Scheduler runs tasks: as a target of its own, and through the universal one", async () => {
    const scheduler = new SchedulerClient(on.config());
    const RoleArn = await runner("scheduler", "scheduler.amazonaws.com");
    const create = async (
      Name: string,
      Target: { Arn: string; Input?: string; EcsParameters?: ReturnType<typeof parameters> },
    ) => {
      await scheduler.send(
        new CreateScheduleCommand({
          Name,
          ScheduleExpression: "cron(0 3 ? * SUN *)",
          State: "DISABLED",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { ...Target, RoleArn },
        }),
      );
      await on.cloud.fire({ account: on.account, region: "eu-central-1", kind: "schedule", name: Name });
    };
    await create("weekly", {
      Arn: cluster,
      EcsParameters: parameters(),
      Input: JSON.stringify({ containerOverrides: [{ name: "app", command: ["say", "weekly"] }] }),
    });
    const [weekly = ""] = await startedBy("chronos-schedule/weekly");
    assert.deepEqual(await on.lines(await on.reaches(weekly, "STOPPED")), ["weekly"]);
    await create("universal", {
      Arn: "arn:aws:scheduler:::aws-sdk:ecs:runTask",
      Input: JSON.stringify({
        Cluster: "cluster",
        TaskDefinition: "plain",
        LaunchType: "FARGATE",
        StartedBy: "universal",
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [on.subnet] } },
      }),
    });
    const [universal = ""] = await startedBy("universal");
    assert.deepEqual(await on.lines(await on.reaches(universal, "STOPPED")), ["by default"]);
  });
});
