// Objects as a crawler sees them: listed, left out by patterns, and read as far as their schema needs.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { type CsvRules, csvSchema } from "./csv.js";
import { jsonSchema } from "./json.js";
import { MAGIC, parquetSchema, TAIL_BYTES, writeEnds } from "./parquet.js";
import type { FileSchema } from "./schema.js";

export interface CrawledObject {
  bucket: string;
  key: string;
  bytes: number;
  modified: Date;
}

/** What of a text is looked at: "the first megabyte of the file". */
const SAMPLE_BYTES = 2 ** 20;

/** Bucket and prefix of an include path. */
export function includePath(path: string): { bucket: string; prefix: string } {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(path) ?? [];
  return { bucket, prefix };
}

/**
 * A glob pattern as a regular expression over what follows the include path: "Include and exclude patterns", AWS Glue Developer
 * Guide.
 */
export function globPattern(glob: string): RegExp {
  let source = "";
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob[index] as string;
    if (character === "*" && glob[index + 1] === "*") {
      source += ".*";
      index += 1;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "{") source += "(?:";
    else if (character === "}") source += ")";
    else if (character === ",") source += source.lastIndexOf("(?:") > source.lastIndexOf(")") ? "|" : ",";
    else if (character === "[") {
      const end = glob.indexOf("]", index);
      source += end < 0 ? "\\[" : glob.slice(index, end + 1).replace(/^\[!/, "[^");
      if (end >= 0) index = end;
    } else if (character === "\\") {
      index += 1;
      source += (glob[index] ?? "\\").replace(/[^\w]/g, "\\$&");
    } else source += character.replace(/[^\w]/g, "\\$&");
  }
  return new RegExp(`^${source}$`);
}

/** Objects of an include path that hold data and are not left out. */
export async function listObjects(
  client: S3Client,
  path: string,
  exclusions: readonly string[],
): Promise<CrawledObject[]> {
  const { bucket, prefix } = includePath(path);
  const patterns = exclusions.map(globPattern);
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  const found: CrawledObject[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    for (const { Key: key = "", Size: bytes = 0, LastModified: modified = new Date(0) } of Contents) {
      if (key !== prefix && !key.startsWith(folder)) continue;
      const rest = key.slice(folder.length);
      const isHidden = rest.split("/").some((part) => /^[_.]/.test(part)) || key.endsWith("_$folder$");
      if (bytes === 0 || isHidden || patterns.some((pattern) => pattern.test(rest))) continue;
      found.push({ bucket, key, bytes, modified });
    }
  return found;
}

/** Reads what objects are; `close` ends it. */
export class SchemaReader {
  #duck: Promise<import("@duckdb/node-api").DuckDBConnection> | undefined;

  constructor(
    private readonly client: S3Client,
    private readonly rules: readonly CsvRules[],
  ) {}

  /** Rejects with S3's error when the object cannot be read. */
  async read(object: CrawledObject): Promise<FileSchema> {
    const head = await this.#bytes(object, 0, Math.min(object.bytes, SAMPLE_BYTES));
    if (head.subarray(0, 4).toString("latin1") === MAGIC) return this.#parquet(object);
    const isGzip = head[0] === 0x1f && head[1] === 0x8b;
    const bytes = isGzip ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head;
    const isWhole = object.bytes <= SAMPLE_BYTES;
    const all = bytes.toString("utf8").replace(/^\ufeff/, "");
    const text = isWhole ? all : all.slice(0, all.lastIndexOf("\n") + 1);
    const compression = isGzip ? "gzip" : "none";
    const found = this.#custom(text) ?? jsonSchema(text) ?? csvSchema(text);
    if (!found) return { classification: "UNKNOWN", columns: [], compression, records: 0 };
    const lines = text.split("\n").filter((line) => line.trim() !== "").length - (found.csv?.hasHeader ? 1 : 0);
    const records = isWhole ? lines : Math.round((lines * object.bytes) / Math.max(1, Buffer.byteLength(text)));
    return { ...found, compression, records };
  }

  async close(): Promise<void> {
    (await this.#duck)?.closeSync();
  }

  #custom(text: string): ReturnType<typeof csvSchema> {
    for (const rules of this.rules) {
      const found = csvSchema(text, rules);
      if (found) return found;
    }
    return undefined;
  }

  async #parquet(object: CrawledObject): Promise<FileSchema> {
    const tail = await this.#bytes(object, object.bytes - TAIL_BYTES, object.bytes);
    const footer = await this.#bytes(object, object.bytes - TAIL_BYTES - tail.readUInt32LE(0), object.bytes);
    const folder = await mkdtemp(join(tmpdir(), "crucible-crawl-"));
    try {
      const file = join(folder, "footer.parquet");
      await writeEnds(file, object.bytes, footer);
      this.#duck ??= import("@duckdb/node-api").then(async ({ DuckDBInstance }) =>
        (await DuckDBInstance.create(":memory:", { threads: "1" })).connect(),
      );
      const { columns, records } = await parquetSchema(await this.#duck, file);
      return { classification: "parquet", columns, compression: "none", records };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #bytes({ bucket: Bucket, key: Key }: CrawledObject, from: number, until: number): Promise<Buffer> {
    const range = { Range: `bytes=${from}-${until - 1}` };
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket, Key, ...range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }
}
