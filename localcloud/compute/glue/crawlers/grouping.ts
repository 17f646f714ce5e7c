// Which objects are a table, and which folders its partitions: "How does a crawler determine when to create partitions?", AWS Glue
// Developer Guide. Pure.
import type { CrawledObject } from "./files.js";
import { areCompatible, type Column, type FileSchema, mergedColumns } from "./schema.js";

export interface CrawledFile {
  object: CrawledObject;
  schema: FileSchema;
}

export interface PartitionFound {
  values: string[];
  /** s3:// path with a slash at its end. */
  location: string;
  columns: Column[];
  files: CrawledFile[];
}

export interface TableFound {
  /** Without the crawler's prefix. */
  name: string;
  location: string;
  columns: Column[];
  /** Names of the partitions' keys, the outermost first. */
  keys: string[];
  partitions: PartitionFound[];
  files: CrawledFile[];
}

/** Names of tables have small letters, digits and underscores. */
export const tableName = (text: string): string => text.toLowerCase().replace(/[^a-z0-9_]/g, "_");

/**
 * The tables that an include path holds.
 *
 * @param prefix of the include path; an object's own key when it is one
 * @param single whether everything below is one table, whatever it looks like (of a table that the catalog knows)
 */
export function tablesOf(bucket: string, prefix: string, files: readonly CrawledFile[], single = false): TableFound[] {
  const [only] = files;
  if (files.length === 1 && only?.object.key === prefix) return [fileTable(only)];
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  return group(bucket, folder, files, single);
}

function group(bucket: string, folder: string, files: readonly CrawledFile[], single: boolean): TableFound[] {
  if (files.length === 0) return [];
  const leaves = byFolder(folder, files);
  const depths = new Set([...leaves.keys()].map((rest) => rest.split("/").length - 1));
  if (depths.size === 1 && (single || isOneTable(files))) return [folderTable(bucket, folder, leaves)];
  const below = new Map<string, CrawledFile[]>();
  const tables: TableFound[] = [];
  for (const file of files) {
    const [child, ...rest] = file.object.key.slice(folder.length).split("/");
    if (rest.length === 0) tables.push(fileTable(file));
    else below.set(child ?? "", [...(below.get(child ?? "") ?? []), file]);
  }
  return [...tables, ...[...below].flatMap(([child, some]) => group(bucket, `${folder}${child}/`, some, false))];
}

/** Files by the folder that they are in: what follows `folder`, with a slash at its end unless empty. */
function byFolder(folder: string, files: readonly CrawledFile[]): Map<string, CrawledFile[]> {
  const leaves = new Map<string, CrawledFile[]>();
  for (const file of files) {
    const rest = file.object.key.slice(folder.length);
    const leaf = rest.slice(0, rest.lastIndexOf("/") + 1);
    const found = leaves.get(leaf);
    if (found) found.push(file);
    else leaves.set(leaf, [file]);
  }
  return leaves;
}

/** Each file against what was met before it: schemas that drift file by file stay together. */
function isOneTable(files: readonly CrawledFile[]): boolean {
  const distinct = new Map(
    files.map(({ schema }) => [JSON.stringify([schema.classification, schema.csv, schema.columns]), schema]),
  );
  const [first, ...rest] = distinct.values();
  if (!first) return false;
  let known = first;
  for (const schema of rest) {
    if (!areCompatible(known, schema)) return false;
    known = { ...known, columns: mergedColumns([known.columns, schema.columns]) };
  }
  return true;
}

function folderTable(bucket: string, folder: string, leaves: Map<string, CrawledFile[]>): TableFound {
  const files = [...leaves.values()].flat();
  const paths = [...leaves.keys()].map((leaf) => leaf.split("/").slice(0, -1));
  const depth = paths[0]?.length ?? 0;
  const keys = Array.from({ length: depth }, (_, level) => {
    const names = new Set(paths.map((path) => /^([^=]+)=/.exec(path[level] ?? "")?.[1]));
    const [name] = names;
    return names.size === 1 && name !== undefined ? name.toLowerCase() : `partition_${level}`;
  });
  const columnsOf = (some: readonly CrawledFile[]) =>
    // A column of the data that is named like a key is the key.
    mergedColumns(some.map(({ schema }) => schema.columns)).filter(({ name }) => !keys.includes(name));
  return {
    name: tableName(folder.split("/").at(-2) ?? bucket),
    location: `s3://${bucket}/${folder}`,
    columns: columnsOf(files),
    keys,
    partitions:
      depth === 0
        ? []
        : [...leaves].map(([leaf, some], index) => ({
            values: (paths[index] ?? []).map((part, level) => partitionValue(part, keys[level] ?? "")),
            location: `s3://${bucket}/${folder}${leaf}`,
            columns: columnsOf(some),
            files: some,
          })),
    files,
  };
}

function partitionValue(part: string, key: string): string {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
  return name?.toLowerCase() === key && value !== undefined ? decode(value) : part;
}

/** Writers of partitions percent-encode what paths cannot hold. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fileTable(file: CrawledFile): TableFound {
  const { bucket, key } = file.object;
  return {
    name: tableName(key.split("/").at(-1) ?? ""),
    location: `s3://${bucket}/${key}`,
    columns: mergedColumns([file.schema.columns]),
    keys: [],
    partitions: [],
    files: [file],
  };
}
