// aws:sns/topic:Topic. Its id is its ARN.
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { type Context, type ResourceDescriptor, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, json, number, output, type State, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";
import { type AttributeNames, givenAttributes, stateOf, toAttribute } from "./attributes.js";

const sampleRate = number({ min: 0, max: 100 });

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 256,
    check: (name) =>
      /^[\w-]+(\.fifo)?$/.test(name)
        ? undefined
        : "a topic's name has letters, digits, - and _ only (.fifo at the end)",
    autoName: { max: 256, prefixFrom: "namePrefix", suffix: (inputs) => (inputs.fifoTopic === true ? ".fifo" : "") },
  }),
  namePrefix: text({ replace: true, unread: true }),
  fifoTopic: flag({ default: false, replace: true }),
  displayName: text({ max: 100 }),
  policy: json({ computed: true }),
  deliveryPolicy: json(),
  kmsMasterKeyId: text(),
  contentBasedDeduplication: flag({ default: false }),
  fifoThroughputScope: text({ computed: true, values: ["Topic", "MessageGroup"] }),
  archivePolicy: json(),
  signatureVersion: number({ computed: true, values: ["1", "2"] }),
  tracingConfig: text({ computed: true, values: ["Active", "PassThrough"] }),
  applicationFailureFeedbackRoleArn: text(),
  applicationSuccessFeedbackRoleArn: text(),
  applicationSuccessFeedbackSampleRate: sampleRate,
  firehoseFailureFeedbackRoleArn: text(),
  firehoseSuccessFeedbackRoleArn: text(),
  firehoseSuccessFeedbackSampleRate: sampleRate,
  httpFailureFeedbackRoleArn: text(),
  httpSuccessFeedbackRoleArn: text(),
  httpSuccessFeedbackSampleRate: sampleRate,
  lambdaFailureFeedbackRoleArn: text(),
  lambdaSuccessFeedbackRoleArn: text(),
  lambdaSuccessFeedbackSampleRate: sampleRate,
  sqsFailureFeedbackRoleArn: text(),
  sqsSuccessFeedbackRoleArn: text(),
  sqsSuccessFeedbackSampleRate: sampleRate,
  ...tagged,
  arn: output(text()),
  owner: output(text()),
  beginningArchiveTime: output(text()),
};

const FEEDBACK = ["application", "firehose", "http", "lambda", "sqs"].flatMap((protocol) =>
  ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"].map((what): [string, string] => [
    `${protocol}${what}`,
    `${protocol === "http" ? "HTTP" : protocol === "sqs" ? "SQS" : `${protocol[0]?.toUpperCase()}${protocol.slice(1)}`}${what}`,
  ]),
);

const ATTRIBUTES: AttributeNames = {
  displayName: "DisplayName",
  policy: "Policy",
  deliveryPolicy: "DeliveryPolicy",
  kmsMasterKeyId: "KmsMasterKeyId",
  fifoTopic: "FifoTopic",
  contentBasedDeduplication: "ContentBasedDeduplication",
  fifoThroughputScope: "FifoThroughputScope",
  archivePolicy: "ArchivePolicy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
  ...Object.fromEntries(FEEDBACK),
};

/** What SNS takes only while a topic is FIFO, and refuses even as `false` otherwise. */
const FIFO_ONLY = ["fifoTopic", "contentBasedDeduplication", "fifoThroughputScope", "archivePolicy"];

export const topic: ResourceDescriptor = resource({
  type: "aws:sns/topic:Topic",
  properties,

  check(inputs) {
    const { name, fifoTopic } = inputs;
    if (typeof name !== "string" || typeof fifoTopic === "symbol") return [];
    if (fifoTopic === true && !name.endsWith(".fifo"))
      return [{ property: "name", reason: `the name of a FIFO topic ends with .fifo, not so ${name}` }];
    if (!fifoTopic && name.endsWith(".fifo"))
      return [{ property: "name", reason: `${name} ends with .fifo, but fifoTopic is not set` }];
    return [];
  },

  async create(inputs, context) {
    const sns = context.client(SNSClient);
    const settable = inputs.fifoTopic
      ? inputs
      : Object.fromEntries(Object.entries(inputs).filter(([name]) => !FIFO_ONLY.includes(name)));
    const command = new CreateTopicCommand({
      Name: inputs.name,
      Attributes: givenAttributes(ATTRIBUTES, settable),
      Tags: tagList(inputs.tags),
    });
    const { TopicArn } = await context.retry(() => sns.send(command), isPrincipalPending);
    return TopicArn as string;
  },

  async read(id, context) {
    const sns = context.client(SNSClient);
    const [{ Attributes: attributes = {} }, tags] = await Promise.all([
      sns.send(new GetTopicAttributesCommand({ TopicArn: id })),
      sns.send(new ListTagsForResourceCommand({ ResourceArn: id })),
    ]);
    return {
      ...(stateOf(ATTRIBUTES, properties, attributes) as State<typeof properties>),
      name: id.slice(id.lastIndexOf(":") + 1),
      ...tagState(tags.Tags),
      arn: id,
      owner: attributes.Owner,
      beginningArchiveTime: attributes.BeginningArchiveTime ?? "",
    };
  },

  async update({ id, inputs, old, changes }, context) {
    const sns = context.client(SNSClient);
    const values: Record<string, unknown> = inputs;
    for (const [name, AttributeName] of Object.entries(ATTRIBUTES)) {
      if (!changes(name as keyof typeof properties)) continue;
      const command = new SetTopicAttributesCommand({
        TopicArn: id,
        AttributeName,
        AttributeValue: toAttribute(values[name]),
      });
      await context.retry(() => sns.send(command), isPrincipalPending);
    }
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => sns.send(new TagResourceCommand({ ResourceArn: id, Tags: tagList(tags) })),
      remove: (TagKeys) => sns.send(new UntagResourceCommand({ ResourceArn: id, TagKeys })),
    });
  },

  async delete(id, _, context) {
    await context.client(SNSClient).send(new DeleteTopicCommand({ TopicArn: id }));
    await gone(id, context);
  },
});

/** Deleting a topic that is not there is no error for SNS, and one that is may linger for a moment. */
async function gone(arn: string, context: Context): Promise<void> {
  await context.waitFor(
    `topic ${arn} to be gone`,
    async () => {
      try {
        await context.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn: arn }));
        return undefined;
      } catch (error) {
        if (hasCode(error, ["NotFoundException", "NotFound"])) return true;
        throw error;
      }
    },
    60,
  );
}

/** A principal or role that was made a moment ago is not yet known. */
function isPrincipalPending(error: Error): boolean {
  return hasCode(error, ["InvalidParameterException", "InvalidParameter"], /PrincipalNotFound|role/i);
}
