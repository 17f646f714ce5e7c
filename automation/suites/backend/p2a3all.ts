// P2A3XGB and its variant with sampled negatives, on all households: models that are good at what nobody knew when they were made.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { defineTest } from "../test.js";
import { pathIn, resultsOf } from "./backend.js";
import { checkSteps, FOLDER, HH_DATE, TITLE, verifyResults } from "./p2a3.js";

const STEPS = [
  "Initialize",
  "TrainSelect",
  "Train",
  "ScoreSelect",
  "Score",
  "ReportsSelect",
  "Reports",
  "Finalization",
];
const SAMPLED_STEPS = ["Initialize", "SampleTarget", "SampleNegatives", ...STEPS.slice(1)];
const INPUT = { title: TITLE, hhDate: HH_DATE };

const Sampling = z.object({
  acceptance: z.number(),
  distance: z.object({ joint: z.object({ before: z.number(), after: z.number() }) }),
});

export const p2a3all = defineTest({
  name: "p2a3all",
  suites: ["core"],
  description:
    "P2A3XGB and P2A3XGB-MCMC train on real responses, score all households and report; the models beat chance clearly",
  units: ["p2a3xgb2", "p2a3xgb2-future"],
  dependsOn: ["coop-data"],
  memoryMiB: 4096,
  async run({ run }) {
    const plain = await run("p2a3xgb", INPUT);
    return { plain, sampled: await run("p2a3xgb-mcmc", INPUT) };
  },
  capture: ({ plain, sampled }) => resultsOf(`${FOLDER}/p2a3`, plain, sampled),
  async verify(context, { plain, sampled }, captured) {
    const { check } = context;
    check.equal("how the executions ended", [plain.status, sampled.status], ["SUCCEEDED", "SUCCEEDED"]);
    if (plain.status !== "SUCCEEDED" || sampled.status !== "SUCCEEDED") return [];
    checkSteps(context, plain, STEPS);
    checkSteps(context, sampled, SAMPLED_STEPS);
    const diagnostics = pathIn(captured(sampled.name), "reports/sampling.json");
    const sampling = Sampling.parse(JSON.parse(await readFile(diagnostics, "utf8")));
    const { before, after } = sampling.distance.joint;
    check.that(
      "sampling brings the training set nearer to the target",
      after < before / 2,
      { before, after },
      "less than half",
    );
    check.that(
      "the chain moves",
      sampling.acceptance > 0.01 && sampling.acceptance < 1,
      sampling.acceptance,
      "some proposals are accepted, some are not",
    );
    return [
      ...(await verifyResults(context, plain, captured(plain.name))),
      ...(await verifyResults(context, sampled, captured(sampled.name))),
    ];
  },
});
