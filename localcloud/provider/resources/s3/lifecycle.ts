// aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration
import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
  type TransitionDefaultMinimumObjectSize,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { type Inputs, list, object, text } from "../../properties.js";
import { rule, ruleToAws, ruleToState } from "./lifecycle-rule.js";
import { changeBucket } from "./setting.js";

export const bucketLifecycleConfiguration = resource({
  type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  properties: {
    bucket: text({ required: true, replace: true }),
    expectedBucketOwner: text({ replace: true, unread: true }),
    rules: list(object(rule), { required: true, min: 1, max: 1000 }),
    transitionDefaultMinimumObjectSize: text({
      computed: true,
      values: ["all_storage_classes_128K", "varies_by_storage_class"],
    }),
  },
  identity: ["bucket"],

  check(inputs) {
    const ids = Array.isArray(inputs.rules) ? inputs.rules.map((each) => each.id) : [];
    return ids.flatMap((id, at) =>
      typeof id === "string" && ids.indexOf(id) < at
        ? [{ property: `rules[${at}].id`, reason: `${id} is the id of another rule, too` }]
        : [],
    );
  },

  async create(inputs, context) {
    await put(inputs.bucket, inputs.rules, inputs.transitionDefaultMinimumObjectSize, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketLifecycleConfigurationCommand({ Bucket: id }));
    const minimumSize = found.TransitionDefaultMinimumObjectSize;
    return {
      bucket: id,
      rules: (found.Rules ?? []).map(ruleToState),
      ...(minimumSize && { transitionDefaultMinimumObjectSize: minimumSize }),
    };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.rules, inputs.transitionDefaultMinimumObjectSize, context);
  },

  async delete(id, _, context) {
    await context.client(S3Client).send(new DeleteBucketLifecycleCommand({ Bucket: id }));
  },
});

async function put(
  bucket: string,
  rules: Inputs<typeof rule>[],
  minimumSize: string | undefined,
  context: Context,
): Promise<void> {
  const command = new PutBucketLifecycleConfigurationCommand({
    Bucket: bucket,
    LifecycleConfiguration: { Rules: rules.map(ruleToAws) },
    TransitionDefaultMinimumObjectSize: minimumSize as TransitionDefaultMinimumObjectSize | undefined,
  });
  await changeBucket(context, (s3) => s3.send(command));
}
