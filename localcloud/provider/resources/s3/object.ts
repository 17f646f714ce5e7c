// aws:s3/bucketObject:BucketObject and aws:s3/bucketObjectv2:BucketObjectv2: one object, with its content from the program.
import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ObjectCannedACL,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
  type ServerSideEncryption,
  type StorageClass,
} from "@aws-sdk/client-s3";
import { contentOf } from "../../assets.js";
import { type Context, type ResourceDescriptor, resource } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { asset, flag, type Inputs, map, output, type State, tagged, text } from "../../properties.js";
import { tagList, tagState } from "../../tags.js";

const properties = {
  bucket: text({ required: true, replace: true }),
  key: text({ computed: true, replace: true, min: 1, max: 1024, autoName: { max: 1024, exact: true } }),
  /** The content is kept in the state as long as AWS has it unchanged: see `read`. */
  source: asset({ unread: false }),
  content: text(),
  contentBase64: text(),
  /** Any text whose change uploads the content again. */
  sourceHash: text({ unread: true }),
  etag: text({ computed: true }),
  acl: text({ unread: true }),
  cacheControl: text(),
  contentDisposition: text(),
  contentEncoding: text(),
  contentLanguage: text(),
  contentType: text({ computed: true }),
  metadata: map(text()),
  serverSideEncryption: text({ computed: true }),
  kmsKeyId: text({ computed: true }),
  bucketKeyEnabled: flag({ computed: true }),
  storageClass: text({ computed: true }),
  websiteRedirect: text(),
  forceDestroy: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
  versionId: output(text(), { volatile: true }),
};

type ObjectInputs = Inputs<typeof properties>;
type ObjectState = State<typeof properties>;

/** What is uploaded with the content: a change of any of these uploads again. */
const UPLOADED = [
  "source",
  "content",
  "contentBase64",
  "sourceHash",
  "etag",
  "acl",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "contentType",
  "metadata",
  "serverSideEncryption",
  "kmsKeyId",
  "bucketKeyEnabled",
  "storageClass",
  "websiteRedirect",
] as const;

function objectDescriptor(type: string): ResourceDescriptor {
  return resource({
    type,
    properties,
    identity: ["bucket", "key"],

    check(inputs) {
      const given = (["source", "content", "contentBase64"] as const).filter((name) => inputs[name] !== undefined);
      return given.length > 1
        ? [{ property: given[1] ?? "", reason: `cannot be given together with ${given[0]}` }]
        : [];
    },

    async create(inputs, context) {
      await upload(inputs, context);
      return inputs.key ?? "";
    },

    async read(id, context, known) {
      const { bucket, key } = known.bucket ? { bucket: known.bucket, key: known.key ?? id } : splitImportId(id);
      const s3 = context.client(S3Client);
      const [head, tagging] = await Promise.all([
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
        orAbsent(s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }))),
      ]);
      const etag = head.ETag?.replaceAll('"', "");
      // AWS gives no content back in a description; while its digest is the one we know, it is the content we know.
      const isKnown = known.etag === undefined || known.etag === etag;
      return {
        id: key,
        bucket,
        key,
        ...(isKnown && { source: known.source, content: known.content, contentBase64: known.contentBase64 }),
        etag,
        cacheControl: head.CacheControl,
        contentDisposition: head.ContentDisposition,
        contentEncoding: head.ContentEncoding,
        contentLanguage: head.ContentLanguage,
        contentType: head.ContentType,
        metadata: head.Metadata ?? {},
        serverSideEncryption: head.ServerSideEncryption,
        kmsKeyId: head.SSEKMSKeyId,
        bucketKeyEnabled: head.BucketKeyEnabled ?? false,
        storageClass: head.StorageClass ?? "STANDARD",
        websiteRedirect: head.WebsiteRedirectLocation,
        ...tagState(tagging?.TagSet),
        arn: `arn:${context.partition}:s3:::${bucket}/${key}`,
        versionId: head.VersionId,
      } as ObjectState;
    },

    async update({ inputs, changes }, context) {
      if (changes(...UPLOADED)) await upload(inputs, context);
      else if (changes("tags")) await putTags(inputs, context);
    },

    async delete(id, state, context) {
      const { bucket = "", key = id } = state;
      const s3 = context.client(S3Client);
      // All versions, also in a bucket that had none when the object was made: a delete marker would be a leftover.
      for (;;) {
        const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
        const own = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter((each) => each.Key === key);
        if (own.length === 0) return;
        for (const { VersionId } of own)
          await s3.send(
            new DeleteObjectCommand({
              Bucket: bucket,
              Key: key,
              VersionId,
              BypassGovernanceRetention: state.forceDestroy || undefined,
            }),
          );
      }
    },
  });
}

export const bucketObject = objectDescriptor("aws:s3/bucketObject:BucketObject");
export const bucketObjectV2 = objectDescriptor("aws:s3/bucketObjectv2:BucketObjectv2");

/** An object is imported by `bucket/key` or `s3://bucket/key`. */
function splitImportId(id: string): { bucket: string; key: string } {
  const match = /^(?:s3:\/\/)?([^/]+)\/(.+)$/.exec(id);
  if (!match?.[1] || !match[2]) throw new Error(`an object is imported by <bucket>/<key>, not by ${id}`);
  return { bucket: match[1], key: match[2] };
}

async function upload(inputs: ObjectInputs, context: Context): Promise<void> {
  const body = inputs.source
    ? await contentOf(inputs.source, context.signal)
    : inputs.contentBase64 !== undefined
      ? Buffer.from(inputs.contentBase64, "base64")
      : Buffer.from(inputs.content ?? "");
  const request: PutObjectCommandInput = {
    Bucket: inputs.bucket,
    Key: inputs.key,
    Body: body,
    ACL: inputs.acl as ObjectCannedACL | undefined,
    CacheControl: inputs.cacheControl,
    ContentDisposition: inputs.contentDisposition,
    ContentEncoding: inputs.contentEncoding,
    ContentLanguage: inputs.contentLanguage,
    ContentType: inputs.contentType,
    Metadata: inputs.metadata,
    ServerSideEncryption: inputs.serverSideEncryption as ServerSideEncryption | undefined,
    SSEKMSKeyId: inputs.kmsKeyId,
    BucketKeyEnabled: inputs.bucketKeyEnabled,
    StorageClass: inputs.storageClass as StorageClass | undefined,
    WebsiteRedirectLocation: inputs.websiteRedirect,
    Tagging: new URLSearchParams(inputs.tags).toString() || undefined,
  };
  const { Upload } = await import("@aws-sdk/lib-storage");
  const sending = new Upload({ client: context.client(S3Client), params: request });
  const abort = () => void sending.abort();
  context.signal.addEventListener("abort", abort, { once: true });
  try {
    await sending.done();
  } finally {
    context.signal.removeEventListener("abort", abort);
  }
}

async function putTags(inputs: ObjectInputs, context: Context): Promise<void> {
  const s3 = context.client(S3Client);
  const target = { Bucket: inputs.bucket, Key: inputs.key };
  const set = tagList(inputs.tags);
  if (set.length > 0) await s3.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet: set } }));
  else await s3.send(new DeleteObjectTaggingCommand(target));
}
