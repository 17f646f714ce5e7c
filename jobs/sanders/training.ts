// Model training: the fare of a trip from its distance, time, zones and passengers. Only a model that passes the gate is published.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError, JobError, QualityGateError } from "../lib/errors.js";
import { runPython } from "../lib/python.js";
import type { JobResult } from "../lib/runner.js";
import { findPeriod } from "./checks.js";
import { loadTrips } from "./inputs.js";
import { type JobContext, withDatabase } from "./job.js";
import { CATEGORICAL, COLUMNS, type TrainingSet, writeTrainingSet } from "./trainingset.js";
import { FEATURE_FIELDS } from "./trips.js";

/** The model's error on the held-out time may be at most this share of that of always predicting the mean fare. */
export const GATE = 0.5;
const ROUNDS = 600;
const PATIENCE = 30;
const PARAMETERS = {
  objective: "reg:absoluteerror",
  eval_metric: "mae",
  tree_method: "hist",
  max_depth: 8,
  eta: 0.1,
  min_child_weight: 5,
  subsample: 0.8,
  colsample_bytree: 0.9,
  seed: 20240101,
};

/** What train_fare.py reports. */
const trained = z.object({
  mae: z.number(),
  rmse: z.number(),
  r2: z.number(),
  baseline: z.object({ prediction: z.number(), mae: z.number() }),
  validationMae: z.number(),
  trainMae: z.number(),
  trees: z.number(),
  gainShare: z.record(z.string(), z.number()),
  modelSha256: z.string(),
  versions: z.record(z.string(), z.string()),
  peakMemoryMiB: z.number(),
});
type Trained = z.infer<typeof trained>;

/** Trains, checks and publishes the model of the run's date. */
export async function trainModel(context: JobContext): Promise<JobResult> {
  const { config, limits, lake, log, workFolder } = context;
  // The database is closed, and its memory given back, before the trees grow.
  const { set, rowsIn } = await withDatabase(context, async (db) => {
    const trips = await loadTrips(context, db, {
      required: [...FEATURE_FIELDS, "passengers", "pickup_zone", "dropoff_zone"],
    });
    const period = await findPeriod(db, trips.name);
    if (!period) throw new InputError(`No trip of ${config.dataPath} has a pickup time`);
    return { set: await writeTrainingSet(db, period, workFolder), rowsIn: trips.rows };
  });
  log.info("training set", { rows: rowsOf(set), rejected: set.rejected });
  const model = join(workFolder, "model.json");
  const parameters = { ...PARAMETERS, nthread: limits.threads };
  const predictions = join(workFolder, "predictions.f32");
  const result = await train(context, set, { parameters, model, predictions });
  const ratio = checkGate(result);
  await checkReload(context, set, model, predictions);
  const metrics = {
    date: config.featureDate,
    source: config.dataPath,
    target: "fare_amount",
    columns: Object.keys(COLUMNS).slice(0, -1),
    categorical: CATEGORICAL,
    rows: { input: rowsIn, ...rowsOf(set), rejected: set.rejected },
    splits: Object.fromEntries(
      Object.entries(set.splits).map(([name, { rows, from, to }]) => [name, { rows, from, to }]),
    ),
    mae: result.mae,
    rmse: result.rmse,
    r2: result.r2,
    baseline: result.baseline,
    maeToBaseline: ratio,
    gate: GATE,
    trainMae: result.trainMae,
    validationMae: result.validationMae,
    trees: result.trees,
    gainShare: result.gainShare,
    parameters,
    rounds: ROUNDS,
    patience: PATIENCE,
    model: { file: "model.json", sha256: result.modelSha256 },
    reload: { rows: set.splits.test.rows, identical: true },
    versions: result.versions,
  };
  const metricsFile = join(workFolder, "metrics.json");
  await writeFile(metricsFile, `${JSON.stringify(metrics, null, 2)}\n`);
  const folder = `models/fare/date=${config.featureDate}`;
  // The metrics name the model by its digest, so they come last: they never speak of a model that is not there.
  await lake.upload(`${folder}/model.json`, model, "application/json");
  await lake.upload(`${folder}/metrics.json`, metricsFile, "application/json");
  return {
    rowsIn,
    rowsOut: set.splits.train.rows,
    written: [`${lake.url}/${folder}/model.json`, `${lake.url}/${folder}/metrics.json`],
    childPeakMemoryMiB: result.peakMemoryMiB,
    figures: { mae: result.mae, baselineMae: result.baseline.mae, maeToBaseline: ratio, trees: result.trees },
  };
}

function rowsOf({ splits }: TrainingSet) {
  return { train: splits.train.rows, validation: splits.validation.rows, test: splits.test.rows };
}

async function train(
  context: JobContext,
  { splits }: TrainingSet,
  given: { parameters: Record<string, unknown>; model: string; predictions: string },
): Promise<Trained> {
  const { workFolder } = context;
  const request = join(workFolder, "request.json");
  const result = join(workFolder, "result.json");
  await writeFile(
    request,
    JSON.stringify({
      columns: Object.keys(COLUMNS),
      categorical: CATEGORICAL,
      splits,
      rounds: ROUNDS,
      patience: PATIENCE,
      ...given,
    }),
  );
  await runPython(context, "train_fare.py", [request, result]);
  return trained.parse(JSON.parse(await readFile(result, "utf8")));
}

function checkGate({ mae, baseline }: Trained): number {
  const ratio = mae / baseline.mae;
  // A comparison that is false for NaN, too.
  if (ratio <= GATE) return ratio;
  throw new QualityGateError(
    `The fare model is not good enough: its mean absolute error on the held-out trips is ${mae.toFixed(3)}, ` +
      `that of the mean fare ${baseline.mae.toFixed(3)}; at most ${GATE} of it is accepted, not ${ratio.toFixed(3)}. Nothing was published`,
  );
}

/** A new process loads the model and predicts the held-out trips again: not one bit may differ. */
async function checkReload(context: JobContext, set: TrainingSet, model: string, predictions: string): Promise<void> {
  const again = join(context.workFolder, "predictions-reloaded.f32");
  const columns = String(Object.keys(COLUMNS).length);
  await runPython(context, "predict_fare.py", [model, set.splits.test.path, columns, again]);
  const [first, second] = await Promise.all([readFile(predictions), readFile(again)]);
  if (first.length !== set.splits.test.rows * 4 || !first.equals(second))
    throw new JobError(
      "The saved model, loaded again, does not predict what the trained one did. Nothing was published",
    );
}
