// ScoreSelect: the features of all households as of the order's day, a file per state, and the parts in which they are scored.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TRANSACTIONS } from "../data/schema.js";
import { createViews, readTable } from "./coop.js";
import { featureQuery, featureSpecSchema } from "./features.js";
import { bounded } from "./memory.js";
import type { Order } from "./order.js";
import { type PartitionPlan, planPartitions } from "./partition.js";
import { readJson, type Tools, writeJson, writeParquet } from "./tools.js";

/** States are worked on together up to so many households: what is held at a time does not grow with the number of all. */
const HOUSEHOLDS_AT_A_TIME = 10_000;

export interface ScoreSelectOutputs {
  /** Folder: `state=xx/households.parquet` with household_id and the features, ordered by household_id. */
  selection: string;
  /** The partitions, JSON. */
  plan: string;
}

/** @param features path of the model's feature spec */
export async function scoreSelect(
  tools: Tools,
  dataRoot: string,
  order: Order,
  features: string,
  outputs: ScoreSelectOutputs,
): Promise<PartitionPlan> {
  const spec = await readJson(features, featureSpecSchema);
  return withDatabase(bounded(tools), async (db) => {
    const sizes = await db.rows<{ state: string; rows: number }>(
      `SELECT state, count(*) AS rows FROM ${readTable(dataRoot, HOUSEHOLDS, order.states)} GROUP BY state ORDER BY state`,
    );
    for (const group of groups(sizes)) {
      await createViews(db, dataRoot, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES], group);
      await db.run(`CREATE OR REPLACE TEMP TABLE selected AS ${featureQuery(spec, order.hhDate)}`);
      for (const state of group) {
        const folder = join(outputs.selection, `state=${state}`);
        await mkdir(folder, { recursive: true });
        await writeParquet(
          db,
          `SELECT * EXCLUDE (state) FROM selected WHERE state = ${literal(state)}`,
          "household_id",
          join(folder, "households.parquet"),
        );
      }
      tools.log.info("selected", { states: group.join(",") });
    }
    const plan = planPartitions(sizes, order.partitions);
    await writeJson(outputs.plan, plan);
    return plan;
  });
}

function groups(sizes: readonly { state: string; rows: number }[]): string[][] {
  const all: string[][] = [];
  let room = 0;
  for (const { state, rows } of sizes) {
    if (rows > room || all.length === 0) {
      all.push([]);
      room = HOUSEHOLDS_AT_A_TIME;
    }
    all.at(-1)?.push(state);
    room -= rows;
  }
  return all;
}
