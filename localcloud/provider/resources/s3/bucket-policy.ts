// aws:s3/bucketPolicy:BucketPolicy
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { json, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

export const bucketPolicy = resource({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  properties: {
    bucket: text({ required: true, replace: true }),
    policy: json({ required: true }),
  },
  identity: ["bucket"],

  async create(inputs, context) {
    await put(inputs.bucket, inputs.policy, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketPolicyCommand({ Bucket: id }));
    return found.Policy ? { bucket: id, policy: found.Policy } : undefined;
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.policy, context);
  },

  async delete(id, _, context) {
    await context.client(S3Client).send(new DeleteBucketPolicyCommand({ Bucket: id }));
  },
});

async function put(bucket: string, policy: string, context: Context): Promise<void> {
  const command = new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy });
  await changeBucket(
    context,
    (s3) => s3.send(command),
    // A role that was just made is not yet known to S3 as a principal.
    (error) => hasCode(error, ["MalformedPolicy"], /principal/i),
  );
}
