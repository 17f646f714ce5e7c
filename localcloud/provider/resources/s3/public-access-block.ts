// aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { flag, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

export const bucketPublicAccessBlock = resource({
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  properties: {
    bucket: text({ required: true, replace: true }),
    blockPublicAcls: flag({ default: false }),
    blockPublicPolicy: flag({ default: false }),
    ignorePublicAcls: flag({ default: false }),
    restrictPublicBuckets: flag({ default: false }),
    skipDestroy: flag({ default: false, unread: true }),
  },
  identity: ["bucket"],

  async create(inputs, context) {
    await put(inputs.bucket, inputs, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetPublicAccessBlockCommand({ Bucket: id }));
    const block = found.PublicAccessBlockConfiguration;
    return {
      bucket: id,
      blockPublicAcls: block?.BlockPublicAcls ?? false,
      blockPublicPolicy: block?.BlockPublicPolicy ?? false,
      ignorePublicAcls: block?.IgnorePublicAcls ?? false,
      restrictPublicBuckets: block?.RestrictPublicBuckets ?? false,
    };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs, context);
  },

  async delete(id, state, context) {
    if (!state.skipDestroy) await context.client(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket: id }));
  },
});

async function put(
  bucket: string,
  block: Record<"blockPublicAcls" | "blockPublicPolicy" | "ignorePublicAcls" | "restrictPublicBuckets", boolean>,
  context: Context,
): Promise<void> {
  const command = new PutPublicAccessBlockCommand({
    Bucket: bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: block.blockPublicAcls,
      BlockPublicPolicy: block.blockPublicPolicy,
      IgnorePublicAcls: block.ignorePublicAcls,
      RestrictPublicBuckets: block.restrictPublicBuckets,
    },
  });
  await changeBucket(context, (s3) => s3.send(command));
}
