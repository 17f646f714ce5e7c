import { defineWorkflow } from "../workflow.js";

export default defineWorkflow({
  unit: "template",
  workflow: "template",
  stateMachine: "Template",
  description:
    "Shows how a workflow is made: input, a plain step, a step cut into partitions, a step that is tried again",
  input: {
    message: { type: "text", pattern: ".{1,200}", description: "what the run is about" },
    partitions: { type: "integer", min: 2, max: 16, default: 2, description: "parts that the work is cut into" },
  },
  steps: [
    { name: "Initialize", description: "Writes down what the run is about", tier: "XS", minutes: 15 },
    {
      name: "Work",
      description: "Works on each partition, then puts their results together",
      tier: "XS",
      minutes: 30,
      retries: 1,
      partitions: "partitions",
      merge: { tier: "XS", minutes: 15 },
    },
    { name: "Finalize", description: "Stages the result", tier: "XS", minutes: 15 },
  ],
});
