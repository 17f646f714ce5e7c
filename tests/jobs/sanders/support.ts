// Running Sanders jobs in tests: in this process, in a folder or on a cloud, and reading what they wrote.
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Database } from "../../../jobs/lib/duckdb.js";
import { createLogger } from "../../../jobs/lib/log.js";
import type { Item } from "../../../jobs/lib/tables.js";
import type { Variant } from "../../../jobs/sanders/features.js";
import { runJob } from "../../../jobs/sanders/run.js";

export const root = fileURLToPath(new URL("../../../../", import.meta.url));
/** 200,000 real trips. */
export const RAW = join(root, "data", "tlc_raw.parquet");
/** 2,000 of them. */
export const SMALL = join(root, "data", "tlc_small.parquet");
/** Smallest first. */
export const VARIANTS: Variant[] = [
  { name: "small", rows: 500 },
  { name: "medium", rows: 1000 },
  { name: "large", rows: 2000 },
  { name: "full" },
];
export const DAY = "2026-02-07";
export const BUCKET = "sanders-customer-platform-test";
export const TABLE = "sanders_daily_customer_features_test";

// What the compiled entry point finds beside it, in the build.
const assets = new URL("../../../jobs/sanders/", import.meta.url);

// The job's Python is the project's.
process.env.PATH = [join(root, ".venv", "bin"), process.env.PATH].join(delimiter);

export type LogLine = { level: string; message: string } & Record<string, unknown>;

export interface Ran {
  code: number;
  lines: LogLine[];
  /** The metric line; empty when the job failed. */
  metrics: Record<string, unknown>;
  /** Message of the last error line. */
  error: string;
}

/** Runs a job and keeps its log. */
export async function run(
  command: string,
  env: Record<string, string>,
  options: { localFolder?: string; now?: () => Date } = {},
): Promise<Ran> {
  const lines: LogLine[] = [];
  const keep = (line: string) => lines.push(JSON.parse(line));
  const log = createLogger({ job: command, out: keep, err: keep });
  const code = await runJob({ command, env: { SCP_ENV: "test", ...env }, assets, log, ...options });
  const metrics = lines.find((line) => line.message === "metrics") ?? {};
  return { code, lines, metrics, error: lines.findLast((line) => line.level === "error")?.message ?? "" };
}

/** A platform in a folder: bucket and table without a cloud. */
export class FolderPlatform {
  readonly folder = mkdtempSync(join(tmpdir(), "sanders-test-"));
  readonly bucket = join(this.folder, BUCKET);

  run(command: string, env: Record<string, string> = {}, now?: () => Date): Promise<Ran> {
    return run(
      command,
      { TLC_DATA_PATH: RAW, FEATURE_DATE: DAY, ...env },
      { localFolder: this.folder, ...(now ? { now } : {}) },
    );
  }

  /** Items of the feature store, sorted by customer and date. */
  async items(): Promise<Item[]> {
    const text = await readFile(join(this.folder, "tables", `${TABLE}.json`), "utf8");
    return JSON.parse(text) as Item[];
  }

  async json<T>(key: string): Promise<T> {
    return JSON.parse(await readFile(join(this.bucket, key), "utf8")) as T;
  }

  parquet(key: string): Promise<Record<string, unknown>[]> {
    return query(`SELECT * FROM read_parquet('${join(this.bucket, key)}', hive_partitioning = false)`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Rows of a query on a database of its own, e.g. on files. */
export async function query<Row extends Record<string, unknown>>(...statements: string[]): Promise<Row[]> {
  const db = await Database.open({ memoryMiB: 1024, threads: 1 }, tmpdir());
  try {
    for (const statement of statements.slice(0, -1)) await db.run(statement);
    return await db.rows<Row>(statements.at(-1) as string);
  } finally {
    db.close();
  }
}

/** Writes a Parquet file of a query. */
export async function writeParquet(path: string, sql: string): Promise<string> {
  await query(`COPY (${sql}) TO '${path}' (FORMAT parquet)`, "SELECT 1");
  return path;
}
