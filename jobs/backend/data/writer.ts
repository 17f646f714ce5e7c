// Writes tables as Parquet files: columns, types and order of rows as the schema says, so that the same rows give the same bytes.
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mapConcurrent } from "../../lib/concurrency.js";
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

/** Connections at once: a state's query is often too small for more than one thread. */
const CONNECTIONS = 2;

export class TableWriter {
  readonly files: WrittenFile[] = [];

  /**
   * @param connections to the database that has the tables
   * @param folder of all tables
   */
  private constructor(
    private readonly connections: readonly Database[],
    private readonly folder: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs `work` with a writer of tables of `db`, whose statements end when `signal` aborts. */
  static async with<T>(
    db: Database,
    folder: string,
    signal: AbortSignal,
    work: (writer: TableWriter) => Promise<T>,
  ): Promise<T> {
    const siblings = await Promise.all(Array.from({ length: CONNECTIONS - 1 }, () => db.sibling()));
    const interrupt = () => {
      for (const sibling of siblings) sibling.interrupt();
    };
    signal.addEventListener("abort", interrupt);
    try {
      return await work(new TableWriter([db, ...siblings], folder, signal));
    } finally {
      signal.removeEventListener("abort", interrupt);
      for (const sibling of siblings) sibling.close();
    }
  }

  /** Writes a table that is one file. @param query a query of the table's columns */
  async write(table: Table, query: string): Promise<void> {
    this.files.push(await this.#file(this.connections[0] as Database, table, `${table.name}.parquet`, query));
  }

  /**
   * Writes one file of every state.
   * @param query a query of the table's columns and `state`
   * @param part number of the file in its folder, from 0
   */
  async writeStates(table: Table, query: string, part: number): Promise<void> {
    const free = [...this.connections];
    const written = await mapConcurrent(STATES, this.connections.length, async ({ code }) => {
      const db = free.pop() as Database;
      try {
        return await this.#file(
          db,
          table,
          `${table.name}/state=${code}/part-${String(part).padStart(3, "0")}.parquet`,
          `SELECT * FROM (${query}) WHERE state = ${literal(code)}`,
        );
      } finally {
        free.push(db);
      }
    });
    this.files.push(...written);
  }

  async #file(db: Database, table: Table, path: string, query: string): Promise<WrittenFile> {
    this.signal.throwIfAborted();
    const target = join(this.folder, path);
    await mkdir(dirname(target), { recursive: true });
    const columns = table.columns.map(
      ({ name, type }) => `CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`,
    );
    const order = table.order.map(identifier).join(", ");
    const { Count: rows } = await db.row<{ Count: number }>(
      `COPY (SELECT ${columns.join(", ")} FROM (${query}) ORDER BY ${order}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const [{ size }, digest] = await Promise.all([stat(target), fileDigest(target)]);
    return { table: table.name, path, rows, bytes: size, digest };
  }
}
