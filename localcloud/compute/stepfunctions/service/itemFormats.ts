// One file of items: taken out of its compression, then parsed by its type. Source: "ItemReader (Map)" in the Developer Guide.
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { iterate, type MapItem } from "../interpreter/items.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject, own, sizeOf } from "../language/json.js";
import { parseCsv } from "./csv.js";

/** What it takes to read formats that the language itself has no reader for. */
export interface ItemDecoders {
  /** Rows of a Parquet file, as objects by column. */
  parquet(body: Buffer): Promise<Json[]>;
  /** Text that was compressed with Zstandard, its line ends as line feeds. */
  zstd(body: Buffer): Promise<Buffer>;
}

/** The largest header of a text with delimiters, bytes. */
const MAXIMUM_HEADER_BYTES = 10 * 1024;

/** @throws StatesError `States.ItemReaderFailed` */
export function readerFailed(cause: string): never {
  throw new StatesError("States.ItemReaderFailed", cause);
}

/**
 * The items of one file.
 *
 * @param source where the file lies, `S3://bucket/key`
 * @throws StatesError `States.ItemReaderFailed` for content that is not of the type
 */
export async function fileItems(
  config: JsonObject,
  body: Buffer,
  source: string,
  decoders: ItemDecoders,
): Promise<MapItem[]> {
  const from = (values: Json[]): MapItem[] => values.map((value) => ({ value, source }));
  switch (config.InputType) {
    case "CSV":
      return from(csvItems(await textOf(body, source, decoders), config, source));
    case "JSON": {
      const content = pointed(parseJson(await textOf(body, source, decoders), source), config.ItemsPointer, source);
      return iterate(content, source) ?? readerFailed("Attempting to map over non-iterable node.");
    }
    case "JSONL":
      return from(
        (await textOf(body, source, decoders))
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line) => parseJson(line, source)),
      );
    case "PARQUET":
      return from(await parquetRows(body, source, decoders));
    default:
      return readerFailed(`The InputType ${JSON.stringify(config.InputType ?? null)} is not supported.`);
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const unzip = promisify(gunzip);

/** The text of a file, which may be compressed; its first bytes tell. */
export async function textOf(body: Buffer, source: string, decoders: Pick<ItemDecoders, "zstd">): Promise<string> {
  const content = await decompressed(body, source, decoders);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return readerFailed(`The file ${source} is not text in UTF-8.`);
  }
}

async function decompressed(body: Buffer, source: string, { zstd }: Pick<ItemDecoders, "zstd">): Promise<Buffer> {
  try {
    if (body.subarray(0, GZIP.length).equals(GZIP)) return await unzip(body);
    if (body.subarray(0, ZSTD.length).equals(ZSTD)) return await zstd(body);
    return body;
  } catch (error) {
    return readerFailed(`The file ${source} could not be decompressed: ${(error as Error).message}`);
  }
}

export function parseJson(content: string, source: string): Json {
  try {
    return JSON.parse(content) as Json;
  } catch (error) {
    return readerFailed(`Failed to parse the file ${source} as JSON: ${(error as Error).message}`);
  }
}

/** What a JSON pointer (`/a/0`) leads to. */
function pointed(content: Json, pointer: Json | undefined, source: string): Json {
  if (pointer === undefined) return content;
  if (typeof pointer !== "string" || (pointer !== "" && !pointer.startsWith("/")))
    return readerFailed(`The ItemsPointer ${JSON.stringify(pointer)} is not a JSON pointer.`);
  let node: Json | undefined = content;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(node)) node = /^(0|[1-9]\d*)$/.test(name) ? node[Number(name)] : undefined;
    else node = isObject(node) ? own(node, name) : undefined;
    if (node === undefined) return readerFailed(`The ItemsPointer '${pointer}' leads nowhere in the file ${source}.`);
  }
  return node;
}

const DELIMITERS: Record<string, string> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

/** Rows as objects by column: missing fields are empty, those beyond the header are left out. */
export function csvItems(content: string, config: JsonObject, source: string): JsonObject[] {
  const delimiter =
    DELIMITERS[String(config.CSVDelimiter ?? "COMMA")] ??
    readerFailed(`The CSVDelimiter ${String(config.CSVDelimiter)} is not supported.`);
  const rows = csvRows(content, delimiter, source);
  const headers = config.CSVHeaderLocation === "GIVEN" ? givenHeaders(config) : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length) readerFailed("CSV headers cannot contain duplicates.");
  if (sizeOf(headers.join(delimiter)) > MAXIMUM_HEADER_BYTES)
    readerFailed(`CSV headers cannot exceed ${MAXIMUM_HEADER_BYTES} bytes.`);
  return rows.map((row) => Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ""])));
}

function givenHeaders({ CSVHeaders: headers }: JsonObject): string[] {
  if (Array.isArray(headers) && headers.length > 0 && headers.every((header) => typeof header === "string"))
    return headers;
  return readerFailed("CSVHeaders must be a list of strings where CSVHeaderLocation is GIVEN.");
}

export function csvRows(content: string, delimiter: string, source: string): string[][] {
  try {
    return parseCsv(content, delimiter);
  } catch (error) {
    return readerFailed(`Failed to parse the file ${source} as CSV: ${(error as Error).message}`);
  }
}

const PARQUET = Buffer.from("PAR1");

export async function parquetRows(
  body: Buffer,
  source: string,
  { parquet }: Pick<ItemDecoders, "parquet">,
): Promise<Json[]> {
  const isParquet = body.subarray(0, PARQUET.length).equals(PARQUET) && body.subarray(-PARQUET.length).equals(PARQUET);
  if (!isParquet) return readerFailed(`The file ${source} is not a Parquet file.`);
  return parquet(body).catch((error: Error) =>
    readerFailed(`Failed to read the file ${source} as Parquet: ${error.message}`),
  );
}
