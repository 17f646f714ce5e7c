import assert from "node:assert/strict";
import {
  ListSubscriptionsCommand,
  ListTopicsCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import { type Life, testLives } from "../lifecycle.js";

const policyFor = (arn: string, service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "events", Effect: "Allow", Principal: { Service: service }, Action: "sns:Publish", Resource: arn },
    ],
  });

const lives: Life[] = [
  {
    name: "alarms",
    declare: (version, options) =>
      new Topic(
        "alarms",
        {
          name: version === "replaced" ? "alarms-b" : "alarms",
          displayName: version === "created" ? "Alarms" : "All alarms",
          tags: { Version: version },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:sns:eu-central-1:\d{12}:alarms$/);
        assert.match(String(outputs.owner), /^\d{12}$/);
      },
    },
    drifting: ["policy"],
    disturb: async (id, { client }) => {
      const request = { TopicArn: id, AttributeName: "DisplayName", AttributeValue: "Spam" };
      await new SNSClient(client).send(new SetTopicAttributesCommand(request));
    },
  },
  {
    name: "policy",
    declare: (version, options, others) => {
      const { arn } = others.alarms as Topic;
      const service = version === "created" ? "cloudwatch.amazonaws.com" : "events.amazonaws.com";
      return new TopicPolicy("policy", { arn, policy: arn.apply((topic) => policyFor(topic, service)) }, options);
    },
    disturb: async (id, { client }) => {
      const AttributeValue = policyFor(id, "s3.amazonaws.com");
      const request = { TopicArn: id, AttributeName: "Policy", AttributeValue };
      await new SNSClient(client).send(new SetTopicAttributesCommand(request));
    },
  },
  {
    name: "mail",
    declare: (version, options, others) =>
      new TopicSubscription(
        "mail",
        {
          topic: (others.alarms as Topic).arn,
          protocol: "sqs",
          endpoint: "arn:aws:sqs:eu-central-1:000000000000:alarms",
          rawMessageDelivery: version !== "created",
          filterPolicy: JSON.stringify({ severity: [version === "created" ? "low" : "high"] }),
        },
        options,
      ),
    disturb: async (id, { client }) => {
      const request = { SubscriptionArn: id, AttributeName: "RawMessageDelivery", AttributeValue: "false" };
      await new SNSClient(client).send(new SetSubscriptionAttributesCommand(request));
    },
  },
];

testLives("provider: sns", lives, async ({ client }) => {
  const sns = new SNSClient(client);
  const [topics, subscriptions] = await Promise.all([
    sns.send(new ListTopicsCommand({})),
    sns.send(new ListSubscriptionsCommand({})),
  ]);
  return [
    ...(topics.Topics ?? []).map((topic) => topic.TopicArn ?? ""),
    ...(subscriptions.Subscriptions ?? []).map((subscription) => subscription.SubscriptionArn ?? ""),
  ];
});
