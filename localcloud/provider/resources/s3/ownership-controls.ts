// aws:s3/bucketOwnershipControls:BucketOwnershipControls
import {
  DeleteBucketOwnershipControlsCommand,
  GetBucketOwnershipControlsCommand,
  type ObjectOwnership,
  PutBucketOwnershipControlsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { object, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

export const bucketOwnershipControls = resource({
  type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  properties: {
    bucket: text({ required: true, replace: true }),
    rule: object(
      {
        objectOwnership: text({
          required: true,
          values: ["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"],
        }),
      },
      { required: true },
    ),
  },
  identity: ["bucket"],

  async create(inputs, context) {
    await put(inputs.bucket, inputs.rule.objectOwnership, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketOwnershipControlsCommand({ Bucket: id }));
    const ownership = found.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
    return ownership && { bucket: id, rule: { objectOwnership: ownership } };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.rule.objectOwnership, context);
  },

  async delete(id, _, context) {
    await context.client(S3Client).send(new DeleteBucketOwnershipControlsCommand({ Bucket: id }));
  },
});

async function put(bucket: string, ownership: string, context: Context): Promise<void> {
  const command = new PutBucketOwnershipControlsCommand({
    Bucket: bucket,
    OwnershipControls: { Rules: [{ ObjectOwnership: ownership as ObjectOwnership }] },
  });
  await changeBucket(context, (s3) => s3.send(command));
}
