// Names, suffixes and accounts of environments.
import { randomInt } from "node:crypto";
import { UsageError } from "../errors.js";

/** A source of whole numbers from 0 up to, not including, `bound`; passed in so that a test can foresee names. */
export type Random = (bound: number) => number;

const secure: Random = (bound) => randomInt(bound);
const LETTERS = "abcdefghijkmnpqrstuvwxyz";
const LETTERS_AND_DIGITS = `${LETTERS}23456789`;
const SUFFIX_LENGTH = 4;

const pick = (from: string, random: Random): string => from[random(from.length)] ?? "";

/**
 * A suffix for the names of a throwaway's resources, e.g. `k3x9`: a letter first, no two characters that look alike.
 *
 * @param taken suffixes of other environments: bucket names are global
 */
export function newSuffix(taken: ReadonlySet<string>, random: Random = secure): string {
  for (;;) {
    let suffix = pick(LETTERS, random);
    while (suffix.length < SUFFIX_LENGTH) suffix += pick(LETTERS_AND_DIGITS, random);
    if (!taken.has(suffix)) return suffix;
  }
}

/** An account of 12 digits that none of `taken` has; never one that clients or documentation use as an example. */
export function newAccount(taken: ReadonlySet<string>, random: Random = secure): string {
  for (;;) {
    const account = `${2 + random(8)}${String(random(1e11)).padStart(11, "0")}`;
    if (!taken.has(account)) return account;
  }
}

/**
 * Checks a name given by a person: a letter, then letters, digits and hyphens, at most 32 in all, in lower case.
 *
 * @throws UsageError saying which rule it breaks
 */
export function checkName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new UsageError(
      `"${name}" cannot be an environment's name: begin with a letter, then lower-case letters, digits and hyphens, at most 32.`,
    );
  return name;
}
