// Empties a bucket for `forceDestroy`: every version, every delete marker, every upload begun.
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Context } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";

/** Removes all that keeps a bucket from being deleted. @throws naming the first objects that could not be deleted. */
export async function emptyBucket(bucket: string, context: Context): Promise<void> {
  const s3 = context.client(S3Client);
  // Always the first page: what was on it is gone by the next turn.
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000 }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    const objects = found.flatMap(({ Key, VersionId }): ObjectIdentifier[] => (Key ? [{ Key, VersionId }] : []));
    if (objects.length === 0) break;
    const answer = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: objects, Quiet: true },
        BypassGovernanceRetention: true,
      }),
    );
    const [first] = answer.Errors ?? [];
    if (first)
      throw new Error(
        `${answer.Errors?.length} objects of ${bucket} could not be deleted; the first is ${first.Key}: ${first.Code} ${first.Message}`,
      );
  }
  const listing = await orAbsent(s3.send(new ListMultipartUploadsCommand({ Bucket: bucket })));
  for (const { Key, UploadId } of listing?.Uploads ?? [])
    await orAbsent(s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })));
}
