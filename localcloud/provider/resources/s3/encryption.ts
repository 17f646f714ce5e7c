// aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration
import {
  DeleteBucketEncryptionCommand,
  type EncryptionType,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  S3Client,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { flag, type Inputs, list, object, set, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

const rule = {
  applyServerSideEncryptionByDefault: object({
    sseAlgorithm: text({ required: true, values: ["AES256", "aws:kms", "aws:kms:dsse"] }),
    kmsMasterKeyId: text(),
  }),
  bucketKeyEnabled: flag(),
  blockedEncryptionTypes: set(text({ values: ["NONE", "SSE-C"] }), { computed: true }),
};

export const bucketEncryption = resource({
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  properties: {
    bucket: text({ required: true, replace: true }),
    expectedBucketOwner: text({ replace: true, unread: true }),
    rules: list(object(rule), { required: true, min: 1 }),
  },
  identity: ["bucket"],

  async create(inputs, context) {
    await put(inputs.bucket, inputs.rules, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketEncryptionCommand({ Bucket: id }));
    const rules = (found.ServerSideEncryptionConfiguration?.Rules ?? []).map((each) => {
      const byDefault = each.ApplyServerSideEncryptionByDefault;
      const blocked = each.BlockedEncryptionTypes?.EncryptionType;
      return {
        ...(byDefault?.SSEAlgorithm && {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: byDefault.SSEAlgorithm,
            ...(byDefault.KMSMasterKeyID && { kmsMasterKeyId: byDefault.KMSMasterKeyID }),
          },
        }),
        bucketKeyEnabled: each.BucketKeyEnabled ?? false,
        ...(blocked && { blockedEncryptionTypes: [...blocked] }),
      };
    });
    return { bucket: id, rules };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.rules, context);
  },

  async delete(id, _, context) {
    await context.client(S3Client).send(new DeleteBucketEncryptionCommand({ Bucket: id }));
  },
});

async function put(bucket: string, rules: Inputs<typeof rule>[], context: Context): Promise<void> {
  const Rules = rules.map((each) => {
    const byDefault = each.applyServerSideEncryptionByDefault;
    return {
      ...(byDefault && {
        ApplyServerSideEncryptionByDefault: {
          SSEAlgorithm: byDefault.sseAlgorithm as ServerSideEncryption,
          KMSMasterKeyID: byDefault.kmsMasterKeyId,
        },
      }),
      BucketKeyEnabled: each.bucketKeyEnabled,
      ...(each.blockedEncryptionTypes && {
        BlockedEncryptionTypes: { EncryptionType: each.blockedEncryptionTypes as EncryptionType[] },
      }),
    };
  });
  const command = new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } });
  await changeBucket(context, (s3) => s3.send(command));
}
