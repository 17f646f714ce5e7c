// Daily customer features: what is computed, of which rows, and for which day.
import { type Database, literal } from "../lib/duckdb.js";

/** How much of the input a job takes. A larger variant's features are worth more than a smaller one's of the same day. */
export interface Variant {
  name: string;
  /** First rows of the input; all when absent: the full variant, larger than every other. */
  rows?: number;
}

/** Ending of the variant's file names: `_small`, …; nothing for the full one. */
export function suffixOf(variant: Variant): string {
  return variant.rows === undefined ? "" : `_${variant.name}`;
}

/** One row of the features, as it is kept in Parquet under `date=<date>`. */
export type FeatureRow = {
  date: string;
  customer_id: string;
  trip_count_1d: number;
  /** USD, to six decimals; null when no trip has a fare. */
  avg_fare_1d: number | null;
  /** Miles, to six decimals; null when no trip has a distance. */
  avg_distance_1d: number | null;
};

/**
 * Computes the table `features` (date, customer_id, trip_count_1d, avg_fare_1d, avg_distance_1d) of the usable rows of `trips`.
 *
 * Averages are rounded to six decimals: the last digits of a sum of floating-point numbers depend on the order in which
 * threads add them, and the same input must give the same features.
 * @param day the feature date, `YYYY-MM-DD`; null for each trip's pickup date
 */
export async function computeFeatures(db: Database, day: string | null): Promise<FeatureRow[]> {
  const date = day === null ? "pickup::DATE" : `DATE ${literal(day)}`;
  await db.run(
    `CREATE TABLE features AS
     SELECT ${date} AS date, vendor AS customer_id, count(*) AS trip_count_1d,
       round(avg(fare), 6) AS avg_fare_1d, round(avg(distance), 6) AS avg_distance_1d
     FROM trips WHERE reason IS NULL GROUP BY ALL ORDER BY date, customer_id`,
  );
  return db.rows<FeatureRow>("SELECT * REPLACE (date::VARCHAR AS date) FROM features ORDER BY date, customer_id");
}

/**
 * Computes the table `quarantine`: rows that cannot be used, all their columns as they came, `source_row`, `reason`, and the
 * `quarantine_date` under which they are kept: `day`, or with backfill their pickup date, or `day` where they have none.
 * @returns rows per date
 */
export async function computeQuarantine(
  db: Database,
  day: string,
  backfill: boolean,
): Promise<{ date: string; rows: number }[]> {
  const date = backfill ? `coalesce(pickup::DATE, DATE ${literal(day)})` : `DATE ${literal(day)}`;
  await db.run(
    `CREATE TABLE quarantine AS
     SELECT source.*, reason, ${date} AS quarantine_date
     FROM trips JOIN source USING (source_row) WHERE reason IS NOT NULL ORDER BY source_row`,
  );
  return db.rows("SELECT quarantine_date::VARCHAR AS date, count(*) AS rows FROM quarantine GROUP BY 1 ORDER BY 1");
}

/** Writes one day's features as Parquet; the file says what it was made of in its key-value metadata. */
export async function writeFeatures(
  db: Database,
  path: string,
  date: string,
  dataset: { size: number; source: string },
): Promise<void> {
  await db.run(
    `COPY (SELECT * EXCLUDE (date), ${dataset.size}::BIGINT AS dataset_size FROM features
           WHERE date = DATE ${literal(date)} ORDER BY customer_id)
     TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {
       feature_date: ${literal(date)}, source: ${literal(dataset.source)}})`,
  );
}

/** Writes the quarantined rows of one date; a file without rows when there are none. */
export async function writeQuarantine(db: Database, path: string, date: string): Promise<void> {
  await db.run(
    `COPY (SELECT * EXCLUDE (quarantine_date) FROM quarantine
           WHERE quarantine_date = DATE ${literal(date)} ORDER BY source_row)
     TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}
