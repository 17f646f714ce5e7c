// Data processing: the quality profile of a day's input, for people (JSON) and for queries over days (Parquet).
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Database, literal } from "../lib/duckdb.js";
import type { JobResult } from "../lib/runner.js";
import { type CheckResult, findPeriod, type Period, runChecks } from "./checks.js";
import { loadTrips } from "./inputs.js";
import { type JobContext, withDatabase } from "./job.js";
import { type ColumnProfile, profileColumns } from "./profile.js";
import { countReasons } from "./trips.js";

/** `quality/date=…/profile.json`. */
export interface Profile {
  date: string;
  source: string;
  rows: number;
  bytes: number;
  period?: Period;
  /** Rows that the features quarantine, by reason. */
  unusable: Record<string, number>;
  columns: ColumnProfile[];
  checks: CheckResult[];
}

/** One fact of the profile: the Parquet file's row. One form for all of them, so that the files of all days are one table. */
export type Fact = {
  kind: "column" | "check";
  name: string;
  metric: string;
  number: number | null;
  text: string | null;
};

/** Writes the profile of the input under the run's date. */
export function processData(context: JobContext): Promise<JobResult> {
  return withDatabase(context, async (db) => {
    const { config, log, lake, workFolder } = context;
    const trips = await loadTrips(context, db);
    const period = await findPeriod(db, trips.name);
    const profile: Profile = {
      date: config.featureDate,
      source: config.dataPath,
      rows: trips.rows,
      bytes: trips.bytes,
      period,
      unusable: await countReasons(db),
      columns: await profileColumns(db, trips.columns),
      checks: await runChecks(db, trips, period),
    };
    const odd = Object.fromEntries(profile.checks.filter((check) => check.rows > 0).map((c) => [c.name, c.rows]));
    if (Object.keys(odd).length > 0) log.warn("odd rows", odd);
    const facts = factsOf(profile);
    const folder = `quality/date=${config.featureDate}`;
    const json = join(workFolder, "profile.json");
    const parquet = join(workFolder, "profile.parquet");
    await writeFile(json, `${JSON.stringify(profile, null, 2)}\n`);
    await writeFacts(db, workFolder, facts, parquet);
    await lake.upload(`${folder}/profile.json`, json, "application/json");
    await lake.upload(`${folder}/profile.parquet`, parquet, "application/vnd.apache.parquet");
    return {
      rowsIn: trips.rows,
      rowsOut: facts.length,
      written: [`${lake.url}/${folder}/profile.json`, `${lake.url}/${folder}/profile.parquet`],
      figures: { period, checks: profile.checks.length, odd },
    };
  });
}

/** The profile as facts. Pure. */
export function factsOf(profile: Pick<Profile, "columns" | "checks">): Fact[] {
  const fact = (kind: Fact["kind"], name: string, metric: string, value: number | string | null): Fact => ({
    kind,
    name,
    metric,
    number: typeof value === "number" ? value : null,
    text: typeof value === "string" ? value : null,
  });
  const columns = profile.columns.flatMap(({ name, type, nulls, distinct, notFinite, numbers, range, top }) => [
    fact("column", name, "type", type),
    fact("column", name, "nulls", nulls),
    fact("column", name, "distinct", distinct),
    ...(notFinite === undefined ? [] : [fact("column", name, "not_finite", notFinite)]),
    ...Object.entries({ ...numbers, ...range }).map(([metric, value]) => fact("column", name, metric, value)),
    ...(top ?? []).map(({ value, rows }) => ({ ...fact("column", name, "top", rows), text: value })),
  ]);
  const checks = profile.checks.flatMap(({ name, rows, share }) => [
    fact("check", name, "rows", rows),
    fact("check", name, "share", share),
  ]);
  return [...columns, ...checks];
}

async function writeFacts(db: Database, folder: string, facts: Fact[], path: string): Promise<void> {
  const lines = join(folder, "facts.ndjson");
  await writeFile(lines, facts.map((fact) => JSON.stringify(fact)).join("\n"));
  await db.run(
    `COPY (SELECT * FROM read_json(${literal(lines)}, format = 'newline_delimited', columns = {
       kind: 'VARCHAR', name: 'VARCHAR', metric: 'VARCHAR', number: 'DOUBLE', text: 'VARCHAR' }))
     TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}
