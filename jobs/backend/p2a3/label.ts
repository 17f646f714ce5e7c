// Who responded: the label of a model, and what its scores are compared with.
import { literal } from "../../lib/duckdb.js";

/**
 * SQL of the households that responded to a title, or bought from it, from a day on for so many days: `household_id`, each once. Needs
 * the views `transactions` and `responses`.
 * @param from YYYY-MM-DD, the window's first day
 */
export function respondersQuery(title: string, from: string, windowDays: number): string {
  const day = `DATE ${literal(from)}`;
  const within = (column: string) =>
    `title = ${literal(title)} AND ${column} >= ${day} AND ${column} < ${day} + ${windowDays}`;
  return `SELECT household_id FROM transactions WHERE ${within("transaction_timestamp")}
    UNION SELECT household_id FROM responses WHERE ${within("response_date")}`;
}
