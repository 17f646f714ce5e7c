// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import type { P2a3Parameters } from "../parameters.js";
import { train } from "../train.js";
import { FILES } from "./files.js";

export const trainStep: Step<P2a3Parameters> = {
  name: "Train",
  description: "Trains the model with XGBoost, stopped early on households held out",
  tier: "L",
  inputs: (run) => [run.file(FILES.training), run.file(FILES.features)],
  outputs: [FILES.model, FILES.heldOut],
  parameters: ["seed"],
  code: [import.meta.url, "python/train_response.py"],
  async run(context) {
    const { run } = context;
    const { metrics, rows, peakMemoryMiB } = await train(
      context,
      { training: context.input(run.file(FILES.training)), features: context.input(run.file(FILES.features)) },
      run.parameters.seed,
      { model: context.output(FILES.model), heldOut: context.output(FILES.heldOut) },
    );
    return {
      rowsIn: rows,
      childPeakMemoryMiB: peakMemoryMiB,
      figures: { trees: metrics.trees, features: metrics.features, heldOutAuc: metrics.splits.test.auc },
    };
  },
};
