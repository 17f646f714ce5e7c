// aws:sns/topicPolicy:TopicPolicy. Its id is the topic's ARN.
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { json, output, text } from "../../properties.js";

export const topicPolicy = resource({
  type: "aws:sns/topicPolicy:TopicPolicy",
  properties: {
    arn: text({ required: true, replace: true }),
    policy: json({ required: true }),
    owner: output(text()),
  },
  identity: ["arn"],

  async create(inputs, context) {
    await put(inputs.arn, inputs.policy, context);
    return inputs.arn;
  },

  async read(id, context) {
    const found = await context.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn: id }));
    const policy = found.Attributes?.Policy;
    return policy ? { arn: id, policy, owner: found.Attributes?.Owner } : undefined;
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.policy, context);
  },

  async delete(id, _, context) {
    // A topic is never without a policy: it gets back the one that SNS gave it.
    await put(id, defaultPolicy(id), context);
  },
});

/** "Example cases for Amazon SNS access control": what the owner's account may do when nothing else was said. */
function defaultPolicy(arn: string): string {
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": arn.split(":")[4] } },
      },
    ],
  });
}

async function put(arn: string, policy: string, context: Context): Promise<void> {
  const command = new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "Policy", AttributeValue: policy });
  await context.retry(
    () => context.client(SNSClient).send(command),
    (error) => hasCode(error, ["InvalidParameterException", "InvalidParameter"], /PrincipalNotFound/i),
  );
}
