// P2A3-CountsOnly: every household counted once, as plain SQL counts them.
import assert from "node:assert/strict";
import { type Counts, countHouseholds, RECENCIES, SEGMENTS } from "../../../../jobs/backend/counts/counts.js";
import { temporaryFolder, wholeData, withTables } from "../data/support.js";
import { query, withTools } from "../p2a3/support.js";

const TITLE = "DELI";
const HH_DATE = "2017-11-04";

describe("P2A3-CountsOnly", function () {
  this.timeout(120_000);
  let dataRoot: string;
  let folder: string;
  let counts: Counts;
  before(async () => {
    ({ dataRoot } = await wholeData());
    folder = temporaryFolder();
    counts = await withTools((tools) => countHouseholds(tools, dataRoot, { title: TITLE, hhDate: HH_DATE }, folder));
  });

  it("counts every household once, in each of the ways", async () => {
    assert.equal(counts.households, 2469);
    for (const way of [counts.segments, counts.recencies, counts.states])
      assert.equal(
        Object.values(way).reduce((sum, count) => sum + count, 0),
        2469,
      );
    assert.deepEqual([Object.keys(counts.segments), Object.keys(counts.recencies)], [[...SEGMENTS], [...RECENCIES]]);
    const [row] = await query<{ households: number; mailable: number }>(
      `SELECT sum(households)::BIGINT AS households, sum(mailable)::BIGINT AS mailable FROM read_parquet('${folder}/counts.parquet')`,
    );
    assert.deepEqual(row, { households: counts.households, mailable: counts.mailable });
  });

  it("says what plain SQL says", () =>
    withTables(dataRoot, async (db) => {
      const one = async (sql: string) => Number((await db.row<{ n: number }>(`SELECT count(*) AS n FROM (${sql})`)).n);
      const before = "transaction_timestamp < TIMESTAMP '2017-11-04'";
      const buyers = (from: string) =>
        `SELECT DISTINCT household_id FROM transactions WHERE title = '${TITLE}' AND ${before} AND transaction_timestamp >= TIMESTAMP '${from}'`;
      const active = await one(buyers("2017-10-07"));
      assert.equal(counts.segments.active, active);
      assert.equal(counts.segments.recent, (await one(buyers("2017-08-12"))) - active);
      const ever = await one(buyers("2000-01-01"));
      assert.equal(
        counts.segments.prospect,
        (await one(`SELECT DISTINCT household_id FROM transactions WHERE ${before}`)) - ever,
      );
      assert.equal(
        counts.recencies["0-28"],
        await one(
          `SELECT DISTINCT household_id FROM transactions WHERE ${before} AND transaction_timestamp >= TIMESTAMP '2017-10-07'`,
        ),
      );
      assert.equal(counts.mailable, 2469 - (await one(`SELECT * FROM opt_outs WHERE since <= DATE '2017-11-04'`)));
      const [spend] = await query<{ spend: number; baskets: number }>(
        `SELECT sum(title_spend)::DOUBLE AS spend, sum(title_baskets)::BIGINT AS baskets FROM read_parquet('${folder}/counts.parquet')`,
      );
      const plain = await db.row<{ spend: number; baskets: number }>(
        `SELECT round(sum(sales_value), 2) AS spend, count(DISTINCT basket_id) AS baskets FROM transactions WHERE title = '${TITLE}' AND ${before}`,
      );
      assert.deepEqual(spend, plain);
    }));

  it("counts the states that are asked for, each as among all", async () => {
    const few = await withTools((tools) =>
      countHouseholds(tools, dataRoot, { title: TITLE, hhDate: HH_DATE, states: ["tx", "ca"] }, temporaryFolder()),
    );
    assert.deepEqual(few.states, { ca: counts.states.ca, tx: counts.states.tx });
  });

  it("refuses what it cannot count", async () => {
    const refused = (request: { title: string; hhDate: string; states?: string[] }, message: RegExp) =>
      assert.rejects(
        withTools((tools) => countHouseholds(tools, dataRoot, request, temporaryFolder())),
        message,
      );
    await refused({ title: "NAPKINS", hhDate: HH_DATE }, /There is no title 'NAPKINS'/);
    await refused({ title: TITLE, hhDate: "2019-01-01" }, /2019-01-01 is after the co-operative's data/);
    await refused({ title: TITLE, hhDate: HH_DATE, states: ["xx"] }, /No state has the code 'xx'/);
  });
});
