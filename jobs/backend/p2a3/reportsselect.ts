// ReportsSelect: the scores beside what came: who responded in the window after the order's day.
import { z } from "zod";
import { literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { RESPONSES, TRANSACTIONS } from "../data/schema.js";
import { addDays } from "./calendar.js";
import { createViews } from "./coop.js";
import { respondersQuery } from "./label.js";
import type { Order } from "./order.js";
import { type Tools, writeJson, writeParquet } from "./tools.js";

export const evaluationSchema = z.object({
  /**
   * `time`: the scored households, with what they did in the window from hhDate on, which nothing in the model knew. `held-out`: where the
   * data end before that window does, households that had no part in training, in the windows that trained the others.
   */
  kind: z.enum(["time", "held-out"]),
  /** Days in which responses count: from, and before `to`. */
  from: z.string(),
  to: z.string(),
  rows: z.number(),
  responders: z.number(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

export interface ReportsSelectInputs {
  /** The merged scores. */
  scores: string;
  /** What Train wrote of its test households. */
  heldOut: string;
}

export interface ReportsSelectOutputs {
  /** Parquet: as_of, household_id, score, label. */
  evaluation: string;
  /** JSON. */
  summary: string;
}

export async function reportsSelect(
  tools: Tools,
  dataRoot: string,
  order: Order,
  inputs: ReportsSelectInputs,
  outputs: ReportsSelectOutputs,
): Promise<Evaluation> {
  const { calendar, hhDate, title, windowDays } = order;
  return withDatabase(tools, async (db) => {
    await createViews(db, dataRoot, [TRANSACTIONS, RESPONSES], order.states);
    const query = calendar.outcomeKnown
      ? `SELECT DATE ${literal(hhDate)} AS as_of, household_id, score,
           (household_id IN (${respondersQuery(title, hhDate, windowDays)}))::INTEGER AS label
         FROM read_parquet(${literal(inputs.scores)})`
      : `SELECT as_of, household_id, score, label FROM read_parquet(${literal(inputs.heldOut)})`;
    const rows = await writeParquet(db, query, "as_of, household_id", outputs.evaluation);
    const { responders } = await db.row<{ responders: number }>(
      `SELECT coalesce(sum(label), 0)::BIGINT AS responders FROM read_parquet(${literal(outputs.evaluation)})`,
    );
    const evaluation: Evaluation = calendar.outcomeKnown
      ? { kind: "time", from: hhDate, to: addDays(hhDate, windowDays), rows, responders }
      : { kind: "held-out", from: calendar.trainDates.at(-1) as string, to: hhDate, rows, responders };
    await writeJson(outputs.summary, evaluation);
    return evaluation;
  });
}
