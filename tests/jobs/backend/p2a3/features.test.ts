// Features are of what was known before their day, and are what they say they are.
import assert from "node:assert/strict";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TRANSACTIONS } from "../../../../jobs/backend/data/schema.js";
import { createViews } from "../../../../jobs/backend/p2a3/coop.js";
import { featureQuery, featureSpec } from "../../../../jobs/backend/p2a3/features.js";
import { Database } from "../../../../jobs/lib/duckdb.js";
import { prepareIn, smallSource, temporaryFolder } from "../data/support.js";

const TABLES = [HOUSEHOLDS, TRANSACTIONS, PROMOTIONS, RESPONSES];
const WHEN = { transactions: "transaction_timestamp", promotions: "mail_date", responses: "response_date" } as const;
const SPEC = featureSpec({
  title: "DELI",
  windowDays: 28,
  departments: ["GROCERY", "PRODUCE"],
  categories: ["DELI MEATS", "CHEESES"],
});

describe("P2A3: features", () => {
  let dataRoot: string;
  let db: Database;
  before(async function () {
    this.timeout(120_000);
    dataRoot = temporaryFolder();
    await prepareIn(dataRoot, { source: await smallSource() });
    db = await Database.open({ memoryMiB: 2048, threads: 2 }, temporaryFolder());
    await createViews(db, dataRoot, TABLES);
    for (const { name } of TABLES) await db.run(`CREATE TABLE true_${name} AS FROM ${name}`);
  });
  after(() => db.close());

  /** The features as of a day, of the true rows but for those that `change` makes of a table's. */
  async function features(asOf: string, change: (table: keyof typeof WHEN) => string | undefined = () => undefined) {
    for (const { name } of TABLES) {
      const changed = name === "households" ? undefined : change(name as keyof typeof WHEN);
      await db.run(`CREATE OR REPLACE VIEW ${name} AS ${changed ?? `FROM true_${name}`}`);
    }
    return db.rows(`FROM (${featureQuery(SPEC, asOf)}) ORDER BY household_id`);
  }

  for (const asOf of ["2017-07-20", "2017-09-09", "2017-11-04", "2017-12-25"])
    it(`as of ${asOf} nothing of that day or later changes any of them`, async () => {
      const known = await features(asOf);
      assert.ok(known.length > 40);
      const later = (table: keyof typeof WHEN) => `${WHEN[table]} >= DATE '${asOf}'`;
      const gone = await features(asOf, (table) => `FROM true_${table} WHERE NOT (${later(table)})`);
      assert.deepEqual(gone, known);
      // What came is now three times as much, of other titles and households, and answers that nobody has given.
      const otherwise = await features(asOf, (table) =>
        table === "transactions"
          ? `SELECT * FROM true_transactions WHERE NOT (${later(table)}) UNION ALL
             SELECT * REPLACE (household_id + 50 AS household_id, 'DELI' AS title, sales_value * 3 AS sales_value)
             FROM true_transactions WHERE ${later(table)} UNION ALL
             SELECT * FROM true_transactions WHERE ${later(table)}`
          : `SELECT * REPLACE (CASE WHEN ${later(table)} THEN 'DELI' ELSE title END AS title) FROM true_${table} UNION ALL
             FROM true_${table} WHERE ${later(table)}`,
      );
      assert.deepEqual(otherwise, known);
    });

  it("a purchase the second before the day is known, one at its first second is not", async () => {
    const asOf = "2017-11-04";
    const bought = (at: string) => (table: keyof typeof WHEN) =>
      table === "transactions"
        ? `FROM true_transactions UNION ALL SELECT * REPLACE (-1 AS basket_id, 'DELI' AS title, TIMESTAMP '${at}' AS transaction_timestamp)
           FROM (SELECT * FROM true_transactions ORDER BY household_id, basket_id, product_id LIMIT 1)`
        : undefined;
    const known = await features(asOf);
    assert.deepEqual(await features(asOf, bought("2017-11-04 00:00:00")), known);
    const before = await features(asOf, bought("2017-11-03 23:59:59"));
    assert.equal(before[0]?.title_recency_days, 1);
    assert.equal(before[0]?.title_baskets_28, Number(known[0]?.title_baskets_28) + 1);
    assert.deepEqual(before.slice(1), known.slice(1));
  });

  it("are what a plain count of the receipts gives", async () => {
    const asOf = "2017-10-07";
    const found = await features(asOf);
    const plain = await db.rows<Record<string, number | null>>(`
      SELECT h.household_id,
        (SELECT count(DISTINCT basket_id) FROM true_transactions t WHERE t.household_id = h.household_id AND title = 'DELI'
           AND transaction_timestamp >= TIMESTAMP '2017-07-15' AND transaction_timestamp < TIMESTAMP '2017-10-07') AS title_baskets_84,
        (SELECT round(sum(sales_value), 2) FROM true_transactions t WHERE t.household_id = h.household_id
           AND transaction_timestamp >= TIMESTAMP '2017-09-09' AND transaction_timestamp < TIMESTAMP '2017-10-07') AS spend_28,
        (SELECT min(DATE '2017-10-07' - transaction_timestamp::DATE) FROM true_transactions t WHERE t.household_id = h.household_id
           AND title = 'GROCERY' AND transaction_timestamp >= TIMESTAMP '2017-04-22' AND transaction_timestamp < TIMESTAMP '2017-10-07') AS recency,
        (SELECT count(DISTINCT campaign_id) FROM true_promotions p WHERE p.household_id = h.household_id AND title = 'DELI'
           AND mail_date >= DATE '2017-04-22' AND mail_date < DATE '2017-10-07') AS mailings,
        CASE age WHEN '19-24' THEN 1 WHEN '25-34' THEN 2 WHEN '35-44' THEN 3 WHEN '45-54' THEN 4 WHEN '55-64' THEN 5 WHEN '65+' THEN 6 END AS age
      FROM true_households h ORDER BY household_id`);
    assert.equal(found.length, plain.length);
    plain.forEach((expected, index) => {
      const row = found[index] as Record<string, number | null>;
      assert.equal(row.household_id, expected.household_id);
      assert.equal(row.title_baskets_84, expected.title_baskets_84);
      assert.equal(row.spend_28, Math.fround(expected.spend_28 ?? 0));
      assert.equal(row.department_grocery_recency_days, expected.recency);
      assert.equal(row.title_mailings, expected.mailings);
      assert.equal(row.age, expected.age);
    });
    assert.ok(plain.some(({ mailings }) => (mailings ?? 0) > 0) && plain.some(({ age }) => age === null));
  });
});
