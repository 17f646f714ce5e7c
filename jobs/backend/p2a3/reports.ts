// Reports: how good the model is and where its households are, as Parquet, JSON and a page.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Database, literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { samplingDiagnosticsSchema } from "./mcmc/diagnostics.js";
import { bounded } from "./memory.js";
import type { Order } from "./order.js";
import { measure } from "./report/measure.js";
import { reportPage } from "./report/page.js";
import { type Report, reportOf, type StateCounts } from "./report/report.js";
import { evaluationSchema } from "./reportsselect.js";
import { readJson, type Tools, writeJson, writeParquet } from "./tools.js";
import { metricsSchema } from "./train.js";

export interface ReportsInputs {
  scores: string;
  evaluation: string;
  evaluationSummary: string;
  metrics: string;
  /** The sampler's diagnostics, where negatives were selected. */
  sampling?: string;
}

/**
 * Writes the reports.
 * @param folder becomes `gains.parquet`, `calibration.parquet`, `importance.parquet`, `counts.parquet`, `report.json`, `report.html`
 */
export async function reports(tools: Tools, order: Order, inputs: ReportsInputs, folder: string): Promise<Report> {
  const metrics = await readJson(inputs.metrics, metricsSchema);
  const evaluation = await readJson(inputs.evaluationSummary, evaluationSchema);
  const sampling = inputs.sampling ? await readJson(inputs.sampling, samplingDiagnosticsSchema) : undefined;
  await mkdir(folder, { recursive: true });
  const report = await withDatabase(bounded(tools), async (db) => {
    await db.run(`CREATE VIEW evaluation AS SELECT * FROM read_parquet(${literal(inputs.evaluation)})`);
    const measures = await measure(db);
    const states = await countStates(db, inputs.scores, join(folder, "counts.parquet"));
    const made = reportOf(order, evaluation, measures, metrics, states, sampling);
    await writeRows(db, tools, measures.deciles, "decile", join(folder, "gains.parquet"));
    await writeRows(db, tools, measures.calibration, '"from"', join(folder, "calibration.parquet"));
    await writeRows(db, tools, metrics.importance, '"gainShare" DESC, feature', join(folder, "importance.parquet"));
    return made;
  });
  await writeJson(join(folder, "report.json"), report);
  await writeFile(join(folder, "report.html"), reportPage(report));
  return report;
}

async function countStates(db: Database, scores: string, path: string): Promise<StateCounts[]> {
  await writeParquet(
    db,
    `SELECT state, decile, count(*) AS households, min(score) AS least_score, max(score) AS highest_score
     FROM read_parquet(${literal(scores)}) GROUP BY state, decile`,
    "state, decile",
    path,
  );
  const rows = await db.rows<{ state: string; decile: number; households: number }>(
    `SELECT state, decile, households FROM read_parquet(${literal(path)}) ORDER BY state, decile`,
  );
  const states = new Map<string, StateCounts>();
  for (const { state, decile, households } of rows) {
    const own = states.get(state) ?? { state, households: 0, deciles: Array.from({ length: 10 }, () => 0) };
    own.households += households;
    own.deciles[decile - 1] = households;
    states.set(state, own);
  }
  return [...states.values()];
}

/** Objects of one shape as a Parquet file. */
async function writeRows(db: Database, tools: Tools, rows: readonly object[], orderBy: string, path: string) {
  const json = join(tools.workFolder, "rows.json");
  await writeFile(json, JSON.stringify(rows));
  await writeParquet(db, `SELECT * FROM read_json(${literal(json)}, format = 'array')`, orderBy, path);
}
