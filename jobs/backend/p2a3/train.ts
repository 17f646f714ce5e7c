// Train: XGBoost on the training set; the validation households say when to stop, the test households how good it is on others.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { literal } from "../../lib/duckdb.js";
import { runPython } from "../../lib/python.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { sha256Of } from "./digest.js";
import { featureSpecSchema } from "./features.js";
import { writeMatrix } from "./matrix.js";
import type { MODEL_FILES } from "./models.js";
import { readJson, type Tools, writeJson, writeParquet } from "./tools.js";

const ROUNDS = 800;
const PATIENCE = 40;
const PARAMETERS = {
  objective: "binary:logistic",
  eval_metric: "logloss",
  tree_method: "hist",
  max_depth: 4,
  eta: 0.05,
  min_child_weight: 5,
  lambda: 2,
  subsample: 0.8,
  colsample_bytree: 0.5,
};
/** Sums of gradients depend on how many threads make them: the rows decide, not the machine, so that the same rows give the same model. */
const threadsFor = (rows: number) => (rows <= 50_000 ? 1 : 4);

const splitMetrics = z.object({
  rows: z.number(),
  responders: z.number(),
  rate: z.number(),
  meanScore: z.number(),
  auc: z.number().nullable(),
  logLoss: z.number(),
});

const importance = z.array(
  z.object({ feature: z.string(), gainShare: z.number(), gain: z.number(), cover: z.number(), splits: z.number() }),
);

/** What metrics.json says of a model. */
export const metricsSchema = z.object({
  title: z.string(),
  features: z.number(),
  trees: z.number(),
  /** By split of households; `test` had no part in training. */
  splits: z.object({ train: splitMetrics, validation: splitMetrics, test: splitMetrics }),
  importance,
  model: z.object({ file: z.string(), sha256: z.string() }),
});
export type Metrics = z.infer<typeof metricsSchema>;

/** What train_response.py reports. */
const trained = z.object({
  metrics: metricsSchema.shape.splits,
  trees: z.number(),
  importance,
  testScores: z.array(z.number()),
  versions: z.record(z.string(), z.string()),
  peakMemoryMiB: z.number(),
});

export interface TrainInputs {
  training: string;
  features: string;
}

export interface TrainOutputs {
  /** Folder that becomes the model: `model.json`, `features.json`, `parameters.json` (XGBoost's, rounds, versions), `metrics.json`. */
  model: string;
  /** Parquet: as_of, household_id, label, score of the test households. */
  heldOut: string;
}

/** Trains a model; the same training set and seed give the same bytes. */
export async function train(tools: Tools, inputs: TrainInputs, seed: number, outputs: TrainOutputs) {
  const { workFolder } = tools;
  const file = (name: (typeof MODEL_FILES)[number]) => join(outputs.model, name);
  await mkdir(outputs.model, { recursive: true });
  const spec = await readJson(inputs.features, featureSpecSchema);
  const set = `read_parquet(${literal(inputs.training)})`;
  const test = `SELECT as_of, household_id, label FROM ${set} WHERE split = 'test' ORDER BY as_of, household_id`;
  const matrix = await withDatabase(tools, (db) =>
    writeMatrix(
      db,
      `SELECT list_position(['train', 'validation', 'test'], split)::FLOAT - 1, label::FLOAT, weight::FLOAT, ${spec.names.join(", ")}
       FROM ${set} ORDER BY as_of, household_id`,
      join(workFolder, "training.f32"),
    ),
  );
  const parameters = { ...PARAMETERS, seed, nthread: threadsFor(matrix.rows) };
  const request = join(workFolder, "request.json");
  const answer = join(workFolder, "result.json");
  await writeJson(request, {
    matrix,
    features: spec.names,
    parameters,
    rounds: ROUNDS,
    patience: PATIENCE,
    model: file("model.json"),
  });
  await runPython(tools, "train_response.py", [request, answer]);
  const result = await readJson(answer, trained);
  const sha256 = await sha256Of(file("model.json"));
  const metrics: Metrics = {
    title: spec.title,
    features: spec.names.length,
    trees: result.trees,
    splits: result.metrics,
    importance: result.importance,
    model: { file: "model.json", sha256 },
  };
  await copyFile(inputs.features, file("features.json"));
  await writeJson(file("parameters.json"), {
    parameters,
    rounds: ROUNDS,
    patience: PATIENCE,
    versions: result.versions,
  });
  await writeJson(file("metrics.json"), metrics);
  await withDatabase(tools, async (db) => {
    await db.run("CREATE TABLE scores (position BIGINT, score FLOAT)");
    await db.append("scores", [result.testScores.map((_, index) => BigInt(index)), result.testScores]);
    await writeParquet(
      db,
      `SELECT as_of, household_id, label, score FROM (SELECT *, row_number() OVER (ORDER BY as_of, household_id) - 1 AS position FROM (${test}))
       JOIN scores USING (position)`,
      "as_of, household_id",
      outputs.heldOut,
    );
  });
  return { metrics, rows: matrix.rows, peakMemoryMiB: result.peakMemoryMiB };
}
