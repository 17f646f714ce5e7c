import { defineWorkflow } from "../workflow.js";
import p2a3xgb from "./p2a3xgb.js";

const [initialize, ...rest] = p2a3xgb.steps;

export default defineWorkflow({
  ...p2a3xgb,
  unit: "p2a3xgb2-future",
  workflow: "p2a3xgb-mcmc",
  stateMachine: "P2A3XGB-MCMC",
  description: "P2A3XGB with negatives selected by Markov chain Monte Carlo to match the target population",
  steps: [
    ...(initialize ? [initialize] : []),
    {
      name: "SampleTarget",
      description: "Describes the target population and the candidates",
      tier: "S",
      minutes: 120,
      retries: 1,
    },
    {
      name: "SampleNegatives",
      description: "Selects negatives by Metropolis–Hastings",
      tier: "L",
      minutes: 240,
      retries: 1,
    },
    ...rest,
  ],
});
