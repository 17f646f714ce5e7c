// ObjectStore on S3: downloads and uploads stream, so that an object's size does not matter to the memory of a job.
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { StorageError, storageError } from "./errors.js";
import type { ObjectStore } from "./objects.js";

const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
const DOWNLOAD_ATTEMPTS = 4;
/** DeleteObjects takes so many at most. */
const KEYS_AT_ONCE = 1000;

export class S3Store implements ObjectStore {
  readonly url: string;

  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    /** Ends what is under way. */
    private readonly signal?: AbortSignal,
  ) {
    this.url = `s3://${bucket}`;
  }

  /** A connection that breaks is taken up where it broke (`Range`), of the same object only (`If-Match`). */
  async download(key: string, path: string): Promise<void> {
    let received = 0;
    let etag: string | undefined;
    for (let attempt = 1; ; attempt += 1)
      try {
        const answer = await this.client.send(
          new GetObjectCommand({
            Bucket: this.bucket,
            Key: key,
            ...(etag && received > 0 ? { IfMatch: etag, Range: `bytes=${received}-` } : {}),
          }),
          { abortSignal: this.signal },
        );
        etag = answer.ETag;
        await pipeline(answer.Body as Readable, createWriteStream(path, { flags: received > 0 ? "a" : "w" }), {
          signal: this.signal,
        });
        return;
      } catch (cause) {
        // The SDK has retried the request itself; what is left to retry is a body that ended early.
        received = (await stat(path).catch(() => undefined))?.size ?? 0;
        const refused = (cause as { $metadata?: unknown }).$metadata !== undefined;
        if (refused || this.signal?.aborted || attempt === DOWNLOAD_ATTEMPTS) {
          await rm(path, { force: true });
          throw storageError(`Reading ${this.url}/${key}`, cause);
        }
      }
  }

  /** S3 shows an object when it is complete, so replacing is atomic, in one request or in parts; failed parts are aborted. */
  async upload(key: string, path: string, contentType = "application/octet-stream"): Promise<void> {
    try {
      const { size } = await stat(path);
      const target = { Bucket: this.bucket, Key: key, ContentType: contentType };
      if (size <= PART_BYTES) {
        await this.client.send(new PutObjectCommand({ ...target, Body: createReadStream(path), ContentLength: size }), {
          abortSignal: this.signal,
        });
        return;
      }
      // A stop ends the file's stream, not the uploader: that one fails, and first takes away the parts it has sent.
      await new Upload({
        client: this.client,
        params: { ...target, Body: createReadStream(path, { highWaterMark: 1 << 20, signal: this.signal }) },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      }).done();
    } catch (cause) {
      throw storageError(`Writing ${this.url}/${key}`, cause);
    }
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    try {
      for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: prefix }))
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    } catch (cause) {
      throw storageError(`Listing ${this.url}/${prefix}`, cause);
    }
    return keys.sort();
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const part = keys.slice(from, from + KEYS_AT_ONCE);
      const what = `Removing ${part.length} objects of ${this.url}, ${part[0]} the first,`;
      try {
        const { Errors = [] } = await this.client.send(
          new DeleteObjectsCommand({
            Bucket: this.bucket,
            Delete: { Quiet: true, Objects: part.map((Key) => ({ Key })) },
          }),
          { abortSignal: this.signal },
        );
        // The request succeeds even where an object's removal is refused.
        const [refused] = Errors;
        if (refused)
          throw new StorageError(
            `${what} failed: ${refused.Code} of ${refused.Key}: ${refused.Message}`,
            refused.Code ?? "Error",
          );
      } catch (cause) {
        throw storageError(what, cause);
      }
    }
  }
}
