// Parquet: the schema in the footer, read by DuckDB from a file that has only its ends.
import { open } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Column, splitTopLevel } from "./schema.js";

/** Every Parquet file begins and ends with it. */
export const MAGIC = "PAR1";
/** Length of the footer and magic at a file's end, bytes. */
export const TAIL_BYTES = 8;

const TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  TINYINT: "tinyint",
  UTINYINT: "smallint",
  SMALLINT: "smallint",
  USMALLINT: "int",
  INTEGER: "int",
  UINTEGER: "bigint",
  BIGINT: "bigint",
  UBIGINT: "decimal(20,0)",
  HUGEINT: "decimal(38,0)",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "string",
  UUID: "string",
  JSON: "string",
  ENUM: "string",
  BLOB: "binary",
  DATE: "date",
  TIME: "string",
};

/** Hive's type for one of DuckDB's. */
export function hiveType(duck: string): string {
  const text = duck.trim();
  const item = /^(.*)\[\d*\]$/s.exec(text)?.[1];
  if (item !== undefined) return `array<${hiveType(item)}>`;
  const struct = /^STRUCT\((.*)\)$/s.exec(text)?.[1];
  if (struct !== undefined) {
    const members = splitTopLevel(struct).map((member) => {
      const [, quoted, plain, type = ""] = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(member) ?? [];
      return `${(quoted ?? plain ?? "").toLowerCase()}:${hiveType(type)}`;
    });
    return `struct<${members.join(",")}>`;
  }
  const map = /^MAP\((.*)\)$/s.exec(text)?.[1];
  if (map !== undefined) return `map<${splitTopLevel(map).map(hiveType).join(",")}>`;
  if (text.startsWith("TIMESTAMP")) return "timestamp";
  if (text.startsWith("DECIMAL")) return text.toLowerCase().replace(/\s/g, "");
  return TYPES[text] ?? "string";
}

/** Makes a file as long as the object is, with nothing but its first bytes and its footer. */
export async function writeEnds(file: string, bytes: number, footer: Buffer): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.write(MAGIC, 0);
    await handle.write(footer, 0, footer.length, bytes - footer.length);
  } finally {
    await handle.close();
  }
}

/** Columns and rows of a file. Rejects with DuckDB's reason when it is none. */
export async function parquetSchema(
  duck: DuckDBConnection,
  file: string,
): Promise<{ columns: Column[]; records: number }> {
  const name = `'${file.replaceAll("'", "''")}'`;
  const described = await duck.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${name}, hive_partitioning = false)`);
  const columns = described.getRowObjects().map((row) => ({
    name: String(row.column_name).toLowerCase(),
    type: hiveType(String(row.column_type)),
  }));
  const counted = await duck.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${name})`);
  return { columns, records: Number(counted.getRowObjects()[0]?.num_rows ?? 0) };
}
