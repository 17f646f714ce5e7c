// P2A3-CountsOnly: counts of households for a title, in one step.
import type { z } from "zod";
import { defineWorkflow, type Step } from "../../athanor/workflow.js";
import { titleFolder } from "../data/paths.js";
import { HOUSEHOLDS, OPT_OUTS, TITLES, TRANSACTIONS } from "../data/schema.js";
import { checkOrder } from "../p2a3/check.js";
import { readingCoop, tables } from "../p2a3/steps/files.js";
import { checkCountDate, countHouseholds } from "./counts.js";
import { countsParameters } from "./parameters.js";

const RESULTS = "results";

const countsStep: Step<z.output<typeof countsParameters>> = {
  name: "Counts",
  description: "Counts households by segment, state and recency",
  tier: "S",
  inputs: (run) => [
    run.data("prod/coop/manifest.json"),
    ...tables(run, [TITLES, OPT_OUTS]),
    ...tables(run, [HOUSEHOLDS, TRANSACTIONS], run.parameters.states),
  ],
  outputs: [RESULTS],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const { run } = context;
    const counts = await countHouseholds(context, run.dataRoot, run.parameters, context.output(RESULTS));
    return { rowsIn: counts.households, figures: { mailable: counts.mailable, segments: counts.segments } };
  },
};

export const p2a3CountsOnly = defineWorkflow({
  name: "p2a3-counts-only",
  description: "Counts households by segment, state and recency, without training or scoring",
  parameters: countsParameters,
  runFolder: ({ title }, runId) => `prod/${titleFolder(title)}/counts/${runId}`,
  check: (run, signal) => checkOrder(run, signal, (period) => checkCountDate(run.parameters.hhDate, period)),
  steps: [countsStep],
});
