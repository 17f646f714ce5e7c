// What a trip should be: checks that count the rows of an input that are not, with examples. A row that fails stays in the data.
import { type Database, identifier, literal } from "../lib/duckdb.js";
import type { Field, Trips } from "./trips.js";

export interface CheckResult {
  name: string;
  /** What is odd about the rows that are counted. */
  description: string;
  rows: number;
  /** Of all rows, 0 to 1. */
  share: number;
  /** A few of the rows, by their number in the file (from 0). */
  examples: Record<string, unknown>[];
}

/** The months that the trips are of. */
export interface Period {
  /** First day, `YYYY-MM-DD`. */
  from: string;
  /** The day after the last. */
  to: string;
  /** What the file's name says, when it names a month. */
  named?: { from: string; to: string };
}

interface Check {
  name: string;
  description: string;
  needs: Field[];
  /** SQL on `trips`. */
  odd: string;
}

/** A month with less than this share of the trips is a stray, not a part of the period. */
const MONTH_SHARE = 0.001;
const EXAMPLES = 3;

const CHECKS: Check[] = [
  {
    name: "no_vendor",
    description: "No vendor; quarantined by the features",
    needs: ["vendor"],
    odd: "vendor IS NULL",
  },
  {
    name: "dates_unusable",
    description: "Pickup or dropoff missing or not a time; quarantined by the features",
    needs: ["pickup", "dropoff"],
    odd: "pickup IS NULL OR dropoff IS NULL",
  },
  {
    name: "dropoff_before_pickup",
    description: "Dropoff before pickup",
    needs: ["pickup", "dropoff"],
    odd: "dropoff < pickup",
  },
  {
    name: "longer_than_a_day",
    description: "More than 24 hours from pickup to dropoff",
    needs: ["pickup", "dropoff"],
    odd: "dropoff - pickup > INTERVAL 24 HOURS",
  },
  { name: "fare_missing", description: "No fare, or none that is a number", needs: ["fare"], odd: "fare IS NULL" },
  { name: "fare_negative", description: "Negative fare", needs: ["fare"], odd: "fare < 0" },
  { name: "fare_zero", description: "Fare of 0", needs: ["fare"], odd: "fare = 0" },
  {
    name: "distance_missing",
    description: "No distance, or none that is a number",
    needs: ["distance"],
    odd: "distance IS NULL",
  },
  { name: "distance_negative", description: "Negative distance", needs: ["distance"], odd: "distance < 0" },
  {
    name: "distance_zero_with_fare",
    description: "Distance of 0 although a fare was paid",
    needs: ["distance", "fare"],
    odd: "distance = 0 AND fare > 0",
  },
  {
    name: "passengers_missing",
    description: "No number of passengers",
    needs: ["passengers"],
    odd: "passengers IS NULL",
  },
  {
    name: "passengers_none_or_many",
    description: "0 passengers, or more than 6",
    needs: ["passengers"],
    odd: "passengers <= 0 OR passengers > 6",
  },
];

/**
 * The period of the trips: from the first to the last month that has at least 0.1 % of them. Files bear a few trips whose
 * meter had a wrong clock, years away; a file's name does not always tell, so the data does.
 * @param name the file's name; `…2024-01.parquet` names a month
 */
export async function findPeriod(db: Database, name: string): Promise<Period | undefined> {
  const { from, to } = await db.row<{ from: string | null; to: string | null }>(
    `SELECT min(month)::VARCHAR AS "from", (max(month) + INTERVAL 1 MONTH)::DATE::VARCHAR AS "to" FROM (
       SELECT date_trunc('month', pickup)::DATE AS month, count(*) AS in_month, sum(in_month) OVER () AS in_all
       FROM trips WHERE pickup IS NOT NULL GROUP BY 1 QUALIFY in_month >= ${MONTH_SHARE} * in_all)`,
  );
  if (from === null || to === null) return undefined;
  return { from, to, named: namedMonth(name) };
}

/** The month in a file's name, as its first day and the day after its last. Pure. */
export function namedMonth(name: string): { from: string; to: string } | undefined {
  const match = /(?<!\d)(\d{4})-(0[1-9]|1[0-2])(?!\d)/.exec(name);
  if (!match) return undefined;
  const [year, month] = [Number(match[1]), Number(match[2])];
  const day = (monthIndex: number) => new Date(Date.UTC(year, monthIndex, 1)).toISOString().slice(0, 10);
  return { from: day(month - 1), to: day(month) };
}

/** Runs every check whose columns the file has. */
export async function runChecks(db: Database, trips: Trips, period: Period | undefined): Promise<CheckResult[]> {
  const outside = ({ from, to }: { from: string; to: string }) =>
    `pickup < TIMESTAMP ${literal(from)} OR pickup >= TIMESTAMP ${literal(to)}`;
  const checks = CHECKS.filter((check) => check.needs.every((field) => trips.fields[field]));
  if (period)
    checks.push({
      name: "pickup_outside_period",
      description: `Pickup outside ${period.from} (included) to ${period.to} (excluded), the months of the trips`,
      needs: ["pickup"],
      odd: outside(period),
    });
  if (period?.named)
    checks.push({
      name: "pickup_outside_named_month",
      description: `Pickup outside ${period.named.from} (included) to ${period.named.to} (excluded), the month in the file's name`,
      needs: ["pickup"],
      odd: outside(period.named),
    });
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await runCheck(db, check, trips.rows));
  return [...results, await findDuplicates(db, trips)];
}

async function runCheck(db: Database, check: Check, total: number): Promise<CheckResult> {
  const { rows } = await db.row<{ rows: number }>(`SELECT count(*) AS rows FROM trips WHERE ${check.odd}`);
  const examples = rows === 0 ? [] : await exampleRows(db, check.odd);
  return { name: check.name, description: check.description, rows, share: shareOf(rows, total), examples };
}

function exampleRows(db: Database, condition: string): Promise<Record<string, unknown>[]> {
  return db.rows(
    `SELECT source_row, vendor, pickup::VARCHAR AS pickup, dropoff::VARCHAR AS dropoff, distance, fare, passengers
     FROM trips WHERE ${condition} ORDER BY source_row LIMIT ${EXAMPLES}`,
  );
}

/** Rows equal in every column to an earlier one. Only rows whose hash another row shares are compared, which saves the memory. */
async function findDuplicates(db: Database, trips: Trips): Promise<CheckResult> {
  const columns = trips.columns.map((column) => identifier(column.name)).join(", ");
  await db.run(
    `CREATE TABLE duplicates AS
     WITH hashed AS (SELECT source_row, hash(${columns}) AS h FROM source),
       suspects AS (SELECT source_row FROM hashed WHERE h IN (SELECT h FROM hashed GROUP BY h HAVING count(*) > 1))
     SELECT source_row FROM source SEMI JOIN suspects USING (source_row)
     QUALIFY row_number() OVER (PARTITION BY ${columns} ORDER BY source_row) > 1`,
  );
  const { rows } = await db.row<{ rows: number }>("SELECT count(*) AS rows FROM duplicates");
  return {
    name: "duplicate",
    description: "Equal in every column to an earlier row",
    rows,
    share: shareOf(rows, trips.rows),
    examples: await exampleRows(db, "source_row IN (SELECT source_row FROM duplicates)"),
  };
}

function shareOf(rows: number, total: number): number {
  return Number((rows / total).toFixed(6));
}
