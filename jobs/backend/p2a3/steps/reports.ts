// Athanor's step: what it reads and writes, around the function that does the work.
import { join } from "node:path";
import type { Step } from "../../../athanor/workflow.js";
import type { P2a3Parameters } from "../parameters.js";
import { reports } from "../reports.js";
import { FILES, readOrder } from "./files.js";

/** @param sampled whether there are the sampler's diagnostics to report */
export function reportsStep(sampled: boolean): Step<P2a3Parameters> {
  return {
    name: "Reports",
    description: "Reports gains, lift, calibration, features and counts",
    tier: "XXL",
    inputs: (run) =>
      [
        FILES.order,
        FILES.scores,
        FILES.evaluation,
        FILES.evaluationSummary,
        FILES.model,
        ...(sampled ? [FILES.sampling] : []),
      ].map((path) => run.file(path)),
    outputs: [FILES.reports],
    parameters: [],
    code: [import.meta.url],
    async run(context) {
      const { run } = context;
      const order = await readOrder(context);
      const report = await reports(
        context,
        order,
        {
          scores: context.input(run.file(FILES.scores)),
          evaluation: context.input(run.file(FILES.evaluation)),
          evaluationSummary: context.input(run.file(FILES.evaluationSummary)),
          metrics: join(context.input(run.file(FILES.model)), "metrics.json"),
          ...(sampled ? { sampling: context.input(run.file(FILES.sampling)) } : {}),
        },
        context.output(FILES.reports),
      );
      const { measures, topDecile } = report;
      return {
        rowsIn: measures.households,
        figures: { auc: measures.auc, rate: measures.rate, topDecileLift: topDecile.lift, brier: measures.brier },
      };
    },
  };
}
