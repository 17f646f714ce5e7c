// TrainSelect: households as of earlier days, what was known of them then, and whether they responded in the window after.
import { z } from "zod";
import { type Database, literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TRANSACTIONS } from "../data/schema.js";
import { addDays, LOOKBACK_DAYS } from "./calendar.js";
import { type CandidateChoice, createCandidates } from "./candidates.js";
import { createViews } from "./coop.js";
import { type FeatureSpec, featureQuery, featureSpec } from "./features.js";
import { type Tools, writeJson, writeParquet } from "./tools.js";

/** Departments and categories with features of their own: those with the most buyers. */
const DEPARTMENTS = 12;
const CATEGORIES = 8;

/** What TrainSelect says of its set. */
export const trainingSummarySchema = z.object({
  title: z.string(),
  trainDates: z.array(z.string()),
  windowDays: z.number(),
  rows: z.number(),
  counts: z.array(z.object({ asOf: z.string(), split: z.string(), rows: z.number(), responders: z.number() })),
  /** Of the rows that train, when negatives were selected: how many there were to select from. */
  selected: z.object({ negatives: z.number(), of: z.number() }).optional(),
});
export type TrainingSummary = z.infer<typeof trainingSummarySchema>;

export interface TrainSelection extends CandidateChoice {
  dataRoot: string;
  /** Parquet file of as_of, household_id, weight: the only rows of the train split to take. @default all of them */
  sample?: string;
}

/** Where to write. */
export interface TrainSelectOutputs {
  /** Parquet: as_of, household_id, split, label, weight, then the features. */
  training: string;
  /** The feature spec, JSON. */
  features: string;
  summary: string;
}

/**
 * Selects the training set.
 * @throws InputError when there are too few responders
 */
export async function trainSelect(tools: Tools, selection: TrainSelection, outputs: TrainSelectOutputs) {
  return withDatabase(tools, async (db) => {
    const { calendar, dataRoot, sample, title } = selection;
    await createViews(db, dataRoot, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES]);
    const counts = await createCandidates(db, selection);
    const spec = await chooseFeatures(db, selection);
    const selected = sample ? await keepSample(db, sample) : undefined;
    const weight = sample ? "weight" : "1.0::FLOAT AS weight";
    const days = calendar.trainDates.map(
      (asOf) => `
        SELECT as_of, household_id, split, label, ${weight}, ${spec.names.join(", ")}
        FROM (SELECT * FROM candidates WHERE as_of = DATE ${literal(asOf)})
        JOIN (${featureQuery(
          spec,
          asOf,
          `(SELECT * FROM households WHERE household_id IN (SELECT household_id FROM candidates WHERE as_of = DATE ${literal(asOf)}))`,
        )}) USING (household_id)`,
    );
    const rows = await writeParquet(db, days.join(" UNION ALL "), "as_of, household_id", outputs.training);
    const summary: TrainingSummary = {
      title,
      trainDates: calendar.trainDates,
      windowDays: calendar.windowDays,
      rows,
      counts,
      ...(selected ? { selected } : {}),
    };
    await writeJson(outputs.features, spec);
    await writeJson(outputs.summary, summary);
    return summary;
  });
}

/** The departments and categories with the most buyers in the days that the earliest features look back on: nothing later chooses them. */
async function chooseFeatures(db: Database, { calendar, title }: TrainSelection): Promise<FeatureSpec> {
  const earliest = calendar.trainDates.at(-1) as string;
  const most = async (column: string, where: string, limit: number) => {
    const rows = await db.rows<{ name: string }>(
      `SELECT any_value(${column}) AS name FROM transactions
       WHERE transaction_timestamp < DATE ${literal(earliest)} AND transaction_timestamp >= DATE ${literal(addDays(earliest, -LOOKBACK_DAYS))}
         AND ${column} IS NOT NULL AND ${where}
       GROUP BY trim(regexp_replace(lower(${column}), '[^a-z0-9]+', '_', 'g'), '_')
       HAVING count(DISTINCT ${column}) = 1
       ORDER BY count(DISTINCT household_id) DESC, name LIMIT ${limit}`,
    );
    return rows.map(({ name }) => name);
  };
  return featureSpec({
    title,
    windowDays: calendar.windowDays,
    departments: await most("title", `title <> ${literal(title)}`, DEPARTMENTS),
    categories: await most("product_category", `title = ${literal(title)}`, CATEGORIES),
  });
}

/** Leaves, of the train split, only what the sample names; the other splits stay as they are. */
async function keepSample(db: Database, sample: string) {
  const negatives = "SELECT count(*) AS rows FROM candidates WHERE split = 'train' AND label = 0";
  const { rows: of } = await db.row<{ rows: number }>(negatives);
  await db.run(`
    CREATE OR REPLACE TABLE candidates AS
    SELECT c.*, coalesce(s.weight, 1)::FLOAT AS weight
    FROM candidates c LEFT JOIN read_parquet(${literal(sample)}) s USING (as_of, household_id)
    WHERE c.split <> 'train' OR s.household_id IS NOT NULL`);
  return { negatives: (await db.row<{ rows: number }>(negatives)).rows, of };
}
