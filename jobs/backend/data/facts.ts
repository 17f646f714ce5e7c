// What the source's files say once put together, of its own households only; copies are made of these tables when they are written.
import type { Database } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import { titleFolder } from "./paths.js";

/**
 * Sums as the source's cents, so that the order of addition does not matter.
 * @param column an amount in USD
 */
const usd = (column: string) => `CAST(sum(CAST(${column} AS DECIMAL(18, 2))) AS DOUBLE)`;

/** Tables of the source's households, in the order in which they need each other. */
const FACTS = {
  products: `
    SELECT product_id, department AS title, manufacturer_id, brand, product_category, product_type, package_size
    FROM source_products`,

  // Sorted by household: a copy's rows are then found together.
  transactions: `
    SELECT t.household_id AS source_household_id, p.title, t.product_id, p.product_category, t.basket_id, t.store_id, t.quantity,
      t.sales_value, t.retail_disc, t.coupon_disc, t.coupon_match_disc, t.transaction_timestamp
    FROM source_transactions t LEFT JOIN fact_products p USING (product_id)
    ORDER BY t.household_id, t.transaction_timestamp, t.basket_id, t.product_id`,

  households: `
    SELECT h.household_id AS source_household_id, d.* EXCLUDE (household_id), d.household_id IS NOT NULL AS has_demographics
    FROM (
      SELECT household_id FROM source_transactions UNION SELECT household_id FROM source_demographics
      UNION SELECT household_id FROM source_campaigns
    ) h LEFT JOIN source_demographics d USING (household_id)
    ORDER BY ALL`,

  // A promotion is a campaign as far as it has coupons for a title's products.
  promotion_products: `
    SELECT DISTINCT f.folder || '-' || c.campaign_id AS promotion_id, c.campaign_id, p.title, c.product_id
    FROM source_coupons c JOIN fact_products p USING (product_id) JOIN title_folders f USING (title)`,

  promotions: `
    SELECT DISTINCT p.promotion_id, p.title, c.campaign_id, d.campaign_type, c.household_id AS source_household_id,
      CAST(d.start_date AS DATE) AS mail_date, CAST(d.end_date AS DATE) AS end_date
    FROM source_campaigns c
      JOIN source_campaign_descriptions d USING (campaign_id)
      JOIN (SELECT DISTINCT promotion_id, campaign_id, title FROM fact_promotion_products) p USING (campaign_id)`,

  purchases: `
    SELECT m.promotion_id, m.title, m.source_household_id, CAST(t.transaction_timestamp AS DATE) AS response_date, t.product_id,
      t.sales_value
    FROM fact_promotions m
      JOIN fact_promotion_products p USING (promotion_id)
      JOIN fact_transactions t ON t.source_household_id = m.source_household_id AND t.product_id = p.product_id
        AND CAST(t.transaction_timestamp AS DATE) BETWEEN m.mail_date AND m.end_date`,

  // A coupon of several titles is the title's of which most was bought with it that day; failing that, of which it has most products.
  redemptions: `
    WITH coupon_titles AS (
      SELECT c.coupon_upc, c.campaign_id, p.promotion_id, p.title, count(*) AS products
      FROM source_coupons c JOIN fact_promotion_products p USING (campaign_id, product_id)
      GROUP BY ALL
    ), redemptions AS (
      SELECT household_id AS source_household_id, coupon_upc, campaign_id, CAST(redemption_date AS DATE) AS response_date
      FROM source_coupon_redemptions
    ), bought AS (
      SELECT b.source_household_id, c.coupon_upc, c.campaign_id, b.promotion_id, b.response_date, ${usd("b.sales_value")} AS sales_value
      FROM fact_purchases b
        JOIN fact_promotion_products p USING (promotion_id, product_id)
        JOIN source_coupons c ON c.campaign_id = p.campaign_id AND c.product_id = p.product_id
        SEMI JOIN redemptions r ON r.source_household_id = b.source_household_id AND r.coupon_upc = c.coupon_upc
          AND r.campaign_id = c.campaign_id AND r.response_date = b.response_date
      GROUP BY ALL
    )
    SELECT r.source_household_id, c.promotion_id, c.title, r.response_date, b.sales_value
    FROM redemptions r
      JOIN coupon_titles c USING (coupon_upc, campaign_id)
      LEFT JOIN bought b USING (source_household_id, coupon_upc, campaign_id, promotion_id, response_date)
    QUALIFY row_number() OVER (
      PARTITION BY r.source_household_id, r.coupon_upc, r.campaign_id, r.response_date
      ORDER BY b.sales_value DESC NULLS LAST, c.products DESC, c.title
    ) = 1`,

  responses: `
    SELECT promotion_id, title, source_household_id, 'purchase' AS kind, response_date, count(*) AS responses,
      ${usd("sales_value")} AS sales_value
    FROM fact_purchases GROUP BY ALL
    UNION ALL
    SELECT promotion_id, title, source_household_id, 'redemption', response_date, count(*), ${usd("sales_value")}
    FROM fact_redemptions r
    WHERE EXISTS (
      FROM fact_promotions m WHERE m.promotion_id = r.promotion_id AND m.source_household_id = r.source_household_id
        AND r.response_date BETWEEN m.mail_date AND m.end_date
    )
    GROUP BY ALL`,

  // What was bought of a title at once, with the categories; the visits of sites are made of it.
  basket_titles: `
    SELECT source_household_id, title, basket_id, min(transaction_timestamp) AS bought_at,
      coalesce(list_sort(list(DISTINCT product_category) FILTER (product_category IS NOT NULL)), []) AS categories
    FROM fact_transactions WHERE title IS NOT NULL
    GROUP BY ALL`,

  titles: `
    SELECT f.title, f.folder, p.products, coalesce(t.buyers, 0) AS buyers, coalesce(t.baskets, 0) AS baskets,
      coalesce(t.sales_value, 0) AS sales_value, coalesce(m.promotions, 0) AS promotions, t.first_sale, t.last_sale
    FROM title_folders f
      JOIN (SELECT title, count(*) AS products FROM fact_products GROUP BY title) p USING (title)
      LEFT JOIN (
        SELECT title, count(DISTINCT source_household_id) AS buyers, count(DISTINCT basket_id) AS baskets,
          ${usd("sales_value")} AS sales_value, CAST(min(transaction_timestamp) AS DATE) AS first_sale,
          CAST(max(transaction_timestamp) AS DATE) AS last_sale
        FROM fact_transactions GROUP BY title
      ) t USING (title)
      LEFT JOIN (SELECT title, count(DISTINCT promotion_id) AS promotions FROM fact_promotions GROUP BY title) m USING (title)`,
} as const;

