// Which households can train a model, as of which day, with which label and in which split.
import { type Database, literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import type { Calendar } from "./calendar.js";
import { respondersQuery } from "./label.js";

/** Of the households, by a hash of the source's household and the seed: copies of one household never fall into different splits. */
const SHARES = { train: 0.7, validation: 0.15 };
/** More rows than this do not make a better model; more households than fit are thinned out by the same hash. */
const MOST_ROWS = 150_000;
/** Of train and of validation: fewer responders than this say nothing about others. */
const LEAST_RESPONDERS = { train: 20, validation: 5, test: 5 };

export interface CandidateChoice {
  title: string;
  calendar: Calendar;
  seed: number;
}

export interface CandidateCount {
  asOf: string;
  split: string;
  rows: number;
  responders: number;
}

/**
 * Makes the table `candidates`: as_of, household_id, split (`train`, `validation`, `test`), label (1: responded to the title, or bought from
 * it, in the window from as_of on). A household counts from its first purchase on: of one without a past nothing is known.
 * @throws InputError when there are too few responders to learn of
 */
export async function createCandidates(db: Database, choice: CandidateChoice): Promise<CandidateCount[]> {
  const { title, calendar, seed } = choice;
  const { households } = await db.row<{ households: number }>("SELECT count(*) AS households FROM households");
  const share = Math.min(1, MOST_ROWS / Math.max(1, households * calendar.trainDates.length));
  // A number from 0 to below 1 that a text decides, by MD5: the same in every version of DuckDB.
  await db.run(
    "CREATE MACRO IF NOT EXISTS draw(key) AS CAST(md5_number_lower(key) >> 11 AS DOUBLE) / 9007199254740992",
  );
  await db.run(`
    CREATE TABLE members AS
    SELECT household_id, draw('${seed}/split/' || source_household_id) AS part, min(first) AS first
    FROM households JOIN (
      SELECT household_id, min(transaction_timestamp) AS first FROM transactions GROUP BY household_id) USING (household_id)
    WHERE draw('${seed}/thin/' || household_id) < ${share}
    GROUP BY ALL`);
  const days = calendar.trainDates.map(
    (asOf) => `
      SELECT DATE ${literal(asOf)} AS as_of, household_id,
        CASE WHEN part < ${SHARES.train} THEN 'train' WHEN part < ${SHARES.train + SHARES.validation} THEN 'validation' ELSE 'test' END AS split,
        (household_id IN (${respondersQuery(title, asOf, calendar.windowDays)}))::INTEGER AS label
      FROM members WHERE first < DATE ${literal(asOf)}`,
  );
  await db.run(`CREATE TABLE candidates AS ${days.join(" UNION ALL ")}`);
  const counts = await db.rows<{ asOf: string; split: string; rows: number; responders: number }>(
    `SELECT as_of::VARCHAR AS "asOf", split, count(*) AS rows, sum(label)::BIGINT AS responders
     FROM candidates GROUP BY ALL ORDER BY ALL`,
  );
  for (const [split, least] of Object.entries(LEAST_RESPONDERS)) {
    const own = counts.filter((count) => count.split === split);
    const responders = own.reduce((sum, count) => sum + count.responders, 0);
    const rows = own.reduce((sum, count) => sum + count.rows, 0);
    const days = `${calendar.windowDays} days after ${calendar.trainDates.join(", ")}`;
    if (responders < least)
      throw new InputError(
        `Too few households to train a model of '${title}': ${responders} of ${rows} in the ${split} split responded in the ${days}; ${least} are needed`,
      );
    if (responders === rows)
      throw new InputError(
        `Every household in the ${split} split responded to '${title}' in the ${days}: nothing tells responders from others`,
      );
  }
  return counts;
}
