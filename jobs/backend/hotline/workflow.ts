// HotlineSiteVisitorProspects: recent visitors of a title's site who are not buyers of it, scored.
import { defineWorkflow } from "../../athanor/workflow.js";
import { titleFolder } from "../data/paths.js";
import { hotlineParameters } from "./parameters.js";
import { finalizeStep } from "./steps/finalize.js";
import { scoreStep } from "./steps/score.js";
import { selectStep } from "./steps/select.js";

export const hotline = defineWorkflow({
  name: "hotline-site-visitor-prospects",
  description: "Scores recent site visitors who are not buyers of the title with its latest model",
  parameters: hotlineParameters,
  runFolder: ({ title }, runId) => `prod/${titleFolder(title)}/hotline/${runId}`,
  steps: [selectStep, scoreStep, finalizeStep],
});
