// aws:s3/bucketNotification:BucketNotification: all event notifications of a bucket.
import {
  type Event,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  type NotificationConfigurationFilter,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, type Inputs, list, object, set, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

const common = {
  id: text({ computed: true }),
  events: set(text(), { required: true, min: 1 }),
  filterPrefix: text(),
  filterSuffix: text(),
};

const properties = {
  bucket: text({ required: true, replace: true }),
  eventbridge: flag({ default: false }),
  lambdaFunctions: list(object({ ...common, lambdaFunctionArn: text() })),
  queues: list(object({ ...common, queueArn: text({ required: true }) })),
  topics: list(object({ ...common, topicArn: text({ required: true }) })),
};

export const bucketNotification = resource({
  type: "aws:s3/bucketNotification:BucketNotification",
  properties,
  identity: ["bucket"],

  async create(inputs, context) {
    await put(inputs.bucket, configurationOf(inputs), context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketNotificationConfigurationCommand({ Bucket: id }));
    return {
      bucket: id,
      eventbridge: found.EventBridgeConfiguration !== undefined,
      lambdaFunctions: (found.LambdaFunctionConfigurations ?? []).map((each) => ({
        ...commonState(each),
        lambdaFunctionArn: each.LambdaFunctionArn,
      })),
      queues: (found.QueueConfigurations ?? []).map((each) => ({
        ...commonState(each),
        queueArn: each.QueueArn ?? "",
      })),
      topics: (found.TopicConfigurations ?? []).map((each) => ({
        ...commonState(each),
        topicArn: each.TopicArn ?? "",
      })),
    };
  },

  async update({ id, inputs }, context) {
    await put(id, configurationOf(inputs), context);
  },

  async delete(id, _, context) {
    await put(id, {}, context);
  },
});

function commonState(each: { Id?: string; Events?: Event[]; Filter?: NotificationConfigurationFilter }) {
  // S3 gives the names back as `Prefix` and `Suffix`.
  const rule = (name: string) =>
    each.Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value;
  const prefix = rule("prefix");
  const suffix = rule("suffix");
  return {
    ...(each.Id && { id: each.Id }),
    events: [...(each.Events ?? [])],
    ...(prefix && { filterPrefix: prefix }),
    ...(suffix && { filterSuffix: suffix }),
  };
}

function commonInput(each: Inputs<typeof common>) {
  const rules = [
    ...(each.filterPrefix ? [{ Name: "prefix" as const, Value: each.filterPrefix }] : []),
    ...(each.filterSuffix ? [{ Name: "suffix" as const, Value: each.filterSuffix }] : []),
  ];
  return {
    Id: each.id,
    Events: each.events as Event[],
    ...(rules.length > 0 && { Filter: { Key: { FilterRules: rules } } }),
  };
}

function configurationOf(inputs: Inputs<typeof properties>): NotificationConfiguration {
  const { eventbridge, lambdaFunctions, queues, topics } = inputs;
  return {
    ...(eventbridge && { EventBridgeConfiguration: {} }),
    LambdaFunctionConfigurations: lambdaFunctions?.map((each) => ({
      ...commonInput(each),
      LambdaFunctionArn: each.lambdaFunctionArn,
    })),
    QueueConfigurations: queues?.map((each) => ({ ...commonInput(each), QueueArn: each.queueArn })),
    TopicConfigurations: topics?.map((each) => ({ ...commonInput(each), TopicArn: each.topicArn })),
  };
}

async function put(bucket: string, configuration: NotificationConfiguration, context: Context): Promise<void> {
  const command = new PutBucketNotificationConfigurationCommand({
    Bucket: bucket,
    NotificationConfiguration: configuration,
  });
  await changeBucket(
    context,
    (s3) => s3.send(command),
    // The permission that lets S3 call the destination may have been given a moment ago.
    (error) => hasCode(error, ["InvalidArgument"], /validate the following destination/i),
  );
}
