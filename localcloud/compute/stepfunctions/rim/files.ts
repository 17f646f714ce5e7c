// S3 as an execution's role sees it: what item readers read and result writers write.
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ComputeContext, SessionCredentials } from "../../service.js";
import type { Json, JsonObject } from "../language/json.js";
import type { ItemFiles } from "../service/itemReader.js";

/** @param credentials gives the session that every call is made with */
export function sessionFiles(
  context: Pick<ComputeContext, "clientConfig" | "dataDir">,
  account: string,
  region: string,
  credentials: () => Promise<SessionCredentials>,
): ItemFiles {
  const open = async () => {
    const { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const client = new S3Client({
      ...context.clientConfig(account, region),
      credentials: await credentials(),
      forcePathStyle: true,
    });
    return { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, client };
  };
  return {
    async get(bucket, key, { versionId, expectedBucketOwner } = {}) {
      const { GetObjectCommand, client } = await open();
      try {
        const { Body } = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            VersionId: versionId,
            ExpectedBucketOwner: expectedBucketOwner,
          }),
        );
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } finally {
        client.destroy();
      }
    },
    async *list(bucket, prefix, { expectedBucketOwner } = {}) {
      const { paginateListObjectsV2, client } = await open();
      try {
        const pages = paginateListObjectsV2(
          { client },
          { Bucket: bucket, Prefix: prefix, ExpectedBucketOwner: expectedBucketOwner },
        );
        for await (const { Contents } of pages) for (const object of Contents ?? []) yield described(object);
      } finally {
        client.destroy();
      }
    },
    async put(bucket, key, body) {
      const { PutObjectCommand, client } = await open();
      try {
        await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }),
        );
      } finally {
        client.destroy();
      }
    },
    parquet: (body) => parquetRows(body, join(context.dataDir, "stepfunctions")),
    zstd: (body) => zstdText(body, join(context.dataDir, "stepfunctions")),
  };
}

/** An object of a listing as the service passes it to a child: times in whole seconds of the epoch. */
function described(object: {
  Key?: string;
  Size?: number;
  ETag?: string;
  StorageClass?: string;
  LastModified?: Date;
}): JsonObject {
  const { Key, Size, ETag, StorageClass, LastModified } = object;
  return {
    ...(ETag === undefined ? {} : { Etag: ETag }),
    ...(Key === undefined ? {} : { Key }),
    ...(LastModified === undefined ? {} : { LastModified: Math.floor(LastModified.getTime() / 1000) }),
    ...(Size === undefined ? {} : { Size }),
    ...(StorageClass === undefined ? {} : { StorageClass }),
  };
}

/** The rows of a Parquet file as objects by column. */
async function parquetRows(body: Buffer, folder: string): Promise<Json[]> {
  const rows = await query(body, folder, (file) => `SELECT to_json(item) FROM read_parquet(${file}) AS item`);
  return rows.map((row) => JSON.parse(String(row)) as Json);
}

/** The longest line of a compressed text, bytes. */
const MAXIMUM_LINE_BYTES = 16 * 1024 * 1024;

/** Node has no Zstandard of its own, but DuckDB has: the text comes as a table of its lines. */
async function zstdText(body: Buffer, folder: string): Promise<Buffer> {
  const rows = await query(
    body,
    folder,
    (file) => `SELECT * FROM read_csv(${file}, compression = 'zstd', columns = {'line': 'VARCHAR'}, delim = chr(1),
      quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, force_not_null = ['line'],
      max_line_size = ${MAXIMUM_LINE_BYTES})`,
  );
  return Buffer.from(rows.map((row) => `${String(row)}\n`).join(""));
}

/** The first column of what DuckDB finds in a file. */
async function query(body: Buffer, folder: string, statement: (file: string) => string): Promise<unknown[]> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  await mkdir(folder, { recursive: true });
  const path = join(folder, randomUUID());
  await writeFile(path, body);
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(statement(`'${path.replaceAll("'", "''")}'`));
    return result.getRows().map(([value]) => value);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(path, { force: true });
  }
}
