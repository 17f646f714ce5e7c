// Items of a Distributed Map from S3: a file, the files that a manifest names, a listing, or the files of a listing.
// Source: "ItemReader (Map)" in the Step Functions Developer Guide.

import type { ReadItemsEffect } from "../interpreter/effects.js";
import type { MapItem } from "../interpreter/items.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import {
  csvItems,
  csvRows,
  fileItems,
  type ItemDecoders,
  parquetRows,
  parseJson,
  readerFailed,
  textOf,
} from "./itemFormats.js";

/** Which of an object's versions, and whose bucket it has to be. */
export interface ObjectChoice {
  versionId?: string;
  expectedBucketOwner?: string;
}

/** S3 as the execution's role sees it, and readers of formats. */
export interface ItemFiles extends ItemDecoders {
  get(bucket: string, key: string, choice?: ObjectChoice): Promise<Buffer>;
  /** Every object below a prefix, as ListObjectsV2 describes it. */
  list(bucket: string, prefix: string, choice?: Pick<ObjectChoice, "expectedBucketOwner">): AsyncIterable<JsonObject>;
  put(bucket: string, key: string, body: string): Promise<void>;
}

/** Reads the items that an ItemReader names. @throws StatesError `States.ItemReaderFailed` */
export async function readItems(effect: ReadItemsEffect, files: ItemFiles): Promise<MapItem[]> {
  const limit = effect.maxItems ?? Number.POSITIVE_INFINITY;
  const items: MapItem[] = [];
  for await (const found of portions(effect, files)) {
    for (const item of found) {
      if (items.length >= limit) return items;
      items.push(item);
    }
    if (items.length >= limit) return items;
  }
  return items;
}

/** The items, file by file, so that a reader with a limit reads no more files than it needs. */
function portions(effect: ReadItemsEffect, files: ItemFiles): AsyncIterable<MapItem[]> {
  const { config } = effect;
  const parameters = isObject(effect.parameters) ? effect.parameters : {};
  const bucket = text(parameters.Bucket, "Bucket");
  const owner = optionalText(parameters.ExpectedBucketOwner, "ExpectedBucketOwner");
  const choice = owner === undefined ? {} : { expectedBucketOwner: owner };
  if (effect.resource.endsWith(":s3:listObjectsV2")) {
    const listing = files.list(bucket, optionalText(parameters.Prefix, "Prefix") ?? "", choice);
    const transformation = config.Transformation ?? "NONE";
    if (transformation === "NONE") return listed(listing, bucket);
    if (transformation === "LOAD_AND_FLATTEN") return loaded(listing, bucket, config, choice, files);
    return readerFailed(`The Transformation ${JSON.stringify(transformation)} is not supported.`);
  }
  if (!effect.resource.endsWith(":s3:getObject"))
    return readerFailed(`The resource ${effect.resource} is not supported by an ItemReader.`);
  const key = text(parameters.Key, "Key");
  const versionId = optionalText(parameters.VersionId, "VersionId");
  const read = () => files.get(bucket, key, { ...choice, ...(versionId === undefined ? {} : { versionId }) });
  const uri = uriOf(bucket, key);
  if (config.ManifestType === "ATHENA_DATA") return athenaData(read, uri, config, files);
  if (config.InputType === "MANIFEST" || config.ManifestType === "S3_INVENTORY") {
    if (config.InputType !== undefined && config.InputType !== "MANIFEST")
      return readerFailed("InputType cannot be specified where ManifestType is S3_INVENTORY.");
    return inventory(read, uri, config, files);
  }
  if (config.ManifestType !== undefined)
    return readerFailed(`The ManifestType ${JSON.stringify(config.ManifestType)} is not supported.`);
  if (config.InputType === "PARQUET" && versionId !== undefined)
    return readerFailed("VersionId is not supported where InputType is PARQUET.");
  return only(async () => fileItems(config, await read(), uri, files));
}

async function* only(read: () => Promise<MapItem[]>): AsyncGenerator<MapItem[]> {
  yield await read();
}

