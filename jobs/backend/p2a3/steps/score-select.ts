// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TRANSACTIONS } from "../../data/schema.js";
import type { P2a3Parameters } from "../parameters.js";
import { scoreSelect } from "../scoreselect.js";
import { FILES, readingCoop, readOrder, tables } from "./files.js";

export const scoreSelectStep: Step<P2a3Parameters> = {
  name: "ScoreSelect",
  description: "Prepares all households for scoring, by state",
  tier: "M",
  inputs: (run) => [
    run.file(FILES.order),
    run.file(FILES.features),
    ...tables(run, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES], run.parameters.states),
  ],
  outputs: [FILES.selection, FILES.plan],
  parameters: [],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const order = await readOrder(context);
    const features = context.input(context.run.file(FILES.features));
    const plan = await scoreSelect(context, context.run.dataRoot, order, features, {
      selection: context.output(FILES.selection),
      plan: context.output(FILES.plan),
    });
    return { rowsOut: plan.rows, figures: { states: plan.states.length, partitions: plan.partitions.length } };
  },
};
