// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { HOUSEHOLDS, RESPONSES, TRANSACTIONS } from "../../data/schema.js";
import { sampleTarget } from "../mcmc/target.js";
import type { P2a3Parameters } from "../parameters.js";
import { FILES, readingCoop, readOrder, tables } from "./files.js";

export const sampleTargetStep: Step<P2a3Parameters> = {
  name: "SampleTarget",
  description: "Describes the target population and those who can train a model",
  tier: "S",
  inputs: (run) => [run.file(FILES.order), ...tables(run, [HOUSEHOLDS, TRANSACTIONS, RESPONSES])],
  outputs: [FILES.target, FILES.candidates],
  parameters: [],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const order = await readOrder(context);
    const target = await sampleTarget(context, context.run.dataRoot, order, {
      target: context.output(FILES.target),
      candidates: context.output(FILES.candidates),
    });
    const { cells, population, responders, negatives } = target;
    return {
      rowsIn: population,
      rowsOut: responders + negatives,
      figures: { cells: cells.length, population, responders, negatives },
    };
  },
};
