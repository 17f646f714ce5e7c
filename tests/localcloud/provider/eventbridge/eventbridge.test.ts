import assert from "node:assert/strict";
import {
  DisableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutTargetsCommand,
  TagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { EventBus } from "@pulumi/aws/cloudwatch/eventBus.js";
import { EventRule } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { Queue } from "@pulumi/aws/sqs/queue.js";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, id, steady } from "../versions.js";

const lives: Life[] = [
  {
    name: "bus",
    declare: (version, options) =>
      new EventBus(
        "bus",
        {
          name: by(version, "orders", "orders", "orders-2"),
          description: by(version, "of orders", "of all orders"),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    disturb: async (_name, { client }, outputs) => {
      const request = { ResourceARN: String(outputs.arn), Tags: [{ Key: "Intruder", Value: "1" }] };
      await new EventBridgeClient(client).send(new TagResourceCommand(request));
    },
  },
  {
    name: "daily",
    declare: (version, options) =>
      new EventRule(
        "daily",
        {
          name: by(version, "daily", "daily", "daily-2"),
          scheduleExpression: by(version, "cron(0 2 * * ? *)", "cron(0 3 ? * SUN *)"),
          state: by(version, "DISABLED", "ENABLED"),
          description: "features",
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.arn), /^arn:aws:events:eu-central-1:\d{12}:rule\/daily$/),
    },
    disturb: async (name, { client }) => {
      await new EventBridgeClient(client).send(new DisableRuleCommand({ Name: name }));
    },
  },
  {
    name: "failed",
    declare: (version, options) =>
      new EventRule(
        "failed",
        {
          name: by(version, "failed", "failed", "failed-2"),
          eventPattern: JSON.stringify({
            source: ["aws.batch"],
            detail: { status: by(version, ["FAILED"], ["FAILED", "SUCCEEDED"]) },
          }),
          isEnabled: by(version, false, true),
        },
        options,
      ),
    // The older way to say it; read back, it is said in the newer one.
    unimportable: ["isEnabled"],
  },
  {
    name: "ordered",
    declare: (_version, options, others) =>
      new EventRule(
        "ordered",
        { name: "ordered", eventBusName: id(others, "bus"), eventPattern: JSON.stringify({ source: ["shop"] }) },
        options,
      ),
    updated: "same",
    outputs: {
      created: (outputs) =>
        assert.match(String(outputs.arn), /^arn:aws:events:eu-central-1:\d{12}:rule\/orders\/ordered$/),
    },
  },
  {
    name: "letters",
    declare: (_version, options) => new Queue("letters", { name: "letters" }, options),
    ...steady,
  },
  {
    name: "submit",
    declare: (version, options, others) =>
      new EventTarget(
        "submit",
        {
          rule: id(others, "daily"),
          targetId: by(version, "submit", "submit", "submit-2"),
          arn: "arn:aws:batch:eu-central-1:123456789012:job-queue/jobs",
          roleArn: "arn:aws:iam::123456789012:role/submit",
          batchTarget: {
            jobDefinition: "arn:aws:batch:eu-central-1:123456789012:job-definition/features:1",
            jobName: by(version, "features", "features-daily"),
            jobAttempts: by(version, undefined, 3),
          },
          input: JSON.stringify({ ContainerOverrides: { Command: ["jobs/daily"] } }),
          deadLetterConfig: { arn: arn(others, "letters") },
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: by(version, 2, 4) },
        },
        options,
      ),
    verify: {
      updated: async (_id, { client }) => {
        const found = await new EventBridgeClient(client).send(new ListTargetsByRuleCommand({ Rule: "daily" }));
        assert.equal(found.Targets?.[0]?.BatchParameters?.JobName, "features-daily");
        assert.equal(found.Targets?.[0]?.BatchParameters?.RetryStrategy?.Attempts, 3);
      },
    },
    disturb: async (_id, { client }) => {
      const target = { Id: "submit", Arn: "arn:aws:sqs:eu-central-1:123456789012:elsewhere" };
      await new EventBridgeClient(client).send(new PutTargetsCommand({ Rule: "daily", Targets: [target] }));
    },
    importId: (outputs) => `${outputs.rule}/${outputs.targetId}`,
  },
  {
    name: "tell",
    declare: (version, options, others) =>
      new EventTarget(
        "tell",
        {
          rule: (others.ordered as EventRule).name,
          eventBusName: id(others, "bus"),
          targetId: "tell",
          arn: arn(others, "letters"),
          inputTransformer: {
            inputPaths: { order: "$.detail.order" },
            inputTemplate: by(version, '"order <order>"', '"a new order: <order>"'),
          },
        },
        options,
      ),
    importId: (outputs) => `${outputs.eventBusName}/${outputs.rule}/${outputs.targetId}`,
  },
];

testLives("provider: eventbridge", lives, async ({ client }) => {
  const eventBridge = new EventBridgeClient(client);
  const [buses, rules] = await Promise.all([
    eventBridge.send(new ListEventBusesCommand({})),
    eventBridge.send(new ListRulesCommand({})),
  ]);
  return [
    ...(buses.EventBuses ?? []).filter((bus) => bus.Name !== "default").map((bus) => bus.Name ?? ""),
    ...(rules.Rules ?? []).map((rule) => rule.Name ?? ""),
  ];
});
