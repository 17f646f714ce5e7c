// The bucket, as the export needs it. Every request goes through the one policy of trying again.
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { RETRY, type RetryPolicy, retried } from "./retry.js";

export interface Found {
  text: string;
  etag: string;
}

/** An object is not as it has to be for this write: somebody else has written it. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

export interface ReportStore {
  /** An object's text; undefined when there is none. */
  read(key: string): Promise<Found | undefined>;
  put(key: string, body: Buffer | string, contentType: string): Promise<void>;
  /**
   * Writes only over what is known.
   *
   * @param known ETag of what is replaced; undefined when there may be none
   * @returns the new ETag
   * @throws Conflict when the object is another
   */
  replace(key: string, text: string, known: string | undefined): Promise<string>;
  copy(from: string, to: string): Promise<void>;
  /** Keys below a prefix. */
  list(prefix: string): Promise<string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

/** As many as DeleteObjects takes. */
const DELETES = 1000;

export class S3Store implements ReportStore {
  constructor(
    private readonly client: Pick<S3Client, "send">,
    private readonly bucket: string,
    private readonly policy: RetryPolicy = RETRY,
  ) {}

  async read(Key: string): Promise<Found | undefined> {
    // Asking for an object that is not there is refused where listing is allowed below a prefix only: so it is listed first.
    if (!(await this.list(Key)).includes(Key)) return undefined;
    return this.#retried(async () => {
      const { Body, ETag = "" } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      return { text: (await Body?.transformToString()) ?? "", etag: ETag };
    });
  }

  async put(Key: string, Body: Buffer | string, ContentType: string): Promise<void> {
    await this.#retried(() => this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body, ContentType })));
  }

  async replace(Key: string, text: string, known: string | undefined): Promise<string> {
    const condition = known === undefined ? { IfNoneMatch: "*" } : { IfMatch: known };
    const request = { Bucket: this.bucket, Key, Body: text, ContentType: "application/json", ...condition };
    try {
      const { ETag = "" } = await this.#retried(() => this.client.send(new PutObjectCommand(request)));
      return ETag;
    } catch (cause) {
      if (!["PreconditionFailed", "NoSuchKey"].includes((cause as Error).name)) throw cause;
      // The answer to an earlier attempt of this very write may have been lost.
      const found = await this.read(Key);
      if (found?.text === text) return found.etag;
      throw new Conflict(`s3://${this.bucket}/${Key} was written by another`, { cause });
    }
  }

  async copy(from: string, Key: string): Promise<void> {
    const CopySource = encodeURI(`${this.bucket}/${from}`);
    await this.#retried(() => this.client.send(new CopyObjectCommand({ Bucket: this.bucket, Key, CopySource })));
  }

  async list(Prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const request = { Bucket: this.bucket, Prefix, ContinuationToken };
      const page = await this.#retried(() => this.client.send(new ListObjectsV2Command(request)));
      keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return keys;
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += DELETES) {
      const Objects = keys.slice(start, start + DELETES).map((Key) => ({ Key }));
      const { Errors: [first] = [] } = await this.#retried(() =>
        this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } })),
      );
      if (first)
        throw new Error(`s3://${this.bucket}/${first.Key} could not be deleted: ${first.Code} ${first.Message}`);
    }
  }

  #retried<T>(send: () => Promise<T>): Promise<T> {
    return retried(send, undefined, this.policy);
  }
}
