import { HH_DATE, STATES, TITLE } from "../p2a3-input.js";
import { defineWorkflow } from "../workflow.js";

export default defineWorkflow({
  unit: "p2a3xgb-counts-only",
  workflow: "p2a3-counts-only",
  stateMachine: "P2A3-CountsOnly",
  description: "Counts households by segment, state and recency, without training or scoring",
  input: { title: TITLE, hhDate: HH_DATE, states: STATES },
  steps: [{ name: "Counts", description: "Counts by segment, state and recency", tier: "S", minutes: 60, retries: 1 }],
});
