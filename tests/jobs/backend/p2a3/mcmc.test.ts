// P2A3XGB-MCMC: negatives selected so that the training sample is distributed as the target population is.
import assert from "node:assert/strict";
import type { SamplingDiagnostics } from "../../../../jobs/backend/p2a3/mcmc/diagnostics.js";
import { sampleNegatives } from "../../../../jobs/backend/p2a3/mcmc/negatives.js";
import type { SampleTarget } from "../../../../jobs/backend/p2a3/mcmc/target.js";
import type { Report } from "../../../../jobs/backend/p2a3/report/report.js";
import type { TrainingSummary } from "../../../../jobs/backend/p2a3/trainselect.js";
import { temporaryFolder, wholeData } from "../data/support.js";
import { query, type Ran, runOf, SEED, withTools } from "./support.js";

const TITLE = "SALAD BAR";

describe("P2A3XGB-MCMC on real responses", function () {
  this.timeout(600_000);
  let run: Ran;
  let diagnostics: SamplingDiagnostics;
  before(async () => {
    const { dataRoot } = await wholeData();
    run = await runOf(dataRoot, TITLE, true);
    diagnostics = run.json<SamplingDiagnostics>("sampling");
  });

  it("brings the sample's joint distribution to less than half the distance that random negatives have", () => {
    const { dimensions, joint } = diagnostics.distance;
    assert.ok(joint.after < joint.before / 2, `${joint.before} → ${joint.after}`);
    for (const [name, { after }] of Object.entries(dimensions)) assert.ok(after < 0.03, `${name}: ${after}`);
  });

  it("the chains move, mix and agree", () => {
    const { acceptance, autocorrelationTime, chains, rHat, sweeps, trace, effectiveSamples } = diagnostics;
    assert.ok(acceptance > 0.1 && acceptance < 0.9, `${acceptance}`);
    assert.ok(rHat < 1.1, `R̂ ${rHat}`);
    assert.ok(autocorrelationTime >= 1 && effectiveSamples <= chains * sweeps && effectiveSamples > 50);
    assert.ok((trace.at(-1) ?? 1) < (trace[0] ?? 0) / 2);
  });

  it("the distance that is reported is that of the sample that trains", async () => {
    const { cells, population } = run.json<SampleTarget>("target");
    const rows = await query<{ cell: string; weight: number }>(
      `SELECT cell, sum(weight::DOUBLE) AS weight FROM read_parquet('${run.file("training")}')
       JOIN read_parquet('${run.file("candidates")}') USING (as_of, household_id) WHERE split = 'train' GROUP BY cell`,
    );
    const total = rows.reduce((sum, { weight }) => sum + weight, 0);
    const of = new Map(rows.map(({ cell, weight }) => [cell, weight]));
    const distance =
      cells.reduce((sum, { cell, target }) => sum + Math.abs((of.get(cell) ?? 0) / total - target / population), 0) / 2;
    assert.ok(Math.abs(distance - diagnostics.distance.joint.after) < 1e-6, `${distance}`);
    assert.equal(
      cells.reduce((sum, { target }) => sum + target, 0),
      2469,
    );
  });

  it("takes every responder and no negative twice; held-out households stay as they are", async () => {
    const [row] = await query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE label = 1) AS responders, count(*) FILTER (WHERE label = 0) AS negatives,
         count(DISTINCT (as_of, household_id)) AS rows
       FROM read_parquet('${run.file("training")}') WHERE split = 'train'`,
    );
    const { counts, selected } = run.json<TrainingSummary>("trainingSummary");
    const all = counts.filter(({ split }) => split === "train");
    assert.equal(
      row?.responders,
      all.reduce((sum, { responders }) => sum + responders, 0),
    );
    assert.equal(row?.negatives, diagnostics.selected);
    assert.equal(row?.rows, diagnostics.responders + diagnostics.selected);
    assert.deepEqual(selected, { negatives: diagnostics.selected, of: diagnostics.candidates });
    const [held] = await query<{ rows: number }>(
      `SELECT count(*) AS rows FROM read_parquet('${run.file("training")}') WHERE split <> 'train'`,
    );
    assert.equal(
      held?.rows,
      counts.reduce((sum, { rows, split }) => sum + (split === "train" ? 0 : rows), 0),
    );
  });

  it("its model is as good as any on the window after hhDate, and its scores are still probabilities", () => {
    const { measures, sampling } = run.json<Report>("reports", "report.json");
    assert.ok(Number(measures.auc) > 0.78, `${measures.auc}`);
    assert.ok(measures.calibrationError < 0.06, `${measures.calibrationError}`);
    assert.deepEqual(sampling, diagnostics);
  });

  it("the same seed selects the same, another one others", async () => {
    const select = async (seed: number) => {
      const chosen = `${temporaryFolder()}/chosen.parquet`;
      const inputs = { target: run.file("target"), candidates: run.file("candidates") };
      await withTools((tools) =>
        sampleNegatives(tools, inputs, seed, { chosen, diagnostics: `${temporaryFolder()}/diagnostics.json` }),
      );
      return query(`SELECT as_of::VARCHAR AS day, household_id, weight FROM read_parquet('${chosen}')`);
    };
    const expected = await query(
      `SELECT as_of::VARCHAR AS day, household_id, weight FROM read_parquet('${run.file("chosen")}')`,
    );
    assert.deepEqual(await select(SEED), expected);
    assert.notDeepEqual(await select(SEED + 1), expected);
  });
});
