// What a model may know of a household: the features, as SQL that reads nothing from the day on as of which they are.
import { createHash } from "node:crypto";
import { z } from "zod";
import { literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import { LOOKBACK_DAYS } from "./calendar.js";
import { DEMOGRAPHICS } from "./demographics.js";

/** Raise it when a feature of the same name comes to mean something else: models of another version are refused. */
export const FEATURE_VERSION = 1;

/** The windows, days before the day, in which baskets and money are counted. */
const WINDOWS = [28, 84, LOOKBACK_DAYS] as const;
const QUARTER = 84;

/** Which features a model has; a model and this belong together. */
export const featureSpecSchema = z.object({
  version: z.number(),
  title: z.string(),
  /** Length of the label's window, days; repurchase is counted in windows of this length. */
  windowDays: z.number().int().min(1),
  /** Departments with features of their own. */
  departments: z.array(z.string()),
  /** Categories of the title with features of their own. */
  categories: z.array(z.string()),
  /** Names of all features, in the matrices' order. */
  names: z.array(z.string()),
});
export type FeatureSpec = z.infer<typeof featureSpecSchema>;

/** A feature: a column of one of the query's groups. */
interface Feature {
  name: string;
  group: "household" | "overall" | "title" | "departments" | "categories" | "mail" | "answers";
  /** Aggregate of the group's rows. */
  sql: string;
  /** A count or a sum of nothing is 0; of anything else nothing is known (NULL). */
  zero: boolean;
}

/** The tables that features are made of. */
export const FEATURE_TABLES = ["households", "transactions", "promotions", "responses"] as const;

/** Puts the spec of a model together. */
export function featureSpec(choice: Omit<FeatureSpec, "version" | "names">): FeatureSpec {
  const spec = { version: FEATURE_VERSION, ...choice, names: [] };
  return { ...spec, names: featuresOf(spec).map(({ name }) => name) };
}

/**
 * Checks that features of this program are what a model was trained on.
 * @param where the model's place, for the error
 * @throws InputError when the version or the names differ
 */
export function checkFeatureSpec(spec: FeatureSpec, where: string): FeatureSpec {
  if (spec.version !== FEATURE_VERSION)
    throw new InputError(
      `The model ${where} was trained on features of version ${spec.version}, these are of version ${FEATURE_VERSION}; train it again`,
    );
  const known = featureSpec(spec).names;
  const differing = [...known, ...spec.names].filter((name) => !(known.includes(name) && spec.names.includes(name)));
  if (differing.length > 0 || known.join() !== spec.names.join())
    throw new InputError(
      `The model ${where} was trained on other features than those of version ${FEATURE_VERSION}: ` +
        `${differing.slice(0, 5).join(", ") || "in another order"}; train it again`,
    );
  return spec;
}

/** Digest of what the features are, for manifests. */
export function specDigest(spec: FeatureSpec): string {
  return createHash("sha256").update(JSON.stringify(spec)).digest("hex");
}

/** A name's letters and digits, for a column. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}

function featuresOf({ departments, categories, windowDays }: Omit<FeatureSpec, "names">): Feature[] {
  const inWindow = (days: number) => `FILTER (WHERE ago <= ${days})`;
  const purchases = (prefix: string, group: "overall" | "title"): Feature[] => [
    { name: `${prefix}recency_days`, group, sql: "min(ago)", zero: false },
    ...WINDOWS.flatMap((days): Feature[] => [
      { name: `${prefix}baskets_${days}`, group, sql: `count(*) ${inWindow(days)}`, zero: true },
      { name: `${prefix}spend_${days}`, group, sql: `sum(spend) ${inWindow(days)}`, zero: true },
    ]),
    { name: `${prefix}basket_spend`, group, sql: "sum(spend)::DOUBLE / count(*)", zero: false },
    { name: `${prefix}gap_days`, group, sql: "(max(ago) - min(ago)) / nullif(count(*) - 1, 0)", zero: false },
    {
      name: `${prefix}weeks_${QUARTER}`,
      group,
      sql: `count(DISTINCT (ago - 1) // 7) ${inWindow(QUARTER)}`,
      zero: true,
    },
    { name: `${prefix}windows`, group, sql: `count(DISTINCT (ago - 1) // ${windowDays})`, zero: true },
  ];
  const each = (group: "departments" | "categories", names: string[]): Feature[] =>
    names.flatMap((name, index): Feature[] => {
      const own = `FILTER (WHERE item = ${index + 1})`;
      const prefix = `${group === "departments" ? "department" : "category"}_${slug(name)}`;
      return [
        { name: `${prefix}_recency_days`, group, sql: `any_value(recency) ${own}`, zero: false },
        { name: `${prefix}_baskets`, group, sql: `any_value(baskets) ${own}`, zero: true },
        { name: `${prefix}_spend`, group, sql: `any_value(spend) ${own}`, zero: true },
      ];
    });
  const mail = (prefix: string, rows: string): Feature[] => [
    { name: `${prefix}mail_recency_days`, group: "mail", sql: `min(ago) ${rows}`, zero: false },
    { name: `${prefix}mailings`, group: "mail", sql: `count(DISTINCT campaign_id) ${rows}`, zero: true },
    {
      name: `${prefix}mailings_open`,
      group: "mail",
      sql: `count(DISTINCT campaign_id) FILTER (WHERE open AND ${rows ? "own" : "true"})`,
      zero: true,
    },
  ];
  return [
    ...purchases("", "overall"),
    { name: "stores", group: "overall", sql: "count(DISTINCT store_id)", zero: true },
    { name: "weekend_share", group: "overall", sql: "avg(weekend::INTEGER)", zero: false },
    {
      name: "discount_share",
      group: "overall",
      sql: "sum(discount)::DOUBLE / nullif(sum(spend) + sum(discount), 0)::DOUBLE",
      zero: false,
    },
    { name: "coupon_baskets", group: "overall", sql: "count(*) FILTER (WHERE coupon > 0)", zero: true },
    ...purchases("title_", "title"),
    ...each("departments", departments),
    ...each("categories", categories),
    ...mail("", ""),
    ...mail("title_", "FILTER (WHERE own)"),
    { name: "responses", group: "answers", sql: "count(*)", zero: true },
    { name: "redemptions", group: "answers", sql: "count(*) FILTER (WHERE kind = 'redemption')", zero: true },
    { name: "title_responses", group: "answers", sql: "count(*) FILTER (WHERE own)", zero: true },
    ...Object.entries(DEMOGRAPHICS).map(
      ([column, values]): Feature => ({
        name: column,
        group: "household",
        sql: `any_value(list_position([${values.map(literal).join(", ")}], ${column}))`,
        zero: false,
      }),
    ),
  ];
}

/**
 * SQL of the features of all households in `households` as of a day: `household_id`, `state`, then a FLOAT per feature, NULL where
 * nothing is known. Only rows from before the day are read, and of those only the last `LOOKBACK_DAYS` days; sums are of exact
 * decimals, so that they do not depend on the order of rows.
 * @param asOf YYYY-MM-DD
 * @param households SQL of the households to look at: rows of household_id, state and the demographic columns
 */
export function featureQuery(spec: FeatureSpec, asOf: string, households = "households"): string {
  const day = `DATE ${literal(asOf)}`;
  const before = (column: string) =>
    `${column} < ${day} AND ${column} >= ${day} - ${LOOKBACK_DAYS} AND household_id IN (SELECT household_id FROM chosen)`;
  const list = (names: string[]) => `([${names.map(literal).join(", ")}]::VARCHAR[])`;
  const features = featuresOf(spec);
  const columns = (group: Feature["group"]) =>
    features.flatMap((feature) => (feature.group === group ? [`${feature.sql} AS ${feature.name}`] : [])).join(", ");
  const value = ({ name, zero }: Feature) => `${zero ? `coalesce(${name}, 0)` : name}::FLOAT AS ${name}`;
  const items = (from: string, item: string, where: string) => `
    SELECT household_id, item, min(ago) AS recency, count(*) AS baskets, sum(spend) AS spend FROM (
      SELECT household_id, basket_id, ${item} AS item, min(ago) AS ago, sum(spend) AS spend
      FROM ${from} WHERE ${where} GROUP BY household_id, basket_id, item) GROUP BY household_id, item`;
  return `
  WITH chosen AS (SELECT * FROM ${households}),
  lines AS MATERIALIZED (
    SELECT household_id, basket_id, store_id, title, product_category, ${day} - transaction_timestamp::DATE AS ago,
      isodow(transaction_timestamp) >= 6 AS weekend, sales_value::DECIMAL(12, 2) AS spend,
      (retail_disc + coupon_disc + coupon_match_disc)::DECIMAL(12, 2) AS discount, coupon_disc::DECIMAL(12, 2) AS coupon
    FROM transactions WHERE ${before("transaction_timestamp")}),
  baskets AS (
    SELECT household_id, basket_id, min(store_id) AS store_id, min(ago) AS ago, bool_or(weekend) AS weekend,
      sum(spend) AS spend, sum(discount) AS discount, sum(coupon) AS coupon
    FROM lines GROUP BY household_id, basket_id),
  title_baskets AS (
    SELECT household_id, basket_id, min(ago) AS ago, sum(spend) AS spend
    FROM lines WHERE title = ${literal(spec.title)} GROUP BY household_id, basket_id),
  department_items AS (${items("lines", `list_position(${list(spec.departments)}, title)`, `list_contains(${list(spec.departments)}, title)`)}),
  category_items AS (${items(
    "lines",
    `list_position(${list(spec.categories)}, product_category)`,
    `title = ${literal(spec.title)} AND list_contains(${list(spec.categories)}, product_category)`,
  )}),
  letters AS (
    SELECT household_id, campaign_id, title = ${literal(spec.title)} AS own, ${day} - mail_date AS ago, end_date >= ${day} AS open
    FROM promotions WHERE ${before("mail_date")}),
  given AS (
    SELECT household_id, kind, title = ${literal(spec.title)} AS own FROM responses WHERE ${before("response_date")}),
  "overall" AS (SELECT household_id, ${columns("overall")} FROM baskets GROUP BY household_id),
  title_part AS (SELECT household_id, ${columns("title")} FROM title_baskets GROUP BY household_id),
  department_part AS (SELECT household_id${comma(columns("departments"))} FROM department_items GROUP BY household_id),
  category_part AS (SELECT household_id${comma(columns("categories"))} FROM category_items GROUP BY household_id),
  mail_part AS (SELECT household_id, ${columns("mail")} FROM letters GROUP BY household_id),
  answer_part AS (SELECT household_id, ${columns("answers")} FROM given GROUP BY household_id),
  household_part AS (SELECT household_id, any_value(state) AS state, ${columns("household")} FROM chosen GROUP BY household_id)
  SELECT household_id, state, ${features.map(value).join(", ")}
  FROM household_part LEFT JOIN "overall" USING (household_id) LEFT JOIN title_part USING (household_id)
    LEFT JOIN department_part USING (household_id) LEFT JOIN category_part USING (household_id)
    LEFT JOIN mail_part USING (household_id) LEFT JOIN answer_part USING (household_id)`;
}

function comma(columns: string): string {
  return columns ? `, ${columns}` : "";
}
