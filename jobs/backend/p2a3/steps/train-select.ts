// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TRANSACTIONS } from "../../data/schema.js";
import type { P2a3Parameters } from "../parameters.js";
import { trainSelect } from "../trainselect.js";
import { FILES, readingCoop, readOrder, tables } from "./files.js";

/** @param sampled whether only the sample that SampleNegatives has chosen trains the model */
export function trainSelectStep(sampled: boolean): Step<P2a3Parameters> {
  return {
    name: "TrainSelect",
    description: "Selects the training set: who responded, and what was known of them before",
    tier: "S",
    inputs: (run) => [
      run.file(FILES.order),
      ...tables(run, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES]),
      ...(sampled ? [run.file(FILES.chosen)] : []),
    ],
    outputs: [FILES.training, FILES.features, FILES.trainingSummary],
    parameters: [],
    code: [import.meta.url],
    locks: readingCoop,
    async run(context) {
      const { run } = context;
      const { title, calendar, seed } = await readOrder(context);
      const sample = sampled ? context.input(run.file(FILES.chosen)) : undefined;
      const summary = await trainSelect(
        context,
        { dataRoot: run.dataRoot, title, calendar, seed, ...(sample ? { sample } : {}) },
        {
          training: context.output(FILES.training),
          features: context.output(FILES.features),
          summary: context.output(FILES.trainingSummary),
        },
      );
      const responders = summary.counts.reduce((sum, count) => sum + count.responders, 0);
      return { rowsOut: summary.rows, figures: { responders, trainDates: summary.trainDates } };
    },
  };
}
