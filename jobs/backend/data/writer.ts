// Writes tables as Parquet files: columns, types and order of rows as the schema says, so that the same rows give the same bytes.
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Database, identifier, literal } from "../../lib/duckdb.js";
import { fileDigest } from "./digests.js";
import type { Table } from "./schema.js";
import { STATES } from "./states.js";

/** A file that was written. */
export interface WrittenFile {
  table: string;
  /** From the folder of all tables, with `/` between. */
  path: string;
  rows: number;
  bytes: number;
  /** `sha256:<hex>`. */
  digest: string;
}

export class TableWriter {
  readonly files: WrittenFile[] = [];

  constructor(
    private readonly db: Database,
    /** Folder of all tables. */
    private readonly folder: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Writes a table that is one file. @param query a query of the table's columns */
  async write(table: Table, query: string): Promise<void> {
    await this.#file(table, `${table.name}.parquet`, query);
  }

  /**
   * Writes one file of every state.
   * @param query a query of the table's columns and `state`
   * @param part number of the file in its folder, from 0
   */
  async writeStates(table: Table, query: string, part: number): Promise<void> {
    for (const { code } of STATES)
      await this.#file(
        table,
        `${table.name}/state=${code}/part-${String(part).padStart(3, "0")}.parquet`,
        `SELECT * FROM (${query}) WHERE state = ${literal(code)}`,
      );
  }

  async #file(table: Table, path: string, query: string): Promise<void> {
    this.signal.throwIfAborted();
    const target = join(this.folder, path);
    await mkdir(dirname(target), { recursive: true });
    const columns = table.columns.map(
      ({ name, type }) => `CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`,
    );
    const order = table.order.map(identifier).join(", ");
    const { Count: rows } = await this.db.row<{ Count: number }>(
      `COPY (SELECT ${columns.join(", ")} FROM (${query}) ORDER BY ${order}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const [{ size }, digest] = await Promise.all([stat(target), fileDigest(target)]);
    this.files.push({ table: table.name, path, rows, bytes: size, digest });
  }
}
