// Athanor's step: what it reads and writes, around the function that does the work.
import { join } from "node:path";
import type { Step } from "../../../athanor/workflow.js";
import type { P2a3Parameters } from "../parameters.js";
import { mergeScores, scorePartition } from "../score.js";
import { FILES } from "./files.js";

const PART = "scores.parquet";

export const scoreStep: Step<P2a3Parameters> = {
  name: "Score",
  description: "Scores all households in partitions, then ranks them",
  tier: "XXL",
  inputs: (run) => [FILES.model, FILES.selection, FILES.plan].map((path) => run.file(path)),
  outputs: [FILES.scores],
  parameters: [],
  code: [import.meta.url, "python/score_households.py"],
  partitions: (run) => run.parameters.partitions,
  partitionOutputs: [PART],
  async run(context) {
    const { partition, run } = context;
    const model = context.input(run.file(FILES.model));
    const { rows, peakMemoryMiB } = await scorePartition(
      context,
      {
        model: join(model, "model.json"),
        features: join(model, "features.json"),
        selection: context.input(run.file(FILES.selection)),
        plan: context.input(run.file(FILES.plan)),
      },
      partition?.index ?? 0,
      context.output(PART),
    );
    return { rowsIn: rows, rowsOut: rows, childPeakMemoryMiB: peakMemoryMiB };
  },
  async merge(context) {
    const { run } = context;
    const parts = Array.from({ length: run.parameters.partitions }, (_, index) => context.partitionOutput(index, PART));
    const { rows } = await mergeScores(
      context,
      context.input(run.file(FILES.plan)),
      parts,
      context.output(FILES.scores),
    );
    return { rowsIn: rows, rowsOut: rows };
  },
};
