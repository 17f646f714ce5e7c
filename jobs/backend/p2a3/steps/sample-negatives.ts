// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { sampleNegatives } from "../mcmc/negatives.js";
import type { P2a3Parameters } from "../parameters.js";
import { FILES } from "./files.js";

export const sampleNegativesStep: Step<P2a3Parameters> = {
  name: "SampleNegatives",
  description: "Selects negatives by Metropolis–Hastings",
  tier: "L",
  inputs: (run) => [run.file(FILES.target), run.file(FILES.candidates)],
  outputs: [FILES.chosen, FILES.sampling],
  parameters: ["seed"],
  code: [import.meta.url, "python/sample_negatives.py"],
  async run(context) {
    const { run } = context;
    const { diagnostics, peakMemoryMiB } = await sampleNegatives(
      context,
      { target: context.input(run.file(FILES.target)), candidates: context.input(run.file(FILES.candidates)) },
      run.parameters.seed,
      { chosen: context.output(FILES.chosen), diagnostics: context.output(FILES.sampling) },
    );
    const { candidates, selected, acceptance, autocorrelationTime, rHat, distance } = diagnostics;
    return {
      rowsIn: candidates,
      rowsOut: selected,
      childPeakMemoryMiB: peakMemoryMiB,
      figures: { acceptance, autocorrelationTime, rHat, distance: distance.joint },
    };
  },
};
