// The co-operative's tables as views of a job's database.
import { access } from "node:fs/promises";
import { type Database, literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import { manifestPath, tableFiles } from "../data/paths.js";
import { type Table, TITLES, TRANSACTIONS } from "../data/schema.js";
import type { Period } from "./calendar.js";

/** SQL that reads a table, its state as a column where it is partitioned by state. @param states @default all */
export function readTable(dataRoot: string, table: Table, states?: readonly string[]): string {
  const files = tableFiles(dataRoot, table, states).map(literal).join(", ");
  const types = table.byState ? ", hive_partitioning = true, hive_types = {'state': VARCHAR}" : "";
  return `read_parquet([${files}]${types})`;
}

/** Makes (or makes anew) a view per table, named as the table. */
export async function createViews(
  db: Database,
  dataRoot: string,
  tables: readonly Table[],
  states?: readonly string[],
): Promise<void> {
  for (const table of tables)
    await db.run(`CREATE OR REPLACE VIEW ${table.name} AS SELECT * FROM ${readTable(dataRoot, table, states)}`);
}

/** @throws InputError naming the folder and what to do, when the co-operative's data have not been prepared */
export async function requireCoop(dataRoot: string): Promise<void> {
  const path = manifestPath(dataRoot);
  try {
    await access(path);
  } catch (cause) {
    throw new InputError(`There are no co-operative's data: ${path} is missing; run the command 'prepare' first`, {
      cause,
    });
  }
}

/**
 * @returns the title's row in titles
 * @throws InputError listing the titles when there is none of that name, or saying that nothing was ever bought from it
 */
export async function requireTitle(db: Database, dataRoot: string, title: string): Promise<{ buyers: number }> {
  const rows = await db.rows<{ title: string; buyers: number }>(
    `SELECT title, buyers FROM ${readTable(dataRoot, TITLES)} ORDER BY title`,
  );
  const found = rows.find((row) => row.title === title);
  if (!found)
    throw new InputError(
      `There is no title '${title}'. Titles: ${rows.flatMap((row) => (row.buyers > 0 ? [row.title] : [])).join(", ")}`,
    );
  if (found.buyers === 0) throw new InputError(`Nothing was ever bought from the title '${title}'`);
  return found;
}

/** Days that the co-operative's transactions cover; read from the files' statistics. */
export async function dataPeriod(db: Database, dataRoot: string): Promise<Period> {
  const { from, to } = await db.row<{ from: string | null; to: string | null }>(
    `SELECT min(transaction_timestamp)::DATE::VARCHAR AS "from", max(transaction_timestamp)::DATE::VARCHAR AS "to"
     FROM ${readTable(dataRoot, TRANSACTIONS)}`,
  );
  if (from === null || to === null) throw new InputError("The co-operative's data have no transactions");
  return { from, to };
}
