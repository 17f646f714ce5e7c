// Hotline, Finalize: without those that have bought meanwhile or want no mail, ranked, with the counts.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { OPT_OUTS, TRANSACTIONS } from "../data/schema.js";
import { createViews } from "../p2a3/coop.js";
import { bounded } from "../p2a3/memory.js";
import { readJson, type Tools, writeJson, writeParquet } from "../p2a3/tools.js";
import type { HotlineParameters } from "./parameters.js";
import { type SelectCounts, selectCountsSchema } from "./select.js";

export interface HotlineCounts extends SelectCounts {
  title: string;
  hhDate: string;
  /** Prospects left out; who is both counts as an opt-out. */
  suppressed: { optOuts: number; recentBuyers: number };
  delivered: number;
  /** Delivered, by state. */
  states: Record<string, number>;
}

/**
 * Stages the file.
 * @param folder becomes `prospects.parquet` (rank, household_id, state, score, visits, pages, last_visit; rank 1 has the highest score)
 * and `counts.json`
 */
export async function finalizeHotline(
  tools: Tools,
  dataRoot: string,
  { hhDate, states, title }: HotlineParameters,
  inputs: { scored: string; counts: string },
  folder: string,
): Promise<HotlineCounts> {
  const selected = await readJson(inputs.counts, selectCountsSchema);
  await mkdir(folder, { recursive: true });
  return withDatabase(bounded(tools), async (db) => {
    await createViews(db, dataRoot, [TRANSACTIONS, OPT_OUTS], states?.length ? states : undefined);
    // Whoever has bought since the visits began is served already.
    await db.run(`
      CREATE TABLE judged AS
      SELECT *, household_id IN (SELECT household_id FROM opt_outs WHERE since <= DATE ${literal(hhDate)}) AS opted_out,
        household_id IN (
          SELECT household_id FROM transactions
          WHERE title = ${literal(title)} AND transaction_timestamp >= DATE ${literal(selected.from)}
            AND transaction_timestamp < DATE ${literal(hhDate)}) AS recent_buyer
      FROM read_parquet(${literal(inputs.scored)})`);
    const suppressed = await db.row<{ optOuts: number; recentBuyers: number }>(
      `SELECT count(*) FILTER (WHERE opted_out) AS "optOuts", count(*) FILTER (WHERE recent_buyer AND NOT opted_out) AS "recentBuyers"
       FROM judged`,
    );
    const path = join(folder, "prospects.parquet");
    const delivered = await writeParquet(
      db,
      `SELECT row_number() OVER (ORDER BY score DESC, household_id)::INTEGER AS rank, household_id, state, score, visits, pages, last_visit
       FROM judged WHERE NOT opted_out AND NOT recent_buyer`,
      "rank",
      path,
    );
    const byState = await db.rows<{ state: string; households: number }>(
      `SELECT state, count(*) AS households FROM read_parquet(${literal(path)}) GROUP BY state ORDER BY state`,
    );
    const counts: HotlineCounts = {
      title,
      hhDate,
      ...selected,
      suppressed,
      delivered,
      states: Object.fromEntries(byState.map(({ state, households }) => [state, households])),
    };
    await writeJson(join(folder, "counts.json"), counts);
    return counts;
  });
}
