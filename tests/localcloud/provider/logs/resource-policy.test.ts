import assert from "node:assert/strict";
import {
  CloudWatchLogsClient,
  DescribeResourcePoliciesCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { LogResourcePolicy } from "@pulumi/aws/cloudwatch/logResourcePolicy.js";
import { type Surroundings, testLives } from "../lifecycle.js";

const allow = (...actions: string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: actions,
        Resource: "arn:aws:logs:*:*:*",
      },
    ],
  });

const actionsOf = async (id: string, { client }: Surroundings) => {
  const { resourcePolicies } = await new CloudWatchLogsClient(client).send(new DescribeResourcePoliciesCommand({}));
  const document = resourcePolicies?.find(({ policyName }) => policyName === id)?.policyDocument;
  return JSON.parse(document ?? "{}").Statement?.[0].Action;
};

testLives(
  "provider: resource policy of logs",
  [
    {
      name: "events",
      declare: (version, options) =>
        new LogResourcePolicy(
          "events",
          {
            policyName: version === "replaced" ? "events-b" : "events-a",
            policyDocument:
              version === "created" ? allow("logs:PutLogEvents") : allow("logs:CreateLogStream", "logs:PutLogEvents"),
          },
          options,
        ),
      disturb: async (id, { client }) => {
        await new CloudWatchLogsClient(client).send(
          new PutResourcePolicyCommand({ policyName: id, policyDocument: allow("logs:DescribeLogStreams") }),
        );
      },
      verify: {
        created: async (id, surroundings) =>
          assert.deepEqual([await actionsOf(id, surroundings)].flat(), ["logs:PutLogEvents"]),
        updated: async (id, surroundings) =>
          assert.deepEqual(await actionsOf(id, surroundings), ["logs:CreateLogStream", "logs:PutLogEvents"]),
        replaced: async (id, surroundings) => {
          assert.equal(id, "events-b");
          assert.equal(await actionsOf("events-a", surroundings), undefined);
        },
      },
    },
  ],
  async ({ client }) => {
    const { resourcePolicies } = await new CloudWatchLogsClient(client).send(new DescribeResourcePoliciesCommand({}));
    return (resourcePolicies ?? []).map(({ policyName }) => policyName ?? "");
  },
);
