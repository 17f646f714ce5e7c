import assert from "node:assert/strict";
import {
  CloudWatchLogsClient,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { type Life, testLives } from "../lifecycle.js";

const lives: Life[] = [
  {
    name: "jobs",
    declare: (version, options) =>
      new LogGroup(
        "jobs",
        {
          name: version === "replaced" ? "/aws/batch/job-b" : "/aws/batch/job",
          retentionInDays: version === "created" ? 7 : 30,
          tags: { Version: version },
        },
        options,
      ),
    outputs: {
      created: (outputs) =>
        assert.match(String(outputs.arn), /^arn:aws:logs:eu-central-1:\d{12}:log-group:\/aws\/batch\/job$/),
      updated: (outputs) => assert.equal(outputs.retentionInDays, 30),
    },
    disturb: async (id, { client }) => {
      await new CloudWatchLogsClient(client).send(new DeleteRetentionPolicyCommand({ logGroupName: id }));
    },
  },
];

testLives("provider: logs", lives, async ({ client }) => {
  const found = await new CloudWatchLogsClient(client).send(new DescribeLogGroupsCommand({}));
  return (found.logGroups ?? []).map((group) => group.logGroupName ?? "");
});
