// aws:s3/bucket:Bucket: the bucket itself. Its settings are resources of their own (versioning, encryption, …), as in the official
// provider since version 7; the deprecated inline forms are not taken.
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  S3Client,
  waitUntilBucketNotExists,
} from "@aws-sdk/client-s3";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, output, tagged, text } from "../../properties.js";
import { tagList, tagState } from "../../tags.js";
import { emptyBucket } from "./empty.js";
import { hostedZoneId } from "./hosted-zones.js";

/** "General purpose bucket naming rules": the part that can be told without asking. */
function nameFault(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name))
    return "a bucket's name has small letters, digits, dots and hyphens, and begins and ends with a letter or digit";
  if (name.includes("..")) return "a bucket's name has no two dots in a row";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "a bucket's name must not look like an IP address";
  return undefined;
}

export const bucket = resource({
  type: "aws:s3/bucket:Bucket",
  properties: {
    bucket: text({
      computed: true,
      replace: true,
      min: 3,
      max: 63,
      check: nameFault,
      autoName: { max: 63, lower: true, prefixFrom: "bucketPrefix" },
    }),
    bucketPrefix: text({ replace: true, unread: true, max: 37 }),
    forceDestroy: flag({ default: false, unread: true }),
    objectLockEnabled: flag({ default: false, replace: true }),
    ...tagged,
    arn: output(text()),
    bucketDomainName: output(text()),
    bucketRegionalDomainName: output(text()),
    bucketRegion: output(text()),
    hostedZoneId: output(text()),
  },

  async create(inputs, context) {
    const s3 = context.client(S3Client);
    const name = inputs.bucket as string;
    // In us-east-1 alone, AWS answers the creation of a bucket of one's own with success: another stack's would be taken over.
    if (context.region === "us-east-1" && (await orAbsent(s3.send(new HeadBucketCommand({ Bucket: name })))))
      throw new Error(`the bucket ${name} exists already`);
    const create = new CreateBucketCommand({
      Bucket: name,
      ObjectLockEnabledForBucket: inputs.objectLockEnabled || undefined,
      ...(context.region !== "us-east-1" && {
        CreateBucketConfiguration: { LocationConstraint: context.region as never },
      }),
    });
    await context.retry(
      () => s3.send(create),
      (error) => hasCode(error, ["OperationAborted"]),
    );
    context.created(name);
    await putTags(name, inputs.tags, context);
    return name;
  },

  async read(id, context) {
    const s3 = context.client(S3Client);
    const [head, tagging, lock] = await Promise.all([
      s3.send(new HeadBucketCommand({ Bucket: id })),
      orAbsent(s3.send(new GetBucketTaggingCommand({ Bucket: id }))),
      orAbsent(s3.send(new GetObjectLockConfigurationCommand({ Bucket: id }))),
    ]);
    const region = head.BucketRegion ?? context.region;
    return {
      bucket: id,
      objectLockEnabled: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
      ...tagState(tagging?.TagSet),
      arn: `arn:${context.partition}:s3:::${id}`,
      bucketDomainName: `${id}.s3.${context.dnsSuffix}`,
      bucketRegionalDomainName: `${id}.s3.${region}.${context.dnsSuffix}`,
      bucketRegion: region,
      hostedZoneId: hostedZoneId(region),
    };
  },

  async update(change, context) {
    if (change.changes("tags")) await putTags(change.id, change.inputs.tags, context);
  },

  async delete(id, state, context) {
    const s3 = context.client(S3Client);
    const remove = () => s3.send(new DeleteBucketCommand({ Bucket: id }));
    try {
      await remove();
    } catch (error) {
      if (!hasCode(error, ["BucketNotEmpty"])) throw error;
      if (!state.forceDestroy)
        throw new Error(`the bucket ${id} is not empty, and forceDestroy is not set`, { cause: error });
      await emptyBucket(id, context);
      await context.retry(remove, (again) => hasCode(again, ["BucketNotEmpty", "OperationAborted"]), 60);
    }
    await waitUntilBucketNotExists(
      { client: s3, maxWaitTime: 120, minDelay: 1, abortSignal: context.signal },
      { Bucket: id },
    );
  },
});

async function putTags(name: string, tags: Record<string, string> | undefined, context: Context): Promise<void> {
  const s3 = context.client(S3Client);
  const set = tagList(tags);
  if (set.length > 0) await s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: set } }));
  else await orAbsent(s3.send(new DeleteBucketTaggingCommand({ Bucket: name })));
}
