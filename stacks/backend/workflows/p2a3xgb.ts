import { P2A3_INPUT } from "../p2a3-input.js";
import { defineWorkflow } from "../workflow.js";

export default defineWorkflow({
  unit: "p2a3xgb2",
  workflow: "p2a3xgb",
  stateMachine: "P2A3XGB",
  description: "Trains an XGBoost model of a title's responses, scores all households and reports",
  input: P2A3_INPUT,
  steps: [
    {
      name: "Initialize",
      description: "Checks the input, makes the run's folders",
      tier: "S",
      minutes: 30,
      retries: 1,
    },
    { name: "TrainSelect", description: "Selects the training set", tier: "S", minutes: 120, retries: 1 },
    { name: "Train", description: "Trains the model", tier: "L", minutes: 360, retries: 1 },
    { name: "ScoreSelect", description: "Prepares all households for scoring", tier: "M", minutes: 240, retries: 1 },
    {
      name: "Score",
      description: "Scores all households",
      tier: "XXL",
      minutes: 360,
      retries: 1,
      partitions: "partitions",
      merge: { tier: "M", minutes: 120 },
    },
    { name: "ReportsSelect", description: "Prepares the reports' data", tier: "S", minutes: 120, retries: 1 },
    { name: "Reports", description: "Reports on the model's performance", tier: "XXL", minutes: 240, retries: 1 },
    { name: "Finalization", description: "Stages the outputs, cleans up", tier: "S", minutes: 60, retries: 1 },
  ],
});
