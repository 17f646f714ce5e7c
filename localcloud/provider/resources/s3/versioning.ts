// aws:s3/bucketVersioning:BucketVersioning
import {
  type BucketVersioningStatus,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { object, text } from "../../properties.js";
import { changeBucket } from "./setting.js";

export const bucketVersioning = resource({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  properties: {
    bucket: text({ required: true, replace: true }),
    expectedBucketOwner: text({ replace: true, unread: true }),
    mfa: text({ unread: true, sensitive: true }),
    versioningConfiguration: object(
      {
        /** `Disabled` is for a bucket that never had versions: AWS cannot go back to it. */
        status: text({ required: true, values: ["Enabled", "Suspended", "Disabled"] }),
        mfaDelete: text({ computed: true, values: ["Enabled", "Disabled"] }),
      },
      { required: true },
    ),
  },
  identity: ["bucket"],

  async create(inputs, context) {
    const { status, mfaDelete } = inputs.versioningConfiguration;
    if (status !== "Disabled") await put(inputs.bucket, { status, mfaDelete, mfa: inputs.mfa }, context);
    return inputs.bucket;
  },

  async read(id, context) {
    const found = await context.client(S3Client).send(new GetBucketVersioningCommand({ Bucket: id }));
    const mfaDelete = found.MFADelete;
    return {
      bucket: id,
      versioningConfiguration: { status: found.Status ?? "Disabled", ...(mfaDelete && { mfaDelete }) },
    };
  },

  async update({ id, inputs, old }, context) {
    const { status, mfaDelete } = inputs.versioningConfiguration;
    if (status === "Disabled")
      throw new Error(
        `versioning of ${id} is ${old.versioningConfiguration?.status}: AWS can suspend it, but not disable it again`,
      );
    await put(id, { status, mfaDelete, mfa: inputs.mfa }, context);
  },

  async delete(id, state, context) {
    if (state.versioningConfiguration?.status === "Enabled")
      await put(id, { status: "Suspended", mfa: state.mfa }, context);
  },
});

async function put(
  bucket: string,
  { status, mfaDelete, mfa }: { status: string; mfaDelete?: string; mfa?: string },
  context: Context,
): Promise<void> {
  const configuration = {
    Status: status as BucketVersioningStatus,
    MFADelete: mfaDelete as "Enabled" | "Disabled" | undefined,
  };
  const command = new PutBucketVersioningCommand({ Bucket: bucket, MFA: mfa, VersioningConfiguration: configuration });
  await changeBucket(context, (s3) => s3.send(command));
}
