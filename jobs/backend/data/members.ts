// Households of some copies, with all that is derived for them: tables in the database, from which the files of a part are written.
import type { Database } from "../../lib/duckdb.js";
import { HOUSEHOLD_STEP, type SourceHousehold } from "./facts.js";
import { type Identity, registrationsOf, type Truth } from "./noise.js";
import { type Person, peopleOf } from "./people.js";
import { residenceOf } from "./residence.js";
import type { State } from "./states.js";

/** Columns as they are appended; a DATE goes in as text, and becomes one when the file is written. */
const COLUMNS = {
  members: `state VARCHAR, household_id BIGINT, source_household_id BIGINT, copy BIGINT, zip VARCHAR, opted_out_on VARCHAR`,
  people: `state VARCHAR, person_id BIGINT, household_id BIGINT, first_name VARCHAR, last_name VARCHAR, street VARCHAR, unit VARCHAR,
    city VARCHAR, zip VARCHAR, email VARCHAR`,
  identities: `state VARCHAR, record_id VARCHAR, first_name VARCHAR, last_name VARCHAR, street VARCHAR, unit VARCHAR, city VARCHAR,
    zip VARCHAR, email VARCHAR, registered_on VARCHAR`,
  truth: `state VARCHAR, record_id VARCHAR, person_id BIGINT, duplicate BOOLEAN, typo BOOLEAN, nickname BOOLEAN, moved BOOLEAN,
    missing BOOLEAN`,
} as const;

type Value = string | bigint | boolean | null;

/** A copy at a time: the memory that is held does not grow with their number. */
export async function makeMembers(
  db: Database,
  households: readonly SourceHousehold[],
  copies: { first: number; count: number },
): Promise<void> {
  for (const [table, columns] of Object.entries(COLUMNS)) await db.run(`CREATE OR REPLACE TABLE ${table} (${columns})`);
  for (let copy = copies.first; copy < copies.first + copies.count; copy += 1) {
    const rows = rowsOf(households, copy);
    for (const table of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
      const first = rows[table][0];
      if (first)
        await db.append(
          table,
          first.map((_, column) => rows[table].map((row) => row[column] as Value)),
        );
    }
  }
}

function rowsOf(households: readonly SourceHousehold[], copy: number): Record<keyof typeof COLUMNS, Value[][]> {
  const rows: Record<keyof typeof COLUMNS, Value[][]> = { members: [], people: [], identities: [], truth: [] };
  for (const { source_household_id: source, household_comp: composition } of households) {
    const id = source + copy * HOUSEHOLD_STEP;
    const { state, zip, optedOutOn = null } = residenceOf(id);
    rows.members.push([state.code, BigInt(id), BigInt(source), BigInt(copy), zip, optedOutOn]);
    for (const person of peopleOf(id, zip, composition)) {
      rows.people.push(personRow(state, person));
      for (const { identity, truth } of registrationsOf(person, state)) {
        rows.identities.push(identityRow(identity));
        rows.truth.push(truthRow(identity.state, truth));
      }
    }
  }
  return rows;
}

function personRow(state: State, person: Person): Value[] {
  const { personId, householdId, firstName, lastName, street, unit, city, zip, email } = person;
  return [state.code, BigInt(personId), BigInt(householdId), firstName, lastName, street, unit, city, zip, email];
}

function identityRow(identity: Identity): Value[] {
  const { state, recordId, firstName, lastName, street, unit, city, zip, email, registeredOn } = identity;
  return [state.code, recordId, firstName, lastName, street, unit, city, zip, email, registeredOn];
}

function truthRow(state: State, truth: Truth): Value[] {
  const { recordId, personId, duplicate, typo, nickname, moved, missing } = truth;
  return [state.code, recordId, personId === null ? null : BigInt(personId), duplicate, typo, nickname, moved, missing];
}
