// Athanor's step: what it reads and writes, around the function that does the work.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../../athanor/workflow.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, SITE_VISITS, TITLES, TRANSACTIONS } from "../../data/schema.js";
import { modelsFolder } from "../../p2a3/models.js";
import { readingCoop, tables } from "../../p2a3/steps/files.js";
import type { HotlineParameters } from "../parameters.js";
import { selectVisitors } from "../select.js";
import { FILES } from "./files.js";

export const selectStep: Step<HotlineParameters> = {
  name: "Select",
  description: "Selects recent visitors who are not buyers",
  tier: "S",
  inputs(run) {
    const { states, title } = run.parameters;
    // It names the model by its content. Where there is none, the step says what to do about it.
    const latest = join(modelsFolder(run.dataRoot, title), "latest.json");
    return [
      run.data("prod/coop/manifest.json"),
      ...tables(run, [TITLES]),
      ...tables(run, [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES, SITE_VISITS], states),
      ...(existsSync(latest) ? [latest] : []),
    ];
  },
  outputs: [FILES.selection, FILES.model, FILES.counts],
  code: [import.meta.url],
  locks: (run) => [
    ...readingCoop(run),
    { path: modelsFolder(run.dataRoot, run.parameters.title), mode: "SHARED" as const },
  ],
  async run(context) {
    const counts = await selectVisitors(context, context.run.dataRoot, context.run.parameters, {
      selection: context.output(FILES.selection),
      model: context.output(FILES.model),
      counts: context.output(FILES.counts),
    });
    return { rowsIn: counts.visitors, rowsOut: counts.prospects, figures: { ...counts } };
  },
};
