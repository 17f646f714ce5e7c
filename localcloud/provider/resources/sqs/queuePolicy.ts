// aws:sqs/queuePolicy:QueuePolicy
import { GetQueueAttributesCommand, QueueDoesNotExist, SQSClient } from "@aws-sdk/client-sqs";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { json, text } from "../../properties.js";
import { GONE, setAttribute } from "./queue.js";

export const queuePolicy = resource({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  properties: {
    queueUrl: text({ required: true, replace: true }),
    policy: json({ required: true }),
  },
  identity: ["queueUrl"],

  async create(inputs, context) {
    await setAttribute(inputs.queueUrl, "Policy", inputs.policy, context);
    return inputs.queueUrl;
  },

  async read(id, context) {
    const found = await context
      .client(SQSClient)
      .send(new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["Policy"] }));
    const policy = found.Attributes?.Policy;
    return policy ? { queueUrl: id, policy } : undefined;
  },

  async update({ id, inputs }, context) {
    await setAttribute(id, "Policy", inputs.policy, context);
  },

  async delete(id, _state, context) {
    await setAttribute(id, "Policy", "", context);
  },

  isGone: (error) => error instanceof QueueDoesNotExist || hasCode(error, GONE),
});
