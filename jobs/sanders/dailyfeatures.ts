// The job behind `daily_features_tlc` and its variants: features to the lake and the feature store, unusable rows to quarantine.
import { join } from "node:path";
import { mapConcurrent } from "../lib/concurrency.js";
import { type Database, literal } from "../lib/duckdb.js";
import { InputError } from "../lib/errors.js";
import type { JobResult } from "../lib/runner.js";
import {
  computeFeatures,
  computeQuarantine,
  type FeatureRow,
  suffixOf,
  type Variant,
  writeFeatures,
  writeQuarantine,
} from "./features.js";
import { type FeatureKey, putFeatures, removeFeatures } from "./featurestore.js";
import { loadTrips } from "./inputs.js";
import { type Job, type JobContext, withDatabase } from "./job.js";
import { countReasons } from "./trips.js";

const PARQUET = "application/vnd.apache.parquet";
const OBJECTS_AT_ONCE = 8;
const FEATURES = "features/daily/date=";
const QUARANTINE = "quarantine/date=";

/** The job of a variant. */
export function dailyFeatures(variant: Variant): Job {
  const taken = variant.rows === undefined ? "all trips" : `the first ${variant.rows} trips`;
  return {
    description: `Features per customer and day of ${taken}: to features/daily/ and the feature store`,
    run: (context) => withDatabase(context, (db) => run(context, db, variant)),
  };
}

/**
 * The order of the writes makes an interrupted run repeatable: at every moment the lake's file of a day names every customer
 * of whom the variant has an item, so that the next run knows what to remove.
 */
async function run(context: JobContext, db: Database, variant: Variant): Promise<JobResult> {
  const { config, log, features: table, now } = context;
  const trips = await loadTrips(context, db, { limit: variant.rows });
  const reasons = await countReasons(db);
  const quarantined = await storeQuarantine(context, db, variant);
  const rows = await computeFeatures(db, config.backfill ? null : config.featureDate);
  if (rows.length === 0)
    throw new InputError(
      `None of the ${trips.rows} rows of ${config.dataPath} can be used (${JSON.stringify(reasons)}); ` +
        `they are in ${quarantined.written.join(", ")}. Features were left as they are`,
    );
  const dates = [...new Set(rows.map((row) => row.date))];
  const files = new Map(dates.map((date) => [`${FEATURES}${date}/features${suffixOf(variant)}.parquet`, date]));
  const vanished = await vanishedCustomers(context, db, files, rows);
  const removed = await removeFeatures(table, vanished, variant);
  const dataset = { size: trips.rows, source: config.dataPath };
  const written = await storeEach(context, files, (path, date) => writeFeatures(db, path, date, dataset));
  log.info("lake written", { days: dates.length, customers: rows.length });
  const put = await putFeatures(table, rows, {
    variant,
    datasetSize: trips.rows,
    source: config.dataPath,
    updatedAt: now(),
  });
  if (put.refused > 0)
    log.info("items of a larger variant were left as they are", { variant: variant.name, items: put.refused });
  return {
    rowsIn: trips.rows,
    rowsOut: rows.length,
    written: [...written, ...quarantined.written],
    figures: {
      variant: variant.name,
      days: dates.length,
      // By customer while that can be read; a backfill's are in its files.
      ...(dates.length === 1
        ? { tripCounts: Object.fromEntries(rows.map((r) => [r.customer_id, r.trip_count_1d])) }
        : {}),
      rowsQuarantined: quarantined.rows,
      reasons,
      itemsWritten: put.written,
      itemsRefused: put.refused,
      itemsRemoved: removed.written,
    },
  };
}

/** A date without quarantined rows gets an empty file only where an earlier run left one, which it replaces. */
async function storeQuarantine(context: JobContext, db: Database, variant: Variant) {
  const { config, lake, log } = context;
  const dates = await computeQuarantine(db, config.featureDate, config.backfill);
  const affected = config.backfill
    ? await db.rows<{ date: string }>(
        "SELECT DISTINCT pickup::DATE::VARCHAR AS date FROM trips WHERE pickup IS NOT NULL ORDER BY 1",
      )
    : [{ date: config.featureDate }];
  const keyOf = (date: string) => `${QUARANTINE}${date}/trips${suffixOf(variant)}.parquet`;
  const existing = new Set(await lake.list(config.backfill ? QUARANTINE : `${QUARANTINE}${config.featureDate}/`));
  const emptied = affected.filter(({ date }) => existing.has(keyOf(date)));
  const files = new Map([...dates, ...emptied].map(({ date }) => [keyOf(date), date]));
  const written = await storeEach(context, files, (path, date) => writeQuarantine(db, path, date));
  const rows = dates.reduce((sum, date) => sum + date.rows, 0);
  if (rows > 0) log.warn("rows quarantined", { rows, days: dates.length });
  return { rows, written };
}

/** Customers that the files of an earlier run name, of the days of this one, and this one does not. */
async function vanishedCustomers(
  { config, lake, log, workFolder }: JobContext,
  db: Database,
  files: ReadonlyMap<string, string>,
  rows: readonly FeatureRow[],
): Promise<FeatureKey[]> {
  const present = new Set(rows.map((row) => `${row.date} ${row.customer_id}`));
  const earlier = await lake.list(config.backfill ? FEATURES : `${FEATURES}${config.featureDate}/`);
  const found = await mapConcurrent(
    earlier.flatMap((key) => (files.has(key) ? [{ key, date: files.get(key) as string }] : [])),
    OBJECTS_AT_ONCE,
    async ({ key, date }) => {
      const path = join(workFolder, `earlier-${date}.parquet`);
      await lake.download(key, path);
      try {
        const customers = await db.rows<{ customer_id: string }>(
          `SELECT customer_id FROM read_parquet(${literal(path)})`,
        );
        return customers.map(({ customer_id }) => ({ customer_id, date }));
      } catch (cause) {
        // What is about to be replaced need not be readable, but then nobody can tell whom it named.
        log.warn("the earlier features cannot be read", { key, reason: (cause as Error).message });
        return [];
      }
    },
  );
  return found.flat().filter((key) => !present.has(`${key.date} ${key.customer_id}`));
}

/** Writes a file for each key and uploads it. @returns the objects' URLs */
function storeEach(
  { lake, workFolder }: JobContext,
  files: ReadonlyMap<string, string>,
  write: (path: string, date: string) => Promise<void>,
): Promise<string[]> {
  return mapConcurrent([...files], OBJECTS_AT_ONCE, async ([key, date]) => {
    const path = join(workFolder, key.replaceAll("/", "-"));
    await write(path, date);
    await lake.upload(key, path, PARQUET);
    return `${lake.url}/${key}`;
  });
}
