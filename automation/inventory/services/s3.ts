import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import type { InventorySource } from "../item.js";

/** Buckets are listed in one region and are in any: a client that goes where S3 sends it. */
class RoamingS3Client extends S3Client {
  constructor(settings: S3ClientConfig) {
    super({ ...settings, followRegionRedirects: true });
  }
}

export const s3: InventorySource = {
  service: "s3",
  otherKinds: ["access_point", "mrap"],
  isGlobal: true,
  async list(client) {
    const api = client(RoamingS3Client);
    const { Buckets = [] } = await api.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name = "" }) => ({
      type: "AWS::S3::Bucket",
      id: Name,
      async remove() {
        await emptyBucket(api, Name);
        await api.send(new DeleteBucketCommand({ Bucket: Name }));
      },
    }));
  },
};

/** Deletes every version and delete marker. */
async function emptyBucket(api: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const page = await api.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key: Key ?? "",
      VersionId,
    }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await api.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`${Bucket}: ${Errors[0]?.Key} could not be deleted: ${Errors[0]?.Message}`);
  }
}
