// Athanor's step: what it reads and writes, around the function that does the work.
import type { Step } from "../../../athanor/workflow.js";
import { RESPONSES, TRANSACTIONS } from "../../data/schema.js";
import type { P2a3Parameters } from "../parameters.js";
import { reportsSelect } from "../reportsselect.js";
import { FILES, readingCoop, readOrder, tables } from "./files.js";

export const reportsSelectStep: Step<P2a3Parameters> = {
  name: "ReportsSelect",
  description: "Puts the scores beside what came",
  tier: "S",
  inputs: (run) => [
    ...[FILES.order, FILES.scores, FILES.heldOut].map((path) => run.file(path)),
    ...tables(run, [TRANSACTIONS, RESPONSES], run.parameters.states),
  ],
  outputs: [FILES.evaluation, FILES.evaluationSummary],
  parameters: [],
  code: [import.meta.url],
  locks: readingCoop,
  async run(context) {
    const { run } = context;
    const order = await readOrder(context);
    const evaluation = await reportsSelect(
      context,
      run.dataRoot,
      order,
      { scores: context.input(run.file(FILES.scores)), heldOut: context.input(run.file(FILES.heldOut)) },
      { evaluation: context.output(FILES.evaluation), summary: context.output(FILES.evaluationSummary) },
    );
    return {
      rowsOut: evaluation.rows,
      figures: { kind: evaluation.kind, responders: evaluation.responders },
    };
  },
};
