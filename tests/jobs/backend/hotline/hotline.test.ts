// HotlineSiteVisitorProspects: who is selected, scored, left out, and what is refused.
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finalizeHotline, type HotlineCounts } from "../../../../jobs/backend/hotline/finalize.js";
import { scoreVisitors } from "../../../../jobs/backend/hotline/score.js";
import { selectVisitors } from "../../../../jobs/backend/hotline/select.js";
import { type Latest, modelsFolder } from "../../../../jobs/backend/p2a3/models.js";
import { Database } from "../../../../jobs/lib/duckdb.js";
import { temporaryFolder, wholeData, withTables } from "../data/support.js";
import { query, root, runOf, withTools } from "../p2a3/support.js";

const TITLE = "SALAD BAR";
const COMMITTED = join(root, "data", "models", "salad-bar");
const REQUEST = { title: TITLE, hhDate: "2017-11-04" };

/** A data root with the co-operative's data and, as the title's models, those that the repository carries. */
async function rootWithModel(change: (models: string) => void = () => undefined): Promise<string> {
  const { dataRoot } = await wholeData();
  const own = temporaryFolder();
  cpSync(join(dataRoot, "prod", "coop"), join(own, "prod", "coop"), { recursive: true });
  cpSync(COMMITTED, modelsFolder(own, TITLE), { recursive: true });
  change(modelsFolder(own, TITLE));
  return own;
}

async function runHotline(dataRoot: string, request: { title: string; hhDate: string; states?: string[] }) {
  const folder = temporaryFolder();
  const paths = {
    selection: join(folder, "selection.parquet"),
    model: join(folder, "model"),
    counts: join(folder, "counts.json"),
    scored: join(folder, "scored.parquet"),
    results: join(folder, "results"),
  };
  await withTools((tools) => selectVisitors(tools, dataRoot, request, paths));
  await withTools((tools) => scoreVisitors(tools, paths, paths.scored));
  const counts = await withTools((tools) => finalizeHotline(tools, dataRoot, request, paths, paths.results));
  return { ...paths, file: join(paths.results, "prospects.parquet"), result: counts };
}

