// aws:sqs/queue:Queue
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, json, number, output, tagged, text } from "../../properties.js";
import { applyTags, tagState } from "../../tags.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 80,
    check: (name) =>
      /^[A-Za-z0-9_-]+(\.fifo)?$/.test(name)
        ? undefined
        : "a queue's name has letters, digits, hyphens and underscores, and ends in .fifo if it is one",
    autoName: { max: 80, prefixFrom: "namePrefix", suffix: (inputs) => (inputs.fifoQueue === true ? ".fifo" : "") },
  }),
  namePrefix: text({ replace: true, unread: true, max: 54 }),
  fifoQueue: flag({ default: false, replace: true }),
  contentBasedDeduplication: flag({ default: false }),
  deduplicationScope: text({ computed: true, values: ["messageGroup", "queue"] }),
  fifoThroughputLimit: text({ computed: true, values: ["perQueue", "perMessageGroupId"] }),
  delaySeconds: number({ default: 0, min: 0, max: 900 }),
  maxMessageSize: number({ computed: true, min: 1024, max: 1_048_576 }),
  messageRetentionSeconds: number({ default: 345_600, min: 60, max: 1_209_600 }),
  receiveWaitTimeSeconds: number({ default: 0, min: 0, max: 20 }),
  visibilityTimeoutSeconds: number({ default: 30, min: 0, max: 43_200 }),
  kmsMasterKeyId: text(),
  kmsDataKeyReusePeriodSeconds: number({ computed: true, min: 60, max: 86_400 }),
  sqsManagedSseEnabled: flag({ computed: true }),
  policy: json({ computed: true }),
  redrivePolicy: json({ computed: true }),
  redriveAllowPolicy: json({ computed: true }),
  ...tagged,
  arn: output(text()),
  url: output(text()),
};

/** Pulumi's names and AWS's, of what is an attribute of the queue. */
const ATTRIBUTES = {
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
  delaySeconds: "DelaySeconds",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  kmsMasterKeyId: "KmsMasterKeyId",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  policy: "Policy",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
} as const;
type Attribute = keyof typeof ATTRIBUTES;
const ATTRIBUTE_NAMES = Object.keys(ATTRIBUTES) as Attribute[];

export const queue = resource({
  type: "aws:sqs/queue:Queue",
  properties,

  async create(inputs, context) {
    const name = inputs.name as string;
    const request = new CreateQueueCommand({
      QueueName: name,
      Attributes: { ...attributes(inputs, ATTRIBUTE_NAMES), ...(inputs.fifoQueue && { FifoQueue: "true" }) },
      tags: inputs.tags,
    });
    const sqs = context.client(SQSClient);
    // Creating a queue that is there already succeeds: another stack's would be taken over.
    if (await orAbsent(sqs.send(new GetQueueUrlCommand({ QueueName: name })), ...GONE))
      throw new Error(`the queue ${name} exists already`);
    const made = await context.retry(
      () => sqs.send(request),
      // A name is free again a minute after a queue's deletion.
      (error) => hasCode(error, ["QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"]),
    );
    return made.QueueUrl as string;
  },

  async read(id, context) {
    const sqs = context.client(SQSClient);
    const [found, tags] = await Promise.all([
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["All"] })),
      sqs.send(new ListQueueTagsCommand({ QueueUrl: id })),
    ]);
    const actual = (found.Attributes ?? {}) as Record<string, string>;
    const state = Object.fromEntries(
      ATTRIBUTE_NAMES.map((name) => [name, parse(properties[name].kind, actual[ATTRIBUTES[name]])]),
    );
    const arn = actual.QueueArn ?? "";
    return {
      ...state,
      name: arn.split(":").at(-1),
      fifoQueue: actual.FifoQueue === "true",
      ...tagState(tags.Tags),
      arn,
      url: id,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const sqs = context.client(SQSClient);
    const changed = ATTRIBUTE_NAMES.filter((name) => changes(name));
    if (changed.length > 0)
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: id, Attributes: attributes(inputs, changed, "") }));
    if (changes("tags"))
      await applyTags(old.tags, inputs.tags, {
        set: (set) => sqs.send(new TagQueueCommand({ QueueUrl: id, Tags: set })),
        remove: (TagKeys) => sqs.send(new UntagQueueCommand({ QueueUrl: id, TagKeys })),
      });
  },

  async delete(id, _state, context) {
    await context.client(SQSClient).send(new DeleteQueueCommand({ QueueUrl: id }));
  },

  isGone: (error) => error instanceof QueueDoesNotExist || hasCode(error, GONE),
});

/** What SQS calls "there is no such queue", by its protocols. */
export const GONE = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

/** Attributes as the API takes them. @param absent what stands for one that is not given; without it, it is left out */
function attributes(
  inputs: Inputs<typeof properties>,
  names: readonly Attribute[],
  absent?: string,
): Record<string, string> {
  const isFifoOnly = (name: Attribute) =>
    ["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"].includes(name);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = inputs[name] ?? absent;
      return value === undefined || (isFifoOnly(name) && !inputs.fifoQueue) ? [] : [[ATTRIBUTES[name], `${value}`]];
    }),
  );
}

/** An attribute's text as the property's kind. */
function parse(kind: string, value: string | undefined): string | number | boolean | undefined {
  if (value === undefined || value === "") return undefined;
  if (kind === "number") return Number(value);
  return kind === "flag" ? value === "true" : value;
}

/** Sets one attribute of a queue. */
export async function setAttribute(url: string, name: string, value: string, context: Context): Promise<void> {
  await context.client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { [name]: value } }));
}
