// Hotline, Select: who has visited the title's site lately and is not a buyer of it, with the features that its model needs.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Database, literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { checkStates } from "../data/paths.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, SITE_VISITS, TRANSACTIONS } from "../data/schema.js";
import { addDays, checkHhDate, LOOKBACK_DAYS, type Period } from "../p2a3/calendar.js";
import { createViews, dataPeriod, requireTitle } from "../p2a3/coop.js";
import { checkFeatureSpec, featureQuery, featureSpecSchema } from "../p2a3/features.js";
import { bounded } from "../p2a3/memory.js";
import { latestModel } from "../p2a3/models.js";
import { readJson, type Tools, writeJson, writeParquet } from "../p2a3/tools.js";
import type { HotlineParameters } from "./parameters.js";

/** A visit is recent for so many days. */
export const RECENT_DAYS = 28;

export const selectCountsSchema = z.object({
  /** First day, and the day before which, visits count. */
  from: z.string(),
  to: z.string(),
  /** Households that have visited the title's site in that time. */
  visitors: z.number(),
  /** Of them, those that had bought from the title at any time before. */
  buyers: z.number(),
  /** The others. */
  prospects: z.number(),
});
export type SelectCounts = z.infer<typeof selectCountsSchema>;

export interface SelectOutputs {
  /** Parquet: household_id, state, visits, pages, last_visit, then the features as of hhDate. */
  selection: string;
  /** Folder: the title's latest model, `model.json` and `features.json`, as it was when the run began. */
  model: string;
  counts: string;
}

/** @throws InputError when nothing of the day is known, or too little of the time before it */
export function checkHotlineDate(hhDate: string, period: Period): void {
  checkHhDate(hhDate, period);
  const first = addDays(period.from, RECENT_DAYS + LOOKBACK_DAYS);
  if (hhDate < first)
    throw new InputError(
      `hhDate ${hhDate} is too early: ${RECENT_DAYS} days of visits after ${LOOKBACK_DAYS} days of history need a day from ${first} on`,
    );
}

/**
 * Selects the prospects. Of a visit nothing is used that came after it.
 * @throws UsageError naming states that there are not; InputError when there is no such title, no model of it, or hhDate is not in the data
 */
export async function selectVisitors(
  tools: Tools,
  dataRoot: string,
  parameters: HotlineParameters,
  outputs: SelectOutputs,
): Promise<SelectCounts> {
  const { hhDate, title } = parameters;
  const states = parameters.states?.length ? checkStates(parameters.states) : undefined;
  return withDatabase(bounded(tools), async (db) => {
    await requireTitle(db, dataRoot, title);
    const model = await latestModel(dataRoot, title);
    const spec = checkFeatureSpec(await readJson(model.features, featureSpecSchema), model.model);
    const from = addDays(hhDate, -RECENT_DAYS);
    checkHotlineDate(hhDate, await dataPeriod(db, dataRoot));
    await mkdir(outputs.model, { recursive: true });
    await copyFile(model.model, join(outputs.model, "model.json"));
    await copyFile(model.features, join(outputs.model, "features.json"));
    await createViews(db, dataRoot, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES, SITE_VISITS], states);
    await createProspects(db, title, from, hhDate);
    const { visitors, buyers } = await db.row<{ visitors: number; buyers: number }>(
      `SELECT count(*) AS visitors, count(*) FILTER (WHERE buyer) AS buyers FROM visitors`,
    );
    const households = "(SELECT h.* FROM households h JOIN visitors v USING (household_id) WHERE NOT v.buyer)";
    const prospects = await writeParquet(
      db,
      `SELECT household_id, state, visits, pages, last_visit, ${spec.names.join(", ")}
       FROM (${featureQuery(spec, hhDate, households)}) JOIN visitors USING (household_id)`,
      "household_id",
      outputs.selection,
    );
    const counts: SelectCounts = { from, to: hhDate, visitors, buyers, prospects };
    await writeJson(outputs.counts, counts);
    return counts;
  });
}

/** Makes the table `visitors`: household_id, visits, pages, last_visit, buyer. */
async function createProspects(db: Database, title: string, from: string, to: string): Promise<void> {
  const own = `title = ${literal(title)}`;
  await db.run(`
    CREATE TABLE visitors AS
    SELECT household_id, count(*)::INTEGER AS visits, sum(pages)::INTEGER AS pages, max(visited_at)::DATE AS last_visit,
      household_id IN (
        SELECT household_id FROM transactions
        WHERE ${own} AND transaction_timestamp < DATE ${literal(from)}) AS buyer
    FROM site_visits
    WHERE ${own} AND kind = 'visit' AND visited_at >= DATE ${literal(from)} AND visited_at < DATE ${literal(to)}
    GROUP BY household_id`);
}
