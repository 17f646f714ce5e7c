// Every table of the co-operative's data, as a query of the facts and of the members, written part by part.
import type { Database } from "../../lib/duckdb.js";
import type { Logger } from "../../lib/log.js";
import { BASKET_STEP, gatherFacts, type SourceHousehold } from "./facts.js";
import { makeMembers } from "./members.js";
import * as schema from "./schema.js";
import { openSources, type SourceFile } from "./source.js";
import { prepareVisits, SITE_VISITS_QUERY } from "./visits.js";
import { TableWriter, type WrittenFile } from "./writer.js";

/** Copies of the households that are written as one file of each state: memory is needed for so many, whatever the scale. */
const COPIES_PER_PART = 10;

export interface WriteRequest {
  db: Database;
  sources: readonly SourceFile[];
  /** Where the tables go. */
  folder: string;
  scale: number;
  log: Logger;
  signal: AbortSignal;
}

/** Tables by state, as queries of `members` and what belongs to them. */
const BY_STATE: [schema.Table, string][] = [
  [
    schema.HOUSEHOLDS,
    "SELECT m.*, f.* EXCLUDE (source_household_id) FROM members m JOIN fact_households f USING (source_household_id)",
  ],
  [schema.PEOPLE, "FROM people"],
  [schema.IDENTITIES, "FROM identities"],
  [schema.TRUTH, "FROM truth"],
  [
    schema.TRANSACTIONS,
    `SELECT m.state, m.household_id, f.* REPLACE (f.basket_id + m.copy * ${BASKET_STEP} AS basket_id)
     FROM fact_transactions f JOIN members m USING (source_household_id)`,
  ],
  [
    schema.PROMOTIONS,
    "SELECT m.state, m.household_id, f.* FROM fact_promotions f JOIN members m USING (source_household_id)",
  ],
  [
    schema.RESPONSES,
    "SELECT m.state, m.household_id, f.* FROM fact_responses f JOIN members m USING (source_household_id)",
  ],
  [schema.SITE_VISITS, "FROM site_visits"],
];

/** Makes and writes all tables. @throws InputError when the source is not what it should be */
export async function writeTables(request: WriteRequest): Promise<WrittenFile[]> {
  const { db, sources, folder, log, signal } = request;
  await openSources(db, sources);
  const households = await gatherFacts(db);
  await prepareVisits(db);
  log.info("source", { households: households.length });
  return TableWriter.with(db, folder, signal, async (writer) => {
    await writeAll(writer, households, request);
    return writer.files;
  });
}

async function writeAll(
  writer: TableWriter,
  households: readonly SourceHousehold[],
  { db, scale, log }: WriteRequest,
): Promise<void> {
  await writer.write(schema.PRODUCTS, "FROM fact_products");
  await writer.write(schema.PROMOTION_PRODUCTS, "FROM fact_promotion_products");
  await writer.write(
    schema.TITLES,
    `SELECT * REPLACE (buyers * ${scale} AS buyers, baskets * ${scale} AS baskets, sales_value * ${scale} AS sales_value) FROM fact_titles`,
  );
  await db.run("CREATE TABLE opt_outs (household_id BIGINT, since VARCHAR)");
  for (let first = 0, part = 0; first < scale; first += COPIES_PER_PART, part += 1) {
    const count = Math.min(COPIES_PER_PART, scale - first);
    await makeMembers(db, households, { first, count });
    await db.run(
      "INSERT INTO opt_outs SELECT household_id, opted_out_on FROM members WHERE opted_out_on IS NOT NULL ORDER BY household_id",
    );
    await db.run(`CREATE OR REPLACE TABLE site_visits AS ${SITE_VISITS_QUERY}`);
    for (const [table, query] of BY_STATE) await writer.writeStates(table, query, part);
    log.info("written", { copies: first + count, of: scale });
  }
  await writer.write(schema.OPT_OUTS, "FROM opt_outs");
}