const uriOf = (bucket: string, key: string): string => `S3://${bucket}/${key}`;

async function* listed(listing: AsyncIterable<JsonObject>, bucket: string): AsyncGenerator<MapItem[]> {
  for await (const value of listing) yield [{ value, source: `S3://${bucket}` }];
}

/** The contents of the objects of a listing; those that stand for a folder have none. */
async function* loaded(
  listing: AsyncIterable<JsonObject>,
  bucket: string,
  config: JsonObject,
  choice: ObjectChoice,
  files: ItemFiles,
): AsyncGenerator<MapItem[]> {
  if (config.InputType === undefined)
    readerFailed("InputType must be specified where Transformation is LOAD_AND_FLATTEN.");
  for await (const { Key, Size } of listing) {
    const key = String(Key);
    if (key.endsWith("/") && Size === 0) continue;
    yield await fileItems(config, await files.get(bucket, key, choice), uriOf(bucket, key), files);
  }
}

/** The manifest of an Athena UNLOAD: a list of the files it wrote, whose type the reader's configuration tells. */
async function* athenaData(
  read: () => Promise<Buffer>,
  uri: string,
  config: JsonObject,
  files: ItemFiles,
): AsyncGenerator<MapItem[]> {
  const type = String(config.InputType);
  if (type !== "CSV" && type !== "JSONL" && type !== "PARQUET")
    readerFailed(`The InputType of an ATHENA_DATA manifest must be CSV, JSONL or PARQUET, not ${type}.`);
  for (const [line = ""] of csvRows(await textOf(await read(), uri, files), ",", uri)) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(line.trim()) ?? [];
    if (!bucket || !key) readerFailed(`The manifest ${uri} names ${JSON.stringify(line)}, which is not an S3 URI.`);
    yield await fileItems(config, await files.get(bucket, key), uriOf(bucket, key), files);
  }
}

/** An S3 Inventory manifest: every row of its data files is an item, with the columns of the manifest's schema. */
async function* inventory(
  read: () => Promise<Buffer>,
  uri: string,
  config: JsonObject,
  files: ItemFiles,
): AsyncGenerator<MapItem[]> {
  const manifest = parseJson(await textOf(await read(), uri, files), uri);
  if (!isObject(manifest) || !Array.isArray(manifest.files)) readerFailed(`The manifest ${uri} has no list of files.`);
  const bucket = text(manifest.destinationBucket, "manifest's destinationBucket").replace(/^arn:[^:]+:s3:::/, "");
  const format = String(manifest.fileFormat);
  const schema = String(manifest.fileSchema ?? "").split(",");
  const columns: JsonObject = { CSVHeaderLocation: "GIVEN", CSVHeaders: schema.map((name) => name.trim()) };
  for (const file of manifest.files) {
    const key = isObject(file)
      ? text(file.key, "manifest file's key")
      : readerFailed(`A file of the manifest ${uri} has no key.`);
    const source = uriOf(bucket, key);
    if (format !== "CSV" && format !== "Parquet")
      readerFailed(`The manifest's file format ${format} is not supported; an inventory must be CSV or Parquet.`);
    const body = await files.get(bucket, key);
    const rows: Json[] =
      format === "CSV"
        ? csvItems(
            await textOf(body, source, files),
            config.CSVHeaderLocation === "GIVEN" ? config : { ...columns, ...delimiterOf(config) },
            source,
          )
        : await parquetRows(body, source, files);
    yield rows.map((value) => ({ value, source }));
  }
}

const delimiterOf = ({ CSVDelimiter }: JsonObject): JsonObject => (CSVDelimiter === undefined ? {} : { CSVDelimiter });

function text(value: Json | undefined, field: string): string {
  return typeof value === "string" ? value : readerFailed(`The ItemReader's ${field} must be a string.`);
}

const optionalText = (value: Json | undefined, field: string): string | undefined =>
  value === undefined ? undefined : text(value, field);
