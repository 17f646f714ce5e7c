// HotlineSiteVisitorProspects: recent visitors of a title's site who are not buyers of it, scored.
import { existsSync } from "node:fs";
import { defineWorkflow } from "../../athanor/workflow.js";
import { manifestPath, titleFolder } from "../data/paths.js";
import { checkOrder } from "../p2a3/check.js";
import { latestModel } from "../p2a3/models.js";
import { hotlineParameters } from "./parameters.js";
import { checkHotlineDate } from "./select.js";
import { finalizeStep } from "./steps/finalize.js";
import { scoreStep } from "./steps/score.js";
import { selectStep } from "./steps/select.js";

export const hotline = defineWorkflow({
  name: "hotline-site-visitor-prospects",
  description: "Scores recent site visitors who are not buyers of the title with its latest model",
  parameters: hotlineParameters,
  runFolder: ({ title }, runId) => `prod/${titleFolder(title)}/hotline/${runId}`,
  check: async (run, signal) => {
    await checkOrder(run, signal, (period) => checkHotlineDate(run.parameters.hhDate, period));
    if (existsSync(manifestPath(run.dataRoot))) await latestModel(run.dataRoot, run.parameters.title);
  },
  steps: [selectStep, scoreStep, finalizeStep],
});
