// The model is real: on days after all it has learned of, it tells those who respond from those who do not.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../../../jobs/backend/p2a3/report/report.js";
import type { Metrics } from "../../../../jobs/backend/p2a3/train.js";
import { wholeData } from "../data/support.js";
import { query, type Ran, runOf, runPipeline } from "./support.js";

/** Titles from which 5 to 40 percent of the households buy in the window, with the least AUC and lift that are accepted. */
const TITLES = [
  { title: "DELI", auc: 0.78, lift: 2.2 },
  { title: "FUEL", auc: 0.85, lift: 3.5 },
  { title: "SALAD BAR", auc: 0.78, lift: 4 },
  { title: "COSMETICS", auc: 0.74, lift: 3 },
];
const FIRST = "DELI";

/** Every file of a folder with its digest. */
function digests(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  );
}

describe("P2A3XGB on real responses", function () {
  this.timeout(600_000);
  let dataRoot: string;
  let first: Ran;
  before(async () => {
    ({ dataRoot } = await wholeData());
    first = await runOf(dataRoot, FIRST);
  });

  for (const { auc, lift, title } of TITLES)
    it(`${title}: AUC of at least ${auc} and a top decile's lift of at least ${lift} in the window after hhDate`, async () => {
      const run = await runOf(dataRoot, title);
      const { evaluation, measures, topDecile } = run.json<Report>("reports", "report.json");
      assert.deepEqual([evaluation.kind, evaluation.from, evaluation.to], ["time", "2017-11-04", "2017-12-02"]);
      assert.ok(measures.rate > 0.05 && measures.rate < 0.4, `${measures.rate} responded`);
      assert.ok(Number(measures.auc) >= auc, `AUC ${measures.auc}`);
      assert.ok(Number(measures.auc) - 4 * Number(measures.aucStandardError) > 0.5);
      assert.ok(Number(topDecile.lift) >= lift, `lift ${topDecile.lift}`);
      assert.ok(measures.calibrationError < 0.06, `calibration ${measures.calibrationError}`);
    });

  it("the outcome it is measured on is what the transactions and responses say", async () => {
    const responders = `
      SELECT DISTINCT household_id FROM read_parquet('${dataRoot}/prod/coop/transactions/*/*.parquet')
      WHERE title = '${FIRST}' AND transaction_timestamp >= '2017-11-04' AND transaction_timestamp < '2017-12-02'
      UNION SELECT household_id FROM read_parquet('${dataRoot}/prod/coop/responses/*/*.parquet')
      WHERE title = '${FIRST}' AND response_date >= '2017-11-04' AND response_date < '2017-12-02'`;
    const [row] = await query<{ rows: number; right: number }>(
      `SELECT count(*) AS rows, count(*) FILTER (WHERE (label = 1) = (household_id IN (${responders}))) AS right
       FROM read_parquet('${first.file("evaluation")}')`,
    );
    assert.deepEqual(row, { rows: 2469, right: 2469 });
  });

  it("the AUC is the share of pairs in the right order", async () => {
    const [row] = await query<{ auc: number }>(
      `SELECT avg(CASE WHEN a.score > b.score THEN 1.0 WHEN a.score = b.score THEN 0.5 ELSE 0 END) AS auc
       FROM read_parquet('${first.file("evaluation")}') a, read_parquet('${first.file("evaluation")}') b
       WHERE a.label = 1 AND b.label = 0`,
    );
    const { measures } = first.json<Report>("reports", "report.json");
    assert.ok(Math.abs(Number(row?.auc) - Number(measures.auc)) < 1e-9);
  });

  it("no household trains the model and tests it, whatever the day", async () => {
    const [row] = await query<{ households: number; most: number; rows: number }>(
      `SELECT count(*) AS households, max(splits) AS most, sum(rows)::BIGINT AS rows FROM (
         SELECT household_id, count(DISTINCT split) AS splits, count(*) AS rows FROM read_parquet('${first.file("training")}') GROUP BY 1)`,
    );
    assert.equal(row?.most, 1);
    const { splits } = first.json<Metrics>("model", "metrics.json");
    assert.equal(splits.train.rows + splits.validation.rows + splits.test.rows, row?.rows);
    assert.ok(Number(splits.test.auc) > 0.75);
  });

  it("scores every household once, the best first", async () => {
    const [row] = await query<Record<string, unknown>>(
      `SELECT count(*) AS rows, count(DISTINCT household_id) AS households, min(rank) AS first, max(rank) AS last,
         bool_and(score > 0 AND score < 1) AS shares, bool_and(ordered) AS ordered
       FROM (SELECT *, score <= coalesce(lag(score) OVER (ORDER BY rank), 1) AS ordered FROM read_parquet('${first.file("scores")}'))`,
    );
    assert.deepEqual(row, { rows: 2469, households: 2469, first: 1, last: 2469, shares: true, ordered: true });
  });

  it("counts by state and decile add up to the households of each state", async () => {
    const { states, scored } = first.json<Report>("reports", "report.json");
    const households = await query<{ state: string; households: number }>(
      `SELECT state, count(*) AS households FROM read_parquet('${dataRoot}/prod/coop/households/*/*.parquet', hive_partitioning = true)
       GROUP BY state ORDER BY state`,
    );
    assert.equal(scored, 2469);
    assert.deepEqual(
      states.map(({ deciles, state }) => ({ state, households: deciles.reduce((sum, count) => sum + count, 0) })),
      households,
    );
  });

  it("the page stands alone: no script, nothing loaded, every chart with its words", () => {
    const page = readFileSync(first.file("reports", "report.html"), "utf8");
    assert.doesNotMatch(page, /<script|<link|<img|src=|@import|url\(/);
    for (const label of ["Cumulative gains", "Lift by decile", "Calibration", "Feature importance"])
      assert.match(page, new RegExp(`<svg[^>]*aria-label="${label}"`));
    assert.doesNotMatch(page, /NaN|undefined|Infinity/);
  });

  it("the manifest names every file of the results with its digest and rows", async () => {
    const { files } = first.json<{ files: { path: string; sha256: string; rows?: number }[] }>(
      "results",
      "manifest.json",
    );
    const { "manifest.json": _, ...found } = digests(first.file("results"));
    assert.deepEqual(Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])), found);
    assert.equal(files.find(({ path }) => path === "scores.parquet")?.rows, 2469);
    assert.equal(files.find(({ path }) => path === "reports/gains.parquet")?.rows, 10);
    assert.ok(files.every(({ path, rows }) => path.endsWith(".parquet") === (rows !== undefined)));
  });

  it("another run of the same is the same, byte for byte; with another seed it is another model", async () => {
    const again = await runPipeline(dataRoot, { title: FIRST });
    assert.deepEqual(digests(again.folder), digests(first.folder));
    const other = await runPipeline(dataRoot, { title: FIRST, seed: 7 });
    assert.notEqual(digests(other.file("model"))["model.json"], digests(first.file("model"))["model.json"]);
  });

  it("states say whom to score; the model is the one of all", async () => {
    const few = await runPipeline(dataRoot, { title: FIRST, states: ["tx", "ca"], partitions: 5 });
    assert.deepEqual(digests(few.file("model")), digests(first.file("model")));
    const rows = await query<{ state: string; same: boolean }>(
      `SELECT state, bool_and(f.score = a.score) AS same FROM read_parquet('${few.file("scores")}') f
       JOIN read_parquet('${first.file("scores")}') a USING (household_id, state) GROUP BY state ORDER BY state`,
    );
    assert.deepEqual(rows, [
      { state: "ca", same: true },
      { state: "tx", same: true },
    ]);
  });

  it("where the outcome is not known yet, the report is of households held out", async () => {
    const last = await runPipeline(dataRoot, { title: FIRST, hhDate: "2017-12-24" });
    const { evaluation, measures } = last.json<Report>("reports", "report.json");
    assert.equal(evaluation.kind, "held-out");
    assert.ok(evaluation.to === "2017-12-24" && Number(measures.auc) > 0.75);
    assert.match(readFileSync(last.file("reports", "report.html"), "utf8"), /no part in training/);
  });

  it("what cannot be done is refused, and says why", async () => {
    const refused = (request: Parameters<typeof runPipeline>[1], message: RegExp) =>
      assert.rejects(runPipeline(dataRoot, request), message);
    await refused({ title: "NAPKINS" }, /There is no title 'NAPKINS'. Titles: .*DELI, /);
    await refused({ title: "DELI", hhDate: "2017-05-01" }, /2017-05-01 is too early/);
    await refused({ title: "DELI", hhDate: "2019-01-01" }, /2019-01-01 is after the co-operative's data/);
    await refused({ title: "DELI", states: ["ca", "zz"] }, /No state has the code 'zz'/);
    await refused({ title: "TOYS" }, /Too few households to train a model of 'TOYS': \d+ of \d+ in the/);
    await assert.rejects(
      runPipeline(join(dataRoot, "nowhere"), { title: "DELI" }),
      /no co-operative's data .*'prepare'/,
    );
  });
});
