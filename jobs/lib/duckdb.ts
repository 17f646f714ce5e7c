// DuckDB in memory, held to its share of the container, spilling to the job's own folder.
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import { InputError } from "./errors.js";
import type { Limits } from "./limits.js";

/** Of a container's memory: what stays for Node, its buffers and what DuckDB allocates outside its buffer pool. */
const RESERVED_MIB = 256;
const SHARE = 0.6;
/** Rows of a chunk: DuckDB's own number. */
const CHUNK_ROWS = 2048;

/** DuckDB's memory limit in a container. Pure. */
export function databaseMemoryMiB(containerMiB: number): number {
  return Math.max(64, Math.floor(Math.min(containerMiB * SHARE, containerMiB - RESERVED_MIB)));
}

/** A database of one job. SQL is written by the job; whatever comes from outside is a parameter or goes through `literal` or `identifier`. */
export class Database {
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly ownsInstance = true,
  ) {}

  /** @param temporary folder for what does not fit into memory */
  static async open(limits: Limits, temporary: string): Promise<Database> {
    // The native module takes a tenth of a second to load, which a list of the jobs need not wait for.
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: `${databaseMemoryMiB(limits.memoryMiB)}MiB`,
      threads: String(limits.threads),
      temp_directory: temporary,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    return new Database(instance, await instance.connect());
  }

  /** The same database by another connection, for statements that may run at once; to be closed before this one. */
  async sibling(): Promise<Database> {
    return new Database(this.instance, await this.instance.connect(), false);
  }

  /** Runs a statement, without its result. */
  async run(sql: string, values: DuckDBValue[] = []): Promise<void> {
    await this.#inTurn(() => this.connection.run(sql, values));
  }

  /** Rows of a query; integers are numbers (an error when one is too large to be exact), dates must be cast to text in SQL. */
  async rows<Row extends Record<string, unknown>>(sql: string, values: DuckDBValue[] = []): Promise<Row[]> {
    const reader = await this.#inTurn(() => this.connection.runAndReadAll(sql, values));
    return reader.getRowObjectsJS().map((row) => numbers(row) as Row);
  }

  /** The first row. */
  async row<Row extends Record<string, unknown>>(sql: string, values: DuckDBValue[] = []): Promise<Row> {
    const [row] = await this.rows<Row>(sql, values);
    if (!row) throw new Error(`No row was returned by: ${sql}`);
    return row;
  }

  /** Columns of a query of FLOAT columns, a chunk (at most 2,048 rows) at a time, without holding the whole result. */
  async *floatChunks(sql: string): AsyncGenerator<{ rows: number; columns: (number | null)[][] }> {
    const result = await this.connection.stream(sql);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
      yield { rows: chunk.rowCount, columns: chunk.getColumns() as (number | null)[][] };
  }

  /**
   * Adds rows to a table, many times faster than statements do.
   * @param columns the values of each column of the table, in its order and types (BIGINT takes bigint); all of the same length
   */
  async append(table: string, columns: readonly (readonly DuckDBValue[])[]): Promise<void> {
    const { DuckDBDataChunk } = await import("@duckdb/node-api");
    await this.#inTurn(async () => {
      const appender = await this.connection.createAppender(table);
      try {
        const types = columns.map((_, index) => appender.columnType(index));
        const rows = columns[0]?.length ?? 0;
        for (let from = 0; from < rows; from += CHUNK_ROWS) {
          const part = columns.map((values) => values.slice(from, from + CHUNK_ROWS));
          const chunk = DuckDBDataChunk.create(types, part[0]?.length ?? 0);
          chunk.setColumns(part);
          appender.appendDataChunk(chunk);
        }
      } finally {
        appender.closeSync();
      }
    });
  }

  /** A connection runs one statement at a time; those that wait must not hold the threads that files and names are read with. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Ends a running statement; it then rejects. */
  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.connection.closeSync();
    if (this.ownsInstance) this.instance.closeSync();
  }
}

function numbers(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new InputError(`${value} is too large a number to be kept exactly`);
    return number;
  }
  if (Array.isArray(value)) return value.map(numbers);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, numbers(item)]));
  return value;
}

/** A text as SQL, for where a statement takes no parameter (COPY's file name). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column's name as SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
