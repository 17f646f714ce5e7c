// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { HOUSEHOLDS, TITLES, TRANSACTIONS } from "../../data/schema.js";
import { initialize } from "../initialize.js";
import type { P2a3Parameters } from "../parameters.js";
import { FILES, readingCoop, tables } from "./files.js";

export const initializeStep: Step<P2a3Parameters> = {
  name: "Initialize",
  description: "Checks the input against the data and writes the order",
  tier: "S",
  inputs: (run) => [run.data("prod/coop/manifest.json"), ...tables(run, [HOUSEHOLDS, TITLES, TRANSACTIONS])],
  outputs: [FILES.order],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const { parameters, dataRoot } = context.run;
    const order = await initialize(context, dataRoot, parameters, context.output(FILES.order));
    return {
      rowsOut: order.households,
      figures: { households: order.households, states: order.states.length, outcomeKnown: order.calendar.outcomeKnown },
    };
  },
};
