// Counts: how many households there are by segment, state and recency, without a model.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { checkStates } from "../data/paths.js";
import { HOUSEHOLDS, OPT_OUTS, TRANSACTIONS } from "../data/schema.js";
import { checkHhDate, type Period } from "../p2a3/calendar.js";
import { createViews, dataPeriod, requireTitle } from "../p2a3/coop.js";
import { bounded } from "../p2a3/memory.js";
import { type Tools, writeJson, writeParquet } from "../p2a3/tools.js";
import type { countsParameters } from "./parameters.js";

/** What a household is to the title, by the days since it last bought from it; a prospect has bought elsewhere only, an unknown nowhere. */
export const SEGMENTS = ["active", "recent", "lapsing", "lapsed", "prospect", "unknown"] as const;
/** Days since the last purchase of anything. */
export const RECENCIES = ["0-28", "29-84", "85-168", "over 168", "never"] as const;

export interface Counts {
  title: string;
  hhDate: string;
  households: number;
  /** Of them, those that may be mailed. */
  mailable: number;
  segments: Record<string, number>;
  recencies: Record<string, number>;
  states: Record<string, number>;
}

/** @throws InputError when nothing of the day is known, or nothing of the time before it */
export function checkCountDate(hhDate: string, period: Period): void {
  checkHhDate(hhDate, period);
  if (hhDate <= period.from)
    throw new InputError(`hhDate ${hhDate} is too early: the co-operative's data begin on ${period.from}`);
}

/**
 * Counts households as of a day; what they did on that day or later does not count.
 * @param folder becomes `counts.parquet` (state, segment, recency, households, mailable, title_baskets, title_spend) and `counts.json`
 * @throws UsageError naming states that there are not; InputError when there is no such title, or hhDate is not in the data
 */
export async function countHouseholds(
  tools: Tools,
  dataRoot: string,
  { hhDate, states, title }: z.output<typeof countsParameters>,
  folder: string,
): Promise<Counts> {
  const chosen = states?.length ? checkStates(states) : undefined;
  await mkdir(folder, { recursive: true });
  return withDatabase(bounded(tools), async (db) => {
    await requireTitle(db, dataRoot, title);
    checkCountDate(hhDate, await dataPeriod(db, dataRoot));
    await createViews(db, dataRoot, [HOUSEHOLDS, TRANSACTIONS, OPT_OUTS], chosen);
    const day = `DATE ${literal(hhDate)}`;
    const own = `title = ${literal(title)}`;
    const path = join(folder, "counts.parquet");
    await writeParquet(
      db,
      `WITH bought AS (
         SELECT household_id, min(${day} - transaction_timestamp::DATE) AS ago,
           min(${day} - transaction_timestamp::DATE) FILTER (WHERE ${own}) AS title_ago,
           count(DISTINCT basket_id) FILTER (WHERE ${own}) AS baskets,
           sum(sales_value::DECIMAL(12, 2)) FILTER (WHERE ${own}) AS spend
         FROM transactions WHERE transaction_timestamp < ${day} GROUP BY household_id)
       SELECT state,
         CASE WHEN ago IS NULL THEN 'unknown' WHEN title_ago IS NULL THEN 'prospect' WHEN title_ago <= 28 THEN 'active'
           WHEN title_ago <= 84 THEN 'recent' WHEN title_ago <= 168 THEN 'lapsing' ELSE 'lapsed' END AS segment,
         CASE WHEN ago IS NULL THEN 'never' WHEN ago <= 28 THEN '0-28' WHEN ago <= 84 THEN '29-84' WHEN ago <= 168 THEN '85-168'
           ELSE 'over 168' END AS recency,
         count(*) AS households,
         count(*) FILTER (WHERE household_id NOT IN (SELECT household_id FROM opt_outs WHERE since <= ${day})) AS mailable,
         coalesce(sum(baskets), 0)::BIGINT AS title_baskets, coalesce(sum(spend), 0)::DECIMAL(18, 2) AS title_spend
       FROM households LEFT JOIN bought USING (household_id) GROUP BY ALL`,
      "state, segment, recency",
      path,
    );
    const total = (column: string) =>
      db.rows<{ name: string; households: number }>(
        `SELECT ${column} AS name, sum(households)::BIGINT AS households FROM read_parquet(${literal(path)}) GROUP BY name ORDER BY name`,
      );
    const all = await db.row<{ households: number; mailable: number }>(
      `SELECT coalesce(sum(households), 0)::BIGINT AS households, coalesce(sum(mailable), 0)::BIGINT AS mailable
       FROM read_parquet(${literal(path)})`,
    );
    const counts: Counts = {
      title,
      hhDate,
      ...all,
      segments: inOrder(SEGMENTS, await total("segment")),
      recencies: inOrder(RECENCIES, await total("recency")),
      states: Object.fromEntries((await total("state")).map(({ name, households }) => [name, households])),
    };
    await writeJson(join(folder, "counts.json"), counts);
    return counts;
  });
}

function inOrder(names: readonly string[], rows: { name: string; households: number }[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, rows.find((row) => row.name === name)?.households ?? 0]));
}
