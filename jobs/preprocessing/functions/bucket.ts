// The bucket as the functions see it.
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { Found } from "./layout.js";

const client = new S3Client({});

/** Name of the bucket, from the function's configuration. @throws when BUCKET is not set */
export function bucketName(): string {
  const name = process.env.BUCKET;
  if (!name) throw new Error("The function's environment has no BUCKET");
  return name;
}

/** Everything below a prefix. */
export async function listObjects(Bucket: string, Prefix: string): Promise<Found[]> {
  const found: Found[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
    for (const { Key: key = "", Size: bytes = 0 } of Contents) found.push({ key, bytes });
  return found;
}

/** An object's text; undefined when there is none. */
export async function readText(Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}
