// The quality profile of an input: each column by itself, and checks of what a trip should be. Odd rows are reported, never removed.
import { type Database, identifier } from "../lib/duckdb.js";
import type { Column } from "./trips.js";

export type NumberProfile = {
  min: number | null;
  max: number | null;
  mean: number | null;
  q25: number | null;
  median: number | null;
  q75: number | null;
  q99: number | null;
};

export interface ColumnProfile {
  name: string;
  type: string;
  nulls: number;
  /** Different values, nulls apart. */
  distinct: number;
  /** Of numbers; of the finite ones only. */
  numbers?: NumberProfile;
  /** Values that are NaN or infinite. */
  notFinite?: number;
  /** Of times and texts, as text. */
  range?: { min: string | null; max: string | null };
  /** The most frequent values, as text, of columns with few. */
  top?: { value: string | null; rows: number }[];
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;
const FEW_VALUES = 1000;
const TOP = 5;

/** Profiles every column of the view `source`, one at a time, so that memory holds one column's values. */
export async function profileColumns(db: Database, columns: readonly Column[]): Promise<ColumnProfile[]> {
  const profiles: ColumnProfile[] = [];
  for (const column of columns) profiles.push(await profileColumn(db, column));
  return profiles;
}

async function profileColumn(db: Database, { name, type }: Column): Promise<ColumnProfile> {
  const column = identifier(name);
  const basics = await db.row<{ nulls: number; distinct: number }>(
    // Counting groups spills to disk where counting distinct values would hold them all.
    `SELECT coalesce(sum(rows) FILTER (value IS NULL), 0) AS nulls, count(value) AS "distinct"
     FROM (SELECT ${column} AS value, count(*) AS rows FROM source GROUP BY ${column})`,
  );
  const profile: ColumnProfile = { name, type, ...basics };
  if (NUMBER.test(type)) Object.assign(profile, await profileNumbers(db, column));
  else
    profile.range = await db.row<{ min: string | null; max: string | null }>(
      `SELECT min(${column})::VARCHAR AS min, max(${column})::VARCHAR AS max FROM source`,
    );
  if (basics.distinct <= FEW_VALUES)
    profile.top = await db.rows(
      `SELECT ${column}::VARCHAR AS value, count(*) AS rows FROM source GROUP BY ${column}
       ORDER BY rows DESC, value LIMIT ${TOP}`,
    );
  return profile;
}

async function profileNumbers(db: Database, column: string): Promise<Pick<ColumnProfile, "numbers" | "notFinite">> {
  const { notFinite, ...found } = await db.row<NumberProfile & { notFinite: number; quantiles: number[] | null }>(
    `SELECT count(*) FILTER (NOT finite) AS "notFinite", min(v) FILTER (finite) AS min, max(v) FILTER (finite) AS max,
       round(avg(v) FILTER (finite), 6) AS mean,
       quantile_cont(v, [0.25, 0.5, 0.75, 0.99]) FILTER (finite) AS quantiles
     FROM (SELECT ${column}::DOUBLE AS v, isfinite(v) AS finite FROM source WHERE ${column} IS NOT NULL)`,
  );
  const { min, max, mean } = found;
  const [q25 = null, median = null, q75 = null, q99 = null] = found.quantiles ?? [];
  return { numbers: { min, max, mean, q25, median, q75, q99 }, ...(notFinite > 0 ? { notFinite } : {}) };
}
