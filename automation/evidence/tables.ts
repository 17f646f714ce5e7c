// Data that a test wrote, as tables: read from Parquet with DuckDB, from DynamoDB with the SDK.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { DuckDBValue } from "@duckdb/node-api";

/** A value as JSON keeps it. */
export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

export interface TableData {
  name: string;
  /** Names and types as the source has them (DuckDB's for Parquet, DynamoDB's letters for items). */
  columns: { name: string; type: string }[];
  rows: Record<string, Cell>[];
}

/**
 * The result of a query, e.g. `SELECT * FROM read_parquet('…') ORDER BY 1`.
 *
 * @param sql reads only; integers too large for a number come as text
 */
export async function query(name: string, sql: string, values: DuckDBValue[] = []): Promise<TableData> {
  // The native module is loaded when there is something to read.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql, values);
    const types = reader.columnTypes();
    const columns = reader.columnNames().map((column, index) => ({ name: column, type: String(types[index]) }));
    const rows = reader
      .getRowObjectsJson()
      .map((row) =>
        Object.fromEntries(columns.map(({ name: column, type }) => [column, exact(row[column] as Cell, type)])),
      );
    connection.closeSync();
    return { name, columns, rows };
  } finally {
    instance.closeSync();
  }
}

const WHOLE = /^U?(BIG|HUGE)INT$/;

/** DuckDB's JSON has wide integers as text: as numbers where that loses nothing. */
function exact(value: Cell, type: string): Cell {
  if (typeof value !== "string" || !WHOLE.test(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A file of Parquet, ordered by the columns named. */
export const readParquet = (name: string, path: string, orderBy: readonly string[]): Promise<TableData> =>
  query(name, `SELECT * FROM read_parquet(${sqlText(path)}) ORDER BY ${orderBy.map(sqlName).join(", ")}`);

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** All items of a DynamoDB table, ordered by the attributes named. */
export async function readItems(
  client: DynamoDBClient,
  name: string,
  tableName: string,
  orderBy: readonly string[],
): Promise<TableData> {
  const rows: Record<string, Cell>[] = [];
  const types = new Map<string, string>();
  const documents = DynamoDBDocumentClient.from(client);
  for await (const page of paginateScan({ client: documents }, { TableName: tableName, ConsistentRead: true }))
    for (const item of page.Items ?? []) {
      for (const [attribute, value] of Object.entries(item)) types.set(attribute, attributeType(value));
      rows.push(item as Record<string, Cell>);
    }
  const columns = [...types].map(([column, type]) => ({ name: column, type })).sort((a, b) => order(a.name, b.name));
  return { name, columns, rows: sortRows(rows, orderBy) };
}

/** DynamoDB's letter for the type of a value. */
function attributeType(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return "L";
  const letters: Record<string, string> = { string: "S", number: "N", bigint: "N", boolean: "BOOL" };
  return letters[typeof value] ?? "M";
}

/** Rows in the order of the columns named. */
export const sortRows = (rows: readonly Record<string, Cell>[], by: readonly string[]): Record<string, Cell>[] =>
  [...rows].sort((a, b) => by.map((column) => order(a[column], b[column])).find((difference) => difference !== 0) ?? 0);

function order(a: Cell | undefined, b: Cell | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a ?? ""), String(b ?? "")];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Only some columns, e.g. without times and names that differ from run to run. */
export function selectColumns(table: TableData, columns: readonly string[]): TableData {
  return {
    name: table.name,
    columns: columns.flatMap((name) => table.columns.filter((column) => column.name === name)),
    rows: table.rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))),
  };
}