/** Numbers of a copy are apart from those of another as long as the source's stay below these. */
export const HOUSEHOLD_STEP = 10_000;
export const BASKET_STEP = 100_000_000_000;

/** A household of the source as derivation needs it. */
export interface SourceHousehold extends Record<string, unknown> {
  source_household_id: number;
  household_comp: string | null;
}

/**
 * Makes the tables `fact_<name>` of the views of `openSources`.
 * @returns the source's households, by number
 * @throws InputError when the source has no rows that are needed, or numbers that are too large for copies
 */
export async function gatherFacts(db: Database): Promise<SourceHousehold[]> {
  const titles = await db.rows<{ title: string }>(
    "SELECT DISTINCT department AS title FROM source_products WHERE department IS NOT NULL ORDER BY title",
  );
  await db.run("CREATE TABLE title_folders (title VARCHAR, folder VARCHAR)");
  await db.append("title_folders", [titles.map((row) => row.title), titles.map((row) => titleFolder(row.title))]);
  for (const [name, query] of Object.entries(FACTS)) await db.run(`CREATE TABLE fact_${name} AS ${query}`);
  const { households, baskets, lines } = await db.row<{ households: number; baskets: number; lines: number }>(
    `SELECT coalesce(max(source_household_id), 0) AS households, coalesce(max(basket_id), 0) AS baskets, count(*) AS lines
     FROM fact_transactions`,
  );
  if (lines === 0) throw new InputError("transactions.parquet has no rows");
  if (households >= HOUSEHOLD_STEP || baskets >= BASKET_STEP)
    throw new InputError(
      `Household ${households} or basket ${baskets} is too large a number: copies add ${HOUSEHOLD_STEP} and ${BASKET_STEP}`,
    );
  return db.rows<SourceHousehold>(
    "SELECT source_household_id, household_comp FROM fact_households ORDER BY source_household_id",
  );
}
