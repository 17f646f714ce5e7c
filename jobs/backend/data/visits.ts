// Visits of titles' sites: before a part of the baskets, and by households that then bought nothing of the title for three days.
import type { Database } from "../../lib/duckdb.js";

/** Of what was bought of a title at once, how often its site was visited before. */
const BEFORE_BASKET = 0.1;
/** Visits without a purchase that a household begins in a week (some are dropped, since a purchase followed after all). */
const IDLE_PER_WEEK = 0.3;
/** A visit is at most this long before the purchase that it led to; the last moments go to its browse events. Seconds. */
const LONGEST_SECONDS = 3 * 24 * 60 * 60 - 1800;
const SHORTEST_SECONDS = 1800;
const BETWEEN_PAGES_SECONDS = 90;

/** Prepares what does not depend on the households: call once, after `gatherFacts`. */
export async function prepareVisits(db: Database): Promise<void> {
  // A number from 0 to below 1 that a text decides, by MD5: the same in every version of DuckDB.
  await db.run("CREATE MACRO draw(key) AS CAST(md5_number_lower(key) >> 11 AS DOUBLE) / 9007199254740992");
  // Which site an idle visitor comes to: by the square root of its buyers, so that small titles are visited too.
  await db.run(`
    CREATE TABLE visited_titles AS
    SELECT t.title, c.categories,
      coalesce(sum(sqrt(buyers)) OVER (ORDER BY t.title ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
        / sum(sqrt(buyers)) OVER () AS lower_share,
      sum(sqrt(buyers)) OVER (ORDER BY t.title) / sum(sqrt(buyers)) OVER () AS upper_share
    FROM fact_titles t JOIN (
      SELECT title, list_sort(list(DISTINCT product_category)) AS categories
      FROM fact_transactions WHERE title IS NOT NULL AND product_category IS NOT NULL GROUP BY title
    ) c USING (title)`);
  await db.run(`
    CREATE TABLE weeks AS
    SELECT unnest(generate_series(min(CAST(transaction_timestamp AS DATE)), max(CAST(transaction_timestamp AS DATE)), INTERVAL 7 DAY))
      AS week
    FROM fact_transactions`);
}

/** The rows of `site_visits` of the households in `members`, with `state`. */
export const SITE_VISITS_QUERY = `
  WITH before_baskets AS (
    SELECT h.state, h.household_id, b.title, b.categories, true AS bought,
      'basket/' || h.household_id || '/' || b.basket_id || '/' || b.title AS key, b.bought_at
    FROM fact_basket_titles b JOIN members h USING (source_household_id)
    WHERE draw('basket/' || h.household_id || '/' || b.basket_id || '/' || b.title) < ${BEFORE_BASKET}
  ), idle AS (
    SELECT h.state, h.household_id, h.source_household_id, 'idle/' || h.household_id || '/' || CAST(w.week AS DATE) AS key, w.week
    FROM members h CROSS JOIN weeks w
    WHERE draw('idle/' || h.household_id || '/' || CAST(w.week AS DATE)) < ${IDLE_PER_WEEK}
  ), idle_titles AS (
    SELECT i.*, t.title, t.categories,
      i.week + to_seconds(CAST(floor(draw(i.key || '/time') * ${7 * 24 * 60 * 60}) AS BIGINT)) AS visited_at
    FROM (SELECT *, draw(key || '/title') AS share FROM idle) i
      JOIN visited_titles t ON i.share >= t.lower_share AND i.share < t.upper_share
  ), visits AS (
    SELECT state, household_id, title, categories, bought, key,
      bought_at - to_seconds(CAST(${SHORTEST_SECONDS} + floor(draw(key || '/time') ^ 2 * ${LONGEST_SECONDS - SHORTEST_SECONDS}) AS BIGINT))
        AS visited_at
    FROM before_baskets
    UNION ALL
    SELECT state, household_id, title, categories, false, key, visited_at
    FROM idle_titles i
    WHERE visited_at <= (SELECT max(transaction_timestamp) FROM fact_transactions) AND NOT EXISTS (
      FROM fact_basket_titles b
      WHERE b.source_household_id = i.source_household_id AND b.title = i.title
        AND b.bought_at > i.visited_at AND b.bought_at <= i.visited_at + INTERVAL 3 DAY
    )
  ), numbered AS (
    SELECT *, substr(md5(key), 1, 16) AS visit_id,
      -- At most four categories looked at, few more often than many, beginning anywhere in the list.
      least(CAST(floor(draw(key || '/browsed') ^ 2 * 4) AS INTEGER) + CAST(bought AS INTEGER), len(categories)) AS browsed,
      CAST(floor(draw(key || '/first') * len(categories)) AS INTEGER) AS first
    FROM visits
  ), events AS (
    SELECT *, unnest(range(0, browsed + 1)) AS event FROM numbered
  )
  SELECT state, visit_id, event, household_id, title,
    CASE event WHEN 0 THEN 'visit' ELSE 'browse' END AS kind,
    visited_at + to_seconds(event * ${BETWEEN_PAGES_SECONDS}) AS visited_at,
    CASE event WHEN 0 THEN 1 + browsed + CAST(floor(draw(key || '/pages') * 3) AS INTEGER) ELSE 1 END AS pages,
    CASE event WHEN 0 THEN NULL ELSE categories[1 + (first + event - 1) % len(categories)] END AS product_category,
    bought
  FROM events`;
