// Where a household lives, and whether it wants mail: derived from its number alone.
import { KeyedRandom } from "./random.js";
import { POPULATION, STATES, type State } from "./states.js";

/** Of 1,000 households, those that want no mail. */
export const OPT_OUTS_PER_MILLE = 30;
const FIRST_OPT_OUT = Date.UTC(2016, 6, 1);
const OPT_OUT_DAYS = 549;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What is derived for a household. */
export interface Residence {
  state: State;
  /** Five digits. */
  zip: string;
  /** Day (`YYYY-MM-DD`) from which on it is not to be mailed; undefined when it may be. */
  optedOutOn?: string;
}

const stateRandom = new KeyedRandom("state");
const mailRandom = new KeyedRandom("opt-out");

/** State by the shares of the census, ZIP code of that state, opt-out. Pure. */
export function residenceOf(householdId: number): Residence {
  const random = stateRandom.key(householdId);
  const state = stateAt(random.next());
  const zip = zipIn(state, random);
  const mail = mailRandom.key(householdId);
  if (!mail.chance(OPT_OUTS_PER_MILLE / 1000)) return { state, zip };
  const since = new Date(FIRST_OPT_OUT + mail.below(OPT_OUT_DAYS) * DAY_MS);
  return { state, zip, optedOutOn: since.toISOString().slice(0, 10) };
}

/** The state at a place in the population, all states laid end to end. @param share from 0 to below 1 */
export function stateAt(share: number): State {
  let left = share * POPULATION;
  for (const state of STATES) {
    left -= state.population;
    if (left < 0) return state;
  }
  return STATES.at(-1) as State;
}

/** A ZIP code of a state. Some codes get many households, as in towns: the last two digits come from the square of a number. */
export function zipIn(state: State, random: KeyedRandom): string {
  const [first, last] = state.prefixes;
  const prefix = first + random.below(last - first + 1);
  const rest = Math.floor(random.next() ** 2 * 100);
  return `${String(prefix).padStart(3, "0")}${String(rest).padStart(2, "0")}`;
}
