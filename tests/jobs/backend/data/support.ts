// The co-operative's data in tests: the whole of it, prepared once for all of them, and small sources that are quickly prepared.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readManifest } from "../../../../jobs/backend/data/manifest.js";
import { coopFolder, tableFiles } from "../../../../jobs/backend/data/paths.js";
import { type PrepareRequest, prepare } from "../../../../jobs/backend/data/prepare.js";
import { TABLES } from "../../../../jobs/backend/data/schema.js";
import { installedSource, SOURCE_FILES, type SourceName } from "../../../../jobs/backend/data/source.js";
import { Database, literal } from "../../../../jobs/lib/duckdb.js";
import { createLogger } from "../../../../jobs/lib/log.js";
import type { OpenBucket } from "../../../../jobs/lib/objects.js";
import { withWorkFolder } from "../../../../jobs/lib/work.js";

export type LogLine = { message: string } & Record<string, unknown>;

const noBucket: OpenBucket = (bucket) => {
  throw new Error(`No bucket is expected to be opened, but ${bucket} was`);
};

/** Runs `prepare` in this process, with a folder as source. */
export async function prepareIn(
  dataRoot: string,
  request: Partial<PrepareRequest> = {},
  context: { openBucket?: OpenBucket; signal?: AbortSignal; onLog?: (line: LogLine) => void } = {},
) {
  const { openBucket = noBucket, signal = new AbortController().signal, onLog } = context;
  const keep = (line: string) => onLog?.(JSON.parse(line) as LogLine);
  const result = await withWorkFolder("prepare-test", (workFolder) =>
    prepare(
      { dataRoot, source: installedSource(), scale: 1, force: false, ...request },
      {
        log: createLogger({ job: "prepare", out: keep, err: keep }),
        limits: { memoryMiB: 2048, threads: 2 },
        workFolder,
        openBucket,
        signal,
      },
    ),
  );
  const manifest = await readManifest(coopFolder(dataRoot));
  if (!manifest) throw new Error("prepare has left no manifest");
  return { result, manifest };
}

const folders: string[] = [];

/** An empty folder that is gone after the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "backend-data-"));
  folders.push(folder);
  return folder;
}

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

let whole: ReturnType<typeof prepareWhole> | undefined;

async function prepareWhole() {
  const dataRoot = temporaryFolder();
  return { dataRoot, ...(await prepareIn(dataRoot)) };
}

/** All of the source, prepared at scale 1, once per mocha process. */
export function wholeData() {
  whole ??= prepareWhole();
  return whole;
}

/** Runs `work` with a database that has a view of every table, named as the table; those by state with a column `state`. */
export async function withTables<T>(dataRoot: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await Database.open({ memoryMiB: 2048, threads: 2 }, tmpdir());
  try {
    for (const table of TABLES) {
      const files = tableFiles(dataRoot, table).map(literal).join(", ");
      await db.run(`CREATE VIEW ${table.name} AS FROM read_parquet([${files}], hive_partitioning = ${table.byState})`);
    }
    return await work(db);
  } finally {
    db.close();
  }
}

/** Writes a source of about 50 of the source's households, changed file by file. @returns its folder */
export async function smallSource(changes: Partial<Record<SourceName, string | null>> = {}): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const db = await Database.open({ memoryMiB: 1024, threads: 1 }, folder);
  try {
    for (const name of Object.keys(SOURCE_FILES) as SourceName[]) {
      const change = changes[name];
      if (change === null) continue;
      const all = `read_parquet(${literal(join(installedSource(), `${name}.parquet`))})`;
      const columns: readonly string[] = SOURCE_FILES[name];
      const few = columns.includes("household_id") ? "WHERE household_id % 50 = 1" : "";
      await db.run(`CREATE VIEW ${name} AS SELECT * FROM ${all} ${few}`);
      await db.run(
        `COPY (${change ?? `FROM ${name}`}) TO ${literal(join(folder, `${name}.parquet`))} (FORMAT parquet)`,
      );
    }
  } finally {
    db.close();
  }
  return folder;
}
