// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import type { HotlineParameters } from "../parameters.js";
import { scoreVisitors } from "../score.js";
import { FILES } from "./files.js";

export const scoreStep: Step<HotlineParameters> = {
  name: "Score",
  description: "Scores them with the title's latest model",
  tier: "M",
  inputs: (run) => [run.file(FILES.selection), run.file(FILES.model)],
  outputs: [FILES.scored],
  parameters: [],
  code: [import.meta.url, "python/score_households.py"],
  async run(context) {
    const { run } = context;
    const { rows, peakMemoryMiB } = await scoreVisitors(
      context,
      { selection: context.input(run.file(FILES.selection)), model: context.input(run.file(FILES.model)) },
      context.output(FILES.scored),
    );
    return { rowsIn: rows, rowsOut: rows, childPeakMemoryMiB: peakMemoryMiB };
  },
};
