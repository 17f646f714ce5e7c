import { HH_DATE, STATES, TITLE } from "../p2a3-input.js";
import { defineWorkflow } from "../workflow.js";

export default defineWorkflow({
  unit: "hotline-site-visitor-prospects",
  workflow: "hotline-site-visitor-prospects",
  stateMachine: "HotlineSiteVisitorProspects",
  description: "Scores recent site visitors who are not buyers of the title with its latest model",
  input: {
    title: TITLE,
    hhDate: HH_DATE,
    states: STATES,
  },
  steps: [
    { name: "Select", description: "Selects recent visitors who are not buyers", tier: "S", minutes: 60, retries: 1 },
    { name: "Score", description: "Scores them with the title's latest model", tier: "M", minutes: 120, retries: 1 },
    {
      name: "Finalize",
      description: "Suppresses recent buyers and opt-outs, stages the file",
      tier: "S",
      minutes: 60,
      retries: 1,
    },
  ],
});
