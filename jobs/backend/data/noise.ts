// The second source of the same people: what registrations at a web shop make of them, with the truth beside each record.
import { createHash } from "node:crypto";
import { NICKNAMES } from "./nicknames.js";
import { type Address, addressOf, type Person, strangerOf } from "./people.js";
import { KeyedRandom } from "./random.js";
import { stateAt, zipIn } from "./residence.js";
import type { State } from "./states.js";

/** How often each thing happens. `nickname` is of those whose name has one, the parts left out are of those that people have. */
export const RATES = {
  /** Of people, those who have registered. */
  registered: 0.85,
  /** Of those, those who have registered twice. */
  duplicate: 0.08,
  /** For each person, records of someone who is not among them. */
  stranger: 0.04,
  nickname: 0.5,
  typo: 0.12,
  moved: 0.06,
  /** Of those who moved, those who left their state. */
  movedToAnotherState: 0.3,
  missingEmail: 0.2,
  missingAddress: 0.05,
  missingFirstName: 0.02,
} as const;

const FIRST_DAY = Date.UTC(2014, 0, 1);
const DAYS = 1461;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A registration. */
export interface Identity {
  recordId: string;
  state: State;
  firstName: string | null;
  lastName: string;
  street: string | null;
  unit: string | null;
  city: string | null;
  zip: string | null;
  email: string | null;
  /** `YYYY-MM-DD`. */
  registeredOn: string;
}

export interface Truth {
  recordId: string;
  /** null: a stranger. */
  personId: number | null;
  duplicate: boolean;
  typo: boolean;
  nickname: boolean;
  moved: boolean;
  missing: boolean;
}

export interface Registration {
  identity: Identity;
  truth: Truth;
}

const random = new KeyedRandom("identities");

/** The registrations that there are because of a person: none, one or two of theirs, and perhaps a stranger's. Pure. */
export function registrationsOf(person: Person, state: State): Registration[] {
  random.key(person.personId);
  const registered = random.chance(RATES.registered);
  const twice = registered && random.chance(RATES.duplicate);
  const stranger = random.chance(RATES.stranger);
  return [
    ...(registered ? [registration(person, state, 0)] : []),
    ...(twice ? [registration(person, state, 1)] : []),
    ...(stranger ? [strangersRegistration(person.personId)] : []),
  ];
}

function registration(person: Person, home: State, number: number): Registration {
  random.key(person.personId, number + 1);
  const recordId = recordIdOf(`${person.personId}/${number}`);
  const registeredOn = day();
  const moved = random.chance(RATES.moved);
  const state = moved && random.chance(RATES.movedToAnotherState) ? stateAt(random.next()) : home;
  const zip = moved ? zipIn(state, random) : person.zip;
  const address: Address = moved ? addressOf(zip, person.personId, number + 1) : person;
  const short = NICKNAMES[person.firstName];
  const nickname = short !== undefined && random.chance(RATES.nickname);
  const names = { firstName: nickname ? random.pick(short) : person.firstName, lastName: person.lastName };
  const street = { street: address.street };
  const typo = random.chance(RATES.typo);
  if (typo) {
    const where = random.below(4);
    if (where === 0) names.firstName = mistyped(names.firstName);
    else if (where < 3) names.lastName = mistyped(names.lastName);
    else street.street = mistyped(street.street);
  }
  const noEmail = random.chance(RATES.missingEmail);
  const noAddress = random.chance(RATES.missingAddress);
  const noFirstName = random.chance(RATES.missingFirstName);
  return {
    identity: {
      recordId,
      state,
      firstName: noFirstName ? null : names.firstName,
      lastName: names.lastName,
      street: noAddress ? null : street.street,
      unit: noAddress ? null : address.unit,
      city: noAddress ? null : address.city,
      zip: noAddress ? null : zip,
      email: noEmail ? null : person.email,
      registeredOn,
    },
    truth: {
      recordId,
      personId: person.personId,
      duplicate: number > 0,
      typo,
      nickname,
      moved,
      missing: (noEmail && person.email !== null) || noAddress || noFirstName,
    },
  };
}

function strangersRegistration(personId: number): Registration {
  random.key(personId, 9);
  const recordId = recordIdOf(`${personId}/stranger`);
  const state = stateAt(random.next());
  const zip = zipIn(state, random);
  const { firstName, lastName, street, unit, city, email } = strangerOf(zip, personId, 9);
  return {
    identity: { recordId, state, firstName, lastName, street, unit, city, zip, email, registeredOn: day() },
    truth: {
      recordId,
      personId: null,
      duplicate: false,
      typo: false,
      nickname: false,
      moved: false,
      missing: false,
    },
  };
}

/** Nothing can be told from it, not even which records are of one person. */
function recordIdOf(name: string): string {
  return createHash("sha256").update(`identities/${name}`).digest("hex").slice(0, 16);
}

function day(): string {
  return new Date(FIRST_DAY + random.below(DAYS) * DAY_MS).toISOString().slice(0, 10);
}

/** One slip of the finger: a letter swapped with the next, left out, doubled, or hit beside. The result differs from the text. */
function mistyped(text: string): string {
  const letters = [...text.matchAll(/\p{L}/gu)].map((match) => match.index).filter((index) => index > 0);
  if (letters.length === 0) return `${text}x`;
  const at = random.pick(letters);
  const letter = text[at] as string;
  const before = text.slice(0, at);
  const after = text.slice(at + 1);
  const slip = random.below(4);
  if (slip === 0 && after.length > 0 && after[0] !== letter) return `${before}${after[0]}${letter}${after.slice(1)}`;
  if (slip === 1 && text.length > 2) return `${before}${after}`;
  if (slip === 2) return `${before}${letter}${letter}${after}`;
  return `${before}${neighbour(letter)}${after}`;
}

const ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/** The key beside a letter's. */
function neighbour(letter: string): string {
  const row = ROWS.find((keys) => keys.includes(letter.toLowerCase()));
  if (!row) return "e";
  const at = row.indexOf(letter.toLowerCase());
  return row[at === row.length - 1 ? at - 1 : at + 1] as string;
}
