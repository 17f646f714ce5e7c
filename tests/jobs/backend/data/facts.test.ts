import assert from "node:assert/strict";
import type { Database } from "../../../../jobs/lib/duckdb.js";
import { wholeData, withTables } from "./support.js";

describe("the co-operative's data, of all of the source", () => {
  const query = async <Row extends Record<string, unknown>>(sql: string) => {
    const { dataRoot } = await wholeData();
    return withTables(dataRoot, (db: Database) => db.rows<Row>(sql));
  };
  const value = async (sql: string) => {
    const [row] = await query(sql);
    return Object.values(row ?? {})[0];
  };
  const none = async (what: string, sql: string) => assert.equal(await value(`SELECT count(*) FROM (${sql})`), 0, what);

  it("has the source's households, with demographics where they are known", async () => {
    assert.deepEqual(
      await query(
        `SELECT count(*) AS households, count(DISTINCT household_id) AS numbers, count(*) FILTER (has_demographics) AS known,
           count(age) AS age, count(income) AS income, count(home_ownership) AS home_ownership, count(marital_status) AS marital_status,
           count(household_comp) AS household_comp
         FROM households`,
      ),
      [
        {
          households: 2469,
          numbers: 2469,
          known: 801,
          age: 801,
          income: 801,
          home_ownership: 568,
          marital_status: 664,
          household_comp: 801,
        },
      ],
    );
  });

  it("has every line of every receipt, and what it was for", async () => {
    assert.deepEqual(
      await query(
        `SELECT count(*) AS lines, count(title) AS known, count(DISTINCT basket_id) AS baskets, min(transaction_timestamp)::VARCHAR AS first,
           max(transaction_timestamp)::VARCHAR AS last, round(sum(sales_value), 2) AS sales
         FROM transactions`,
      ),
      [
        {
          lines: 1_469_307,
          known: 1_464_471,
          baskets: 155_848,
          first: "2017-01-01 11:53:26",
          last: "2018-01-01 04:01:20",
          sales: 4_596_039.58,
        },
      ],
    );
  });

  it("takes departments as titles", async () => {
    assert.deepEqual(
      await query(
        "SELECT title, folder, buyers, promotions FROM titles WHERE title IN ('GROCERY', 'DRUG GM') ORDER BY 1",
      ),
      [
        { title: "DRUG GM", folder: "drug-gm", buyers: 2404, promotions: 19 },
        { title: "GROCERY", folder: "grocery", buyers: 2458, promotions: 25 },
      ],
    );
    assert.equal(await value("SELECT count(*) FROM titles"), 32);
    assert.equal(await value("SELECT count(DISTINCT folder) FROM titles"), 32);
    await none("sales of titles", "SELECT title FROM titles WHERE title NOT IN (SELECT title FROM products)");
  });

  it("mails a campaign for each title of its coupons, to the campaign's households", async () => {
    assert.equal(await value("SELECT count(DISTINCT (campaign_id, household_id)) FROM promotions"), 6589);
    assert.equal(await value("SELECT count(*) FROM promotions"), 76_757);
    assert.deepEqual(
      await query(
        "SELECT DISTINCT mail_date::VARCHAR AS mailed, end_date::VARCHAR AS ended FROM promotions WHERE campaign_id = 18",
      ),
      [{ mailed: "2017-10-30", ended: "2017-12-24" }],
    );
    await none("a mailing without products", "FROM promotions ANTI JOIN promotion_products USING (promotion_id)");
  });

  it("has every redeemed coupon once, and the purchases of what was mailed", async () => {
    assert.equal(await value("SELECT sum(responses) FROM responses WHERE kind = 'redemption'"), 2102);
    assert.ok((await value("SELECT count(*) FROM responses WHERE kind = 'purchase'")) === 70_790);
    assert.deepEqual(await query("SELECT DISTINCT kind FROM responses ORDER BY 1"), [
      { kind: "purchase" },
      { kind: "redemption" },
    ]);
  });

  it("counts a purchase as the receipts do", async () => {
    await none(
      "sales of purchases",
      `SELECT r.promotion_id, r.household_id, r.response_date
       FROM responses r
         JOIN promotion_products p USING (promotion_id)
         JOIN transactions t ON t.household_id = r.household_id AND t.product_id = p.product_id
           AND t.transaction_timestamp::DATE = r.response_date
       WHERE r.kind = 'purchase' AND r.title = 'COSMETICS'
       GROUP BY ALL
       HAVING count(*) <> any_value(r.responses) OR abs(sum(t.sales_value) - any_value(r.sales_value)) > 0.005`,
    );
  });

  it("has no response before its mailing, after its end, or of a household that was not mailed", async () => {
    await none(
      "responses out of their time",
      `FROM responses r ANTI JOIN promotions p ON p.promotion_id = r.promotion_id AND p.household_id = r.household_id
         AND p.title = r.title AND r.response_date BETWEEN p.mail_date AND p.end_date`,
    );
  });

  it("refers to nothing that is not there", async () => {
    for (const table of ["people", "transactions", "promotions", "responses", "site_visits"])
      await none(
        `${table}: a household of another state`,
        `FROM ${table} ANTI JOIN households USING (household_id, state)`,
      );
    await none("opt-outs of nobody", "FROM opt_outs ANTI JOIN households USING (household_id)");
    await none("products of promotions", "FROM promotion_products ANTI JOIN products USING (product_id)");
    await none(
      "titles of lines",
      "SELECT title FROM transactions WHERE title IS NOT NULL EXCEPT SELECT title FROM titles",
    );
    await none("records without a truth", "FROM identities ANTI JOIN truth USING (record_id, state)");
    await none("truths without a record", "FROM truth ANTI JOIN identities USING (record_id, state)");
    await none(
      "truths of nobody",
      "SELECT person_id FROM truth WHERE person_id IS NOT NULL EXCEPT SELECT person_id FROM people",
    );
    await none("people elsewhere", "FROM people p ANTI JOIN households h USING (household_id, zip)");
    await none("households without people", "FROM households ANTI JOIN people USING (household_id)");
  });

  it("says of a visit that something was bought exactly when it was", async () => {
    await none(
      "visits that led to a purchase, or did not",
      `SELECT v.visit_id, any_value(v.bought) AS said, count(t.basket_id) > 0 AS was
       FROM site_visits v LEFT JOIN transactions t ON t.household_id = v.household_id AND t.title = v.title
         AND t.transaction_timestamp > v.visited_at AND t.transaction_timestamp <= v.visited_at + INTERVAL 3 DAY
       WHERE v.event = 0 AND v.state IN ('ca', 'ny', 'wy')
       GROUP BY v.visit_id HAVING said <> was`,
    );
    const share = Number(await value("SELECT avg(bought::INTEGER) FROM site_visits WHERE kind = 'visit'"));
    assert.ok(share > 0.4 && share < 0.6, `${share} of the visits led to a purchase`);
  });

  it("follows each visit with its browse events, of the title's categories", async () => {
    await none(
      "gaps in the events of a visit",
      "SELECT visit_id FROM site_visits GROUP BY visit_id HAVING count(*) <> max(event) + 1 OR min(event) <> 0",
    );
    await none(
      "events before their visit",
      `FROM site_visits e JOIN site_visits v ON v.visit_id = e.visit_id AND v.event = 0
       WHERE e.event > 0 AND (e.visited_at <= v.visited_at OR e.household_id <> v.household_id OR e.title <> v.title)`,
    );
    await none(
      "categories of other titles",
      `SELECT title, product_category FROM site_visits WHERE product_category IS NOT NULL
       EXCEPT SELECT title, product_category FROM products`,
    );
    assert.ok(Number(await value("SELECT count(*) FROM site_visits WHERE kind = 'browse'")) > 50_000);
  });

  it("has about 3 of 100 households that want no mail", async () => {
    const optOuts = Number(await value("SELECT count(*) FROM opt_outs"));
    // Four standard deviations of a binomial distribution.
    assert.ok(Math.abs(optOuts - 2469 * 0.03) < 4 * Math.sqrt(2469 * 0.03 * 0.97), `${optOuts}`);
  });
});
