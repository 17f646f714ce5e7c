import assert from "node:assert/strict";
import { ListQueuesCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Queue } from "@pulumi/aws/sqs/queue.js";
import { jsonStringify } from "@pulumi/pulumi";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, steady } from "../versions.js";

const lives: Life[] = [
  {
    name: "dead",
    declare: (_version, options) => new Queue("dead", { name: "dead" }, options),
    ...steady,
  },
  {
    name: "work",
    declare: (version, options, others) =>
      new Queue(
        "work",
        {
          name: by(version, "work", "work", "work-2"),
          visibilityTimeoutSeconds: by(version, 30, 120),
          messageRetentionSeconds: 86_400,
          redrivePolicy: jsonStringify({
            deadLetterTargetArn: arn(others, "dead"),
            maxReceiveCount: by(version, 3, 5),
          }),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:sqs:eu-central-1:\d{12}:work$/);
        assert.match(String(outputs.url), /\/\d{12}\/work$/);
      },
      updated: (outputs) => assert.equal(outputs.visibilityTimeoutSeconds, 120),
    },
    disturb: async (QueueUrl, { client }) => {
      const Attributes = { VisibilityTimeout: "7" };
      await new SQSClient(client).send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    },
    // Left to AWS by the program, so an import does not take them up either.
    unimportable: ["redrivePolicy"],
  },
  {
    name: "ordered",
    declare: (version, options) =>
      new Queue("ordered", { fifoQueue: true, contentBasedDeduplication: by(version, false, true) }, options),
    replaced: "same",
    outputs: { created: (outputs) => assert.match(String(outputs.name), /^ordered-[0-9a-f]{7}\.fifo$/) },
    unimportable: ["name"],
  },
];

testLives("provider: sqs", lives, async ({ client }) => {
  const found = await new SQSClient(client).send(new ListQueuesCommand({}));
  return found.QueueUrls ?? [];
});
