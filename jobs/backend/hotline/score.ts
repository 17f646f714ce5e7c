// Hotline, Score: the selected visitors' scores by the title's model.
import { join } from "node:path";
import { literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { bounded } from "../p2a3/memory.js";
import { scoreHouseholds } from "../p2a3/score.js";
import { type Tools, writeParquet } from "../p2a3/tools.js";

/** @param output Parquet: household_id, state, visits, pages, last_visit, score */
export async function scoreVisitors(tools: Tools, inputs: { selection: string; model: string }, output: string) {
  return withDatabase(bounded(tools), async (db) => {
    const selection = `SELECT * FROM read_parquet(${literal(inputs.selection)})`;
    const files = { model: join(inputs.model, "model.json"), features: join(inputs.model, "features.json") };
    const scored = await scoreHouseholds(tools, db, files, selection, "household_id");
    await writeParquet(
      db,
      `SELECT household_id, state, visits, pages, last_visit, score FROM (${selection}) JOIN scores USING (household_id)`,
      "household_id",
      output,
    );
    return scored;
  });
}
