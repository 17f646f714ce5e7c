// SampleTarget: how the target population and those who can train a model are distributed over the cells.
import { z } from "zod";
import { literal } from "../../../lib/duckdb.js";
import { withDatabase } from "../../../lib/withdatabase.js";
import { HOUSEHOLDS, RESPONSES, TRANSACTIONS } from "../../data/schema.js";
import { createCandidates } from "../candidates.js";
import { createViews, readTable } from "../coop.js";
import { bounded } from "../memory.js";
import type { Order } from "../order.js";
import { type Tools, writeJson, writeParquet } from "../tools.js";
import { cellQuery, DIMENSIONS } from "./cells.js";

export const sampleTargetSchema = z.object({
  dimensions: z.array(z.string()),
  /** Households of the target population. */
  population: z.number(),
  /** Of the train split. */
  responders: z.number(),
  negatives: z.number(),
  /** Every cell that occurs in either: its value in each dimension, households of the target, and those of the train split. */
  cells: z.array(
    z.object({
      cell: z.string(),
      values: z.array(z.string()),
      target: z.number(),
      responders: z.number(),
      negatives: z.number(),
    }),
  ),
});
export type SampleTarget = z.infer<typeof sampleTargetSchema>;

export interface SampleTargetOutputs {
  /** JSON. */
  target: string;
  /** Parquet of the train split: as_of, household_id, label, cell. */
  candidates: string;
}

/**
 * The target population are the households that will be scored, as they are as of the order's day; the candidates are those of the train
 * split, as they were as of theirs.
 */
export async function sampleTarget(tools: Tools, dataRoot: string, order: Order, outputs: SampleTargetOutputs) {
  return withDatabase(bounded(tools), async (db) => {
    await createViews(db, dataRoot, [HOUSEHOLDS, TRANSACTIONS, RESPONSES]);
    await createCandidates(db, order);
    const cells = order.calendar.trainDates.map((asOf) => {
      const chosen = `SELECT household_id FROM candidates WHERE split = 'train' AND as_of = DATE ${literal(asOf)}`;
      return `
        SELECT as_of, household_id, label, cell FROM candidates
        JOIN (${cellQuery(asOf, `(SELECT * FROM households WHERE household_id IN (${chosen}))`)}) USING (household_id)
        WHERE split = 'train' AND as_of = DATE ${literal(asOf)}`;
    });
    await writeParquet(db, cells.join(" UNION ALL "), "as_of, household_id", outputs.candidates);
    await db.run(
      `CREATE TEMP TABLE population AS ${cellQuery(order.hhDate, readTable(dataRoot, HOUSEHOLDS, order.states))}`,
    );
    const rows = await db.rows<{ cell: string; target: number; responders: number; negatives: number }>(`
      SELECT cell, sum(target)::BIGINT AS target, sum(responders)::BIGINT AS responders, sum(negatives)::BIGINT AS negatives FROM (
        SELECT cell, 1 AS target, 0 AS responders, 0 AS negatives FROM population
        UNION ALL SELECT cell, 0, label, 1 - label FROM read_parquet(${literal(outputs.candidates)}))
      GROUP BY cell ORDER BY cell`);
    const sum = (key: "target" | "responders" | "negatives") => rows.reduce((total, row) => total + row[key], 0);
    const target: SampleTarget = {
      dimensions: [...DIMENSIONS],
      population: sum("target"),
      responders: sum("responders"),
      negatives: sum("negatives"),
      cells: rows.map((row) => ({ ...row, values: row.cell.split("/") })),
    };
    await writeJson(outputs.target, target);
    return target;
  });
}
