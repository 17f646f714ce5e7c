// Where the steps of a P2A3 run write, from the run's folder, and what they read of the co-operative's data.
import type { DataLock, RunInfo } from "../../../athanor/workflow.js";
import { tablePath } from "../../data/paths.js";
import type { Table } from "../../data/schema.js";
import { type Order, orderSchema } from "../order.js";
import type { P2a3Parameters } from "../parameters.js";
import { readJson } from "../tools.js";

export type Run = RunInfo<P2a3Parameters>;

export const FILES = {
  order: "order.json",
  target: "sample/target.json",
  candidates: "sample/candidates.parquet",
  chosen: "sample/chosen.parquet",
  sampling: "sample/diagnostics.json",
  training: "train/training.parquet",
  features: "train/features.json",
  trainingSummary: "train/summary.json",
  model: "model",
  heldOut: "train/held-out.parquet",
  selection: "score/selection",
  plan: "score/plan.json",
  scores: "score/scores.parquet",
  evaluation: "reports-select/evaluation.parquet",
  evaluationSummary: "reports-select/evaluation.json",
  reports: "reports",
  results: "results",
} as const;

/** Folders or files of tables. @param states only these states' parts, of tables that have any @default all */
export function tables(run: Pick<Run, "data">, wanted: readonly Table[], states?: readonly string[]): string[] {
  return wanted.flatMap((table) => {
    const path = run.data(`prod/coop/${tablePath(table)}`);
    return table.byState && states?.length ? states.map((state) => `${path}/state=${state}`) : [path];
  });
}

/** Held while the co-operative's data are read: they are not made anew meanwhile. */
export function readingCoop(run: Pick<Run, "data">): DataLock[] {
  return [{ path: run.data("prod/coop"), mode: "SHARED" }];
}

export function readOrder(context: { run: Run; input(path: string): string }): Promise<Order> {
  return readJson(context.input(context.run.file(FILES.order)), orderSchema);
}
