// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { OPT_OUTS, TRANSACTIONS } from "../../data/schema.js";
import { readingCoop, tables } from "../../p2a3/steps/files.js";
import { finalizeHotline } from "../finalize.js";
import type { HotlineParameters } from "../parameters.js";
import { FILES } from "./files.js";

export const finalizeStep: Step<HotlineParameters> = {
  name: "Finalize",
  description: "Suppresses recent buyers and opt-outs, stages the file",
  tier: "S",
  inputs: (run) => [
    run.file(FILES.scored),
    run.file(FILES.counts),
    ...tables(run, [TRANSACTIONS, OPT_OUTS], run.parameters.states),
  ],
  outputs: [FILES.results],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const { run } = context;
    const counts = await finalizeHotline(
      context,
      run.dataRoot,
      run.parameters,
      { scored: context.input(run.file(FILES.scored)), counts: context.input(run.file(FILES.counts)) },
      context.output(FILES.results),
    );
    const { delivered, prospects, suppressed } = counts;
    return { rowsIn: prospects, rowsOut: delivered, figures: { suppressed } };
  },
};
