// P2A3XGB, and its variant whose negatives are selected by Markov chain Monte Carlo.
import { defineWorkflow, type RunInfo } from "../../athanor/workflow.js";
import { titleFolder } from "../data/paths.js";
import { planCalendar } from "./calendar.js";
import { checkOrder } from "./check.js";
import { type P2a3Parameters, p2a3Parameters } from "./parameters.js";
import { finalizationStep } from "./steps/finalization.js";
import { initializeStep } from "./steps/initialize.js";
import { reportsStep } from "./steps/reports.js";
import { reportsSelectStep } from "./steps/reports-select.js";
import { sampleNegativesStep } from "./steps/sample-negatives.js";
import { sampleTargetStep } from "./steps/sample-target.js";
import { scoreStep } from "./steps/score.js";
import { scoreSelectStep } from "./steps/score-select.js";
import { trainStep } from "./steps/train.js";
import { trainSelectStep } from "./steps/train-select.js";

/** As Initialize does. */
const check = (run: RunInfo<P2a3Parameters>, signal: AbortSignal) =>
  checkOrder(run, signal, (period) => {
    planCalendar(run.parameters.hhDate, run.parameters.windowDays, period);
  });

const runFolder = ({ title }: P2a3Parameters, runId: string) => `prod/${titleFolder(title)}/p2a3/${runId}`;

export const p2a3xgb = defineWorkflow({
  name: "p2a3xgb",
  description: "Trains an XGBoost model of a title's responses, scores all households and reports",
  parameters: p2a3Parameters,
  runFolder,
  check,
  steps: [
    initializeStep,
    trainSelectStep(false),
    trainStep,
    scoreSelectStep,
    scoreStep,
    reportsSelectStep,
    reportsStep(false),
    finalizationStep(false),
  ],
});

export const p2a3xgbMcmc = defineWorkflow({
  name: "p2a3xgb-mcmc",
  description: "P2A3XGB with negatives selected by Markov chain Monte Carlo to match the target population",
  parameters: p2a3Parameters,
  runFolder,
  check,
  steps: [
    initializeStep,
    sampleTargetStep,
    sampleNegativesStep,
    trainSelectStep(true),
    trainStep,
    scoreSelectStep,
    scoreStep,
    reportsSelectStep,
    reportsStep(true),
    finalizationStep(true),
  ],
});
