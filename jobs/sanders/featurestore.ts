// The feature store's rule, apart from where it is kept: whose item of a customer and day stays when several jobs wrote one.
import type { Guard, Item, Table, WriteCount } from "../lib/tables.js";
import type { FeatureRow, Variant } from "./features.js";

/**
 * A customer's item of a day belongs to the largest variant that has the customer: a variant's first rows are fewer than a
 * larger one's, so it may replace its own items and smaller ones. `row_limit` says whose an item is; the full variant's has none.
 * Each write carries the rule as its condition, so the outcome is the same in whatever order, or at once, variants write.
 */
export function putGuard(variant: Variant): Guard | undefined {
  return variant.rows === undefined
    ? undefined
    : { test: "absentOrAtMost", attribute: "row_limit", value: variant.rows };
}

/** A variant removes only what is its own. */
export function removeGuard(variant: Variant): Guard {
  return variant.rows === undefined
    ? { test: "missing", attribute: "row_limit" }
    : { test: "equals", attribute: "row_limit", value: variant.rows };
}

/** What an item says of the run that wrote it. */
export interface Provenance {
  variant: Variant;
  /** Rows of the input that were taken, usable or not. */
  datasetSize: number;
  /** Where the trips came from. */
  source: string;
  updatedAt: Date;
}

/** A feature row as the table's item. */
export function featureItem(row: FeatureRow, provenance: Provenance): Item {
  const { variant, datasetSize, source, updatedAt } = provenance;
  return {
    ...row,
    dataset_size: datasetSize,
    variant: variant.name,
    ...(variant.rows === undefined ? {} : { row_limit: variant.rows }),
    source,
    updated_at: updatedAt.toISOString(),
  };
}

export type FeatureKey = { customer_id: string; date: string };

/** Puts the rows' items, each unless a larger variant's is there. */
export function putFeatures(table: Table, rows: readonly FeatureRow[], provenance: Provenance): Promise<WriteCount> {
  return table.put(
    rows.map((row) => featureItem(row, provenance)),
    putGuard(provenance.variant),
  );
}

/** Removes items of customers that a variant no longer has, each unless another variant's is there. */
export function removeFeatures(table: Table, keys: readonly FeatureKey[], variant: Variant): Promise<WriteCount> {
  return table.remove(keys, removeGuard(variant));
}