describe("HotlineSiteVisitorProspects", function () {
  this.timeout(300_000);
  let dataRoot: string;
  let ran: Awaited<ReturnType<typeof runHotline>>;
  let counts: HotlineCounts;
  before(async () => {
    dataRoot = await rootWithModel();
    ran = await runHotline(dataRoot, REQUEST);
    counts = ran.result;
  });

  it("delivers exactly the visitors who have never bought before the day, and have not opted out", () =>
    withTables(dataRoot, async (db) => {
      const bought = (from: string) =>
        `SELECT household_id FROM transactions WHERE title = '${TITLE}'
         AND transaction_timestamp >= TIMESTAMP '${from}' AND transaction_timestamp < TIMESTAMP '2017-11-04'`;
      const expected = await db.rows(
        `SELECT DISTINCT household_id, state FROM site_visits
         WHERE title = '${TITLE}' AND visited_at >= TIMESTAMP '2017-10-07' AND visited_at < TIMESTAMP '2017-11-04'
           AND household_id NOT IN (${bought("2016-01-01")})
           AND household_id NOT IN (SELECT household_id FROM opt_outs WHERE since <= DATE '2017-11-04')
         ORDER BY household_id`,
      );
      assert.ok(expected.length > 10, `${expected.length}`);
      const [former] = await db.rows<{ households: number }>(
        `SELECT count(DISTINCT household_id) AS households FROM site_visits
         WHERE title = '${TITLE}' AND visited_at >= TIMESTAMP '2017-10-07' AND visited_at < TIMESTAMP '2017-11-04'
           AND household_id IN (${bought("2016-01-01")}) AND household_id NOT IN (${bought("2017-04-22")})`,
      );
      assert.ok(
        (former?.households ?? 0) > 0,
        "there are visitors whose last purchase is long ago, none of them delivered",
      );
      assert.deepEqual(
        await query(`SELECT household_id, state FROM read_parquet('${ran.file}') ORDER BY household_id`),
        expected,
      );
    }));

  it("suppresses recent buyers and opt-outs, and its counts add up", () => {
    const { buyers, delivered, prospects, states, suppressed, visitors } = counts;
    assert.ok(suppressed.recentBuyers > 0 && suppressed.optOuts > 0, JSON.stringify(suppressed));
    assert.equal(buyers + prospects, visitors);
    assert.equal(delivered, prospects - suppressed.recentBuyers - suppressed.optOuts);
    assert.equal(
      Object.values(states).reduce((sum, count) => sum + count, 0),
      delivered,
    );
    assert.deepEqual(JSON.parse(readFileSync(join(ran.results, "counts.json"), "utf8")), counts);
  });

  it("ranks by the score that the model gives the household in a run of P2A3XGB", async () => {
    const p2a3 = await runOf((await wholeData()).dataRoot, TITLE);
    const rows = await query<{ rank: number; same: boolean; score: number }>(
      `SELECT h.rank, h.score, h.score = p.score AS same FROM read_parquet('${ran.file}') h
       JOIN read_parquet('${p2a3.file("scores")}') p USING (household_id) ORDER BY h.rank`,
    );
    assert.equal(rows.length, counts.delivered);
    rows.forEach(({ rank, same, score }, index) => {
      assert.ok(same);
      assert.equal(rank, index + 1);
      assert.ok(index === 0 || score <= (rows[index - 1]?.score ?? 0));
    });
  });

  it("a visit's later purchase is not known: what comes after hhDate changes nothing", async () => {
    const later = await rootWithModel();
    const db = await Database.open({ memoryMiB: 1024, threads: 1 }, temporaryFolder());
    try {
      for (const [table, column] of [
        ["site_visits", "visited_at"],
        ["transactions", "transaction_timestamp"],
      ])
        for (const state of readdirSync(join(later, "prod", "coop", table as string))) {
          const file = join(later, "prod", "coop", table as string, state, "part-000.parquet");
          const own = table === "site_visits" ? "SELECT * REPLACE (NOT bought AS bought)" : "SELECT *";
          await db.run(
            `CREATE OR REPLACE TABLE kept AS ${own} FROM read_parquet('${file}', hive_partitioning = false) WHERE ${column} < TIMESTAMP '2017-11-04'`,
          );
          await db.run(`COPY kept TO '${file}' (FORMAT parquet)`);
        }
    } finally {
      db.close();
    }
    const again = await runHotline(later, REQUEST);
    assert.deepEqual(again.result, counts);
    assert.deepEqual(readFileSync(again.file), readFileSync(ran.file));
  });

  it("takes the states that are asked for", async () => {
    const few = await runHotline(dataRoot, { ...REQUEST, states: ["ca", "tx", "ny"] });
    const { ca = 0, ny = 0, tx = 0 } = counts.states;
    assert.ok(ca > 0);
    assert.equal(few.result.delivered, ca + ny + tx);
    assert.ok(Object.keys(few.result.states).every((state) => ["ca", "tx", "ny"].includes(state)));
  });

  it("names the model that is missing", async () => {
    const without = await rootWithModel((models) => rmSync(models, { recursive: true }));
    await assert.rejects(
      runHotline(without, REQUEST),
      /There is no model of 'SALAD BAR': .*prod\/salad-bar\/models\/latest\.json is missing; run the workflow p2a3xgb/,
    );
  });

  it("refuses a model of other features, and one that is not what was published", async () => {
    const features = (models: string) => {
      const { folder } = JSON.parse(readFileSync(join(models, "latest.json"), "utf8")) as Latest;
      return join(models, folder, "features.json");
    };
    const edited = (edit: (spec: { version: number; names: string[] }) => unknown) =>
      rootWithModel((models) => {
        const spec = JSON.parse(readFileSync(features(models), "utf8"));
        edit(spec);
        writeFileSync(features(models), JSON.stringify(spec));
      });
    await assert.rejects(
      runHotline(await edited((spec) => (spec.version += 1)), REQUEST),
      /was trained on features of version 2, these are of version 1; train it again/,
    );
    await assert.rejects(
      runHotline(await edited((spec) => (spec.names[3] = "luck")), REQUEST),
      /was trained on other features .*luck.*; train it again/,
    );
    const tampered = await rootWithModel((models) => writeFileSync(join(features(models), "..", "model.json"), "{}"));
    await assert.rejects(runHotline(tampered, REQUEST), /is not the model of 'SALAD BAR'/);
  });

  it("refuses a title that there is not, and a day outside the data", async () => {
    await assert.rejects(runHotline(dataRoot, { ...REQUEST, title: "NAPKINS" }), /There is no title 'NAPKINS'/);
    await assert.rejects(runHotline(dataRoot, { ...REQUEST, hhDate: "2017-03-01" }), /2017-03-01 is too early/);
  });
});

describe("The model that the repository carries", function () {
  this.timeout(300_000);

  it("is small", () => {
    const bytes = readdirSync(COMMITTED, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0);
    assert.ok(bytes > 10_000 && bytes < 200_000, `${bytes} bytes`);
  });

  it("is what P2A3XGB makes of the title today, with the versions that it was made with", async function () {
    const { folder, sha256 } = JSON.parse(readFileSync(join(COMMITTED, "latest.json"), "utf8")) as Latest;
    const run = await runOf((await wholeData()).dataRoot, TITLE);
    const versions = (path: string) =>
      (JSON.parse(readFileSync(path, "utf8")) as { versions: { xgboost: string } }).versions.xgboost;
    const made = versions(join(COMMITTED, folder, "parameters.json"));
    if (made !== versions(run.file("model", "parameters.json"))) this.skip();
    assert.equal(run.json<{ model: { sha256: string } }>("model", "metrics.json").model.sha256, sha256);
  });
});
