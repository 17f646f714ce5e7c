// The cells of the joint distribution that a training sample is matched in: few values per dimension, made of what is known before a day.
import { literal } from "../../../lib/duckdb.js";
import { LOOKBACK_DAYS } from "../calendar.js";

/** The census regions of the United States and the District of Columbia's. */
const REGIONS = {
  northeast: ["ct", "me", "ma", "nh", "ri", "vt", "nj", "ny", "pa"],
  midwest: ["il", "in", "mi", "oh", "wi", "ia", "ks", "mn", "mo", "ne", "nd", "sd"],
  south: ["de", "fl", "ga", "md", "nc", "sc", "va", "dc", "wv", "al", "ky", "ms", "tn", "ar", "la", "ok", "tx"],
} as const;

/** Dimensions in the order in which a cell is named. */
export const DIMENSIONS = ["recency", "frequency", "money", "demographics", "region"] as const;

const FREQUENCY_DAYS = 84;

/**
 * SQL of a household's cell as of a day: household_id, the dimensions, and `cell`, their values with a `/` between.
 * Needs the view `transactions`. Only rows from before the day are read.
 * @param households SQL of rows of household_id, state and the demographic columns
 */
export function cellQuery(asOf: string, households: string): string {
  const day = `DATE ${literal(asOf)}`;
  const region = Object.entries(REGIONS)
    .map(([name, states]) => `WHEN state IN (${states.map(literal).join(", ")}) THEN ${literal(name)}`)
    .join(" ");
  return `
  WITH chosen AS (SELECT * FROM ${households}),
  bought AS (
    SELECT household_id, basket_id, min(${day} - transaction_timestamp::DATE) AS ago, sum(sales_value::DECIMAL(12, 2)) AS spend
    FROM transactions
    WHERE transaction_timestamp < ${day} AND transaction_timestamp >= ${day} - ${LOOKBACK_DAYS}
      AND household_id IN (SELECT household_id FROM chosen)
    GROUP BY household_id, basket_id),
  behaviour AS (
    SELECT household_id, min(ago) AS recency, count(*) FILTER (WHERE ago <= ${FREQUENCY_DAYS}) AS baskets,
      sum(spend) FILTER (WHERE ago <= ${FREQUENCY_DAYS}) AS spend
    FROM bought GROUP BY household_id),
  described AS (
    SELECT household_id,
      CASE WHEN recency <= 7 THEN '0-7' WHEN recency <= 28 THEN '8-28' WHEN recency <= ${FREQUENCY_DAYS} THEN '29-84' ELSE 'over 84' END AS recency,
      CASE WHEN coalesce(baskets, 0) = 0 THEN '0' WHEN baskets <= 6 THEN '1-6' WHEN baskets <= 18 THEN '7-18' ELSE 'over 18' END AS frequency,
      CASE WHEN coalesce(spend, 0) < 100 THEN 'under 100' WHEN spend < 500 THEN '100-499' ELSE '500 and over' END AS money,
      CASE WHEN age IS NULL THEN 'unknown' WHEN age IN ('19-24', '25-34', '35-44') THEN 'under 45' ELSE '45 and over' END AS demographics,
      CASE ${region} ELSE 'west' END AS region
    FROM chosen LEFT JOIN behaviour USING (household_id))
  SELECT *, concat_ws('/', ${DIMENSIONS.join(", ")}) AS cell FROM described`;
}
