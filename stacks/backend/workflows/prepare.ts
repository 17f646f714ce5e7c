import { defineWorkflow } from "../workflow.js";

export default defineWorkflow({
  unit: "coop-data",
  workflow: "prepare",
  stateMachine: "Prepare",
  description:
    "Makes the co-operative's data on the shared file system from the source data, and its artefacts in the bucket",
  input: {
    scale: { type: "integer", min: 1, max: 1000, default: 1, description: "how many copies of each household" },
  },
  steps: [
    {
      name: "Prepare",
      description: "Households, transactions, promotions, responses, site visits",
      tier: "M",
      minutes: 240,
      retries: 1,
      command: ["prepare", "--scale", "{% $string($input.scale) %}"],
    },
  ],
});
