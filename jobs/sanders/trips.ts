// Trips of any era of NYC's TLC as one view: the columns that jobs use under one name and type, and why a row cannot be used.
import { type Database, identifier, literal } from "../lib/duckdb.js";
import { InputError } from "../lib/errors.js";

/** Fields of a trip, and the spellings that TLC's files have had (2009, 2010-2014, since 2015; yellow and green), compared in lower case. */
const FIELDS = {
  vendor: ["VendorID", "vendor_id", "vendor_name"],
  pickup: ["tpep_pickup_datetime", "lpep_pickup_datetime", "pickup_datetime", "Trip_Pickup_DateTime"],
  dropoff: ["tpep_dropoff_datetime", "lpep_dropoff_datetime", "dropoff_datetime", "Trip_Dropoff_DateTime"],
  distance: ["trip_distance"],
  fare: ["fare_amount", "Fare_Amt"],
  passengers: ["passenger_count"],
  pickup_zone: ["PULocationID"],
  dropoff_zone: ["DOLocationID"],
} as const;

export type Field = keyof typeof FIELDS;

/** What features are made of; every job needs them. */
export const FEATURE_FIELDS: readonly Field[] = ["vendor", "pickup", "dropoff", "distance", "fare"];

/** Why a row cannot be used; a row may have several reasons. */
export const REASONS = [
  "no_vendor",
  "pickup_missing",
  "pickup_unparsable",
  "dropoff_missing",
  "dropoff_unparsable",
] as const;

export interface Column {
  name: string;
  /** DuckDB's name of the type. */
  type: string;
}

/**
 * Finds the fields among a file's columns. Pure.
 * @throws InputError naming every required column that is missing, its spellings, and the columns that are there
 */
export function matchColumns(columns: readonly Column[], required: readonly Field[]): Partial<Record<Field, Column>> {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const found: Partial<Record<Field, Column>> = {};
  for (const field of Object.keys(FIELDS) as Field[]) {
    const spelling = FIELDS[field].find((name) => byName.has(name.toLowerCase()));
    if (spelling) found[field] = byName.get(spelling.toLowerCase());
  }
  const missing = required.filter((field) => !found[field]);
  if (missing.length > 0) {
    const wanted = missing.map((field) => FIELDS[field].join(" or "));
    throw new InputError(
      `Not a TLC trip file: it has no column ${wanted.join("; no column ")}. ` +
        `Its columns: ${columns.map((column) => column.name).join(", ")}`,
    );
  }
  return found;
}

/** A file of trips that was opened. */
export interface Trips {
  columns: Column[];
  fields: Partial<Record<Field, Column>>;
  /** Rows that the view has. */
  rows: number;
}

/**
 * Opens a Parquet file as two views: `source`, its rows as they are with `source_row` (from 0), and `trips`, with
 * `source_row, vendor, pickup, dropoff, distance, fare, passengers, pickup_zone, dropoff_zone, reason`, where `reason` is
 * null for a row that can be used.
 * @param limit first rows to take; all when absent
 * @throws InputError when it is not Parquet, or a required column is missing or of a type that cannot hold it
 */
export async function openTrips(
  db: Database,
  path: string,
  required: readonly Field[] = FEATURE_FIELDS,
  limit?: number,
): Promise<Trips> {
  const columns = await describe(db, path);
  const fields = matchColumns(columns, required);
  const first = limit === undefined ? "" : ` WHERE file_row_number < ${limit}`;
  await db.run(
    `CREATE VIEW source AS SELECT * EXCLUDE (file_row_number), file_row_number AS source_row
     FROM read_parquet(${literal(path)}, file_row_number = true)${first}`,
  );
  await db.run(`CREATE VIEW trips AS SELECT *, ${reasonOf(fields)} AS reason FROM (
    SELECT source_row, ${vendorOf(fields.vendor)} AS vendor, ${timeOf(fields.pickup)} AS pickup,
      ${timeOf(fields.dropoff)} AS dropoff, ${numberOf(fields.distance)} AS distance, ${numberOf(fields.fare)} AS fare,
      ${numberOf(fields.passengers)} AS passengers, ${numberOf(fields.pickup_zone)} AS pickup_zone,
      ${numberOf(fields.dropoff_zone)} AS dropoff_zone,
      ${isMissing(fields.pickup)} AS pickup_missing, ${isMissing(fields.dropoff)} AS dropoff_missing
    FROM source)`);
  const { rows } = await db.row<{ rows: number }>("SELECT count(*) AS rows FROM source");
  return { columns, fields, rows };
}

async function describe(db: Database, path: string): Promise<Column[]> {
  try {
    return await db.rows<Column & Record<string, unknown>>(
      `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM read_parquet(${literal(path)}))`,
    );
  } catch (cause) {
    const [reason] = (cause as Error).message.split("\n");
    throw new InputError(`${path} cannot be read as Parquet: ${reason}`, { cause });
  }
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;
const TEMPORAL = /^(TIMESTAMP.*|DATE|VARCHAR)$/;

/** A vendor is a text: `1` also where the file has `1.0`, which is what an integer column with nulls became in many copies. */
function vendorOf(column: Column | undefined): string {
  if (!column) return "NULL::VARCHAR";
  const name = identifier(column.name);
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(column.type))
    return `CASE WHEN ${name} = trunc(${name}) THEN try_cast(${name} AS BIGINT)::VARCHAR ELSE ${name}::VARCHAR END`;
  return `nullif(trim(${name}::VARCHAR), '')`;
}

function timeOf(column: Column | undefined): string {
  if (!column) return "NULL::TIMESTAMP";
  if (!TEMPORAL.test(column.type))
    throw new InputError(`Column ${column.name} is ${column.type}; a time or a text was expected`);
  const cast = `try_cast(${identifier(column.name)} AS TIMESTAMP)`;
  return `CASE WHEN isfinite(${cast}) THEN ${cast} END`;
}

/** Values that are no number, or none that can be summed, count as absent; data processing reports them. */
function numberOf(column: Column | undefined): string {
  if (!column) return "NULL::DOUBLE";
  if (!NUMERIC.test(column.type) && column.type !== "VARCHAR")
    throw new InputError(`Column ${column.name} is ${column.type}; a number was expected`);
  const cast = `try_cast(${identifier(column.name)} AS DOUBLE)`;
  return `CASE WHEN isfinite(${cast}) THEN ${cast} END`;
}

function isMissing(column: Column | undefined): string {
  if (!column) return "false";
  const name = identifier(column.name);
  return column.type === "VARCHAR" ? `coalesce(trim(${name}), '') = ''` : `${name} IS NULL`;
}

/** Texts of several reasons are joined, in the order of REASONS. */
function reasonOf(fields: Partial<Record<Field, Column>>): string {
  const time = (field: "pickup" | "dropoff") =>
    fields[field]
      ? [`CASE WHEN ${field}_missing THEN '${field}_missing' WHEN ${field} IS NULL THEN '${field}_unparsable' END`]
      : [];
  const parts = [`CASE WHEN vendor IS NULL THEN 'no_vendor' END`, ...time("pickup"), ...time("dropoff")];
  return `nullif(concat_ws(', ', ${parts.join(", ")}), '')`;
}

/** Rows that cannot be used, by reason, of the view `trips`. */
export async function countReasons(db: Database): Promise<Record<string, number>> {
  const rows = await db.rows<{ reason: string; rows: number }>(
    "SELECT reason, count(*) AS rows FROM trips WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason",
  );
  return Object.fromEntries(rows.map(({ reason, rows: count }) => [reason, count]));
}
