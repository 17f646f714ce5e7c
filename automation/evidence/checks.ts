// What a test asserts: every check is recorded, and a test fails for all that are wrong, not for the first.
import { inspect, isDeepStrictEqual } from "node:util";
import { CrucibleError } from "../errors.js";
import { isSame } from "./baseline.js";
import type { Cell } from "./tables.js";

export interface Check {
  /** What was checked, in words. */
  name: string;
  passed: boolean;
  expected: string;
  actual: string;
}

/** One or more checks did not hold. */
export class CheckError extends CrucibleError {
  override name = "CheckError";
}

const show = (value: unknown): string =>
  typeof value === "string"
    ? value
    : inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 50 });

export class Checks {
  readonly all: Check[] = [];

  /** `actual` has to be deeply equal to `expected`. */
  equal(name: string, actual: unknown, expected: unknown): void {
    this.#record(name, isDeepStrictEqual(actual, expected), show(expected), actual);
  }

  /** A number has to be within a relative `tolerance` of the expected one. */
  close(name: string, actual: number, expected: number, tolerance: number): void {
    this.#record(
      name,
      isSame(actual, expected, tolerance),
      `${expected} ± ${Number((tolerance * 100).toPrecision(3))} %`,
      actual,
    );
  }

  /** A condition has to hold; `expected` says it in words. */
  that(name: string, holds: boolean, actual: unknown, expected: string): void {
    this.#record(name, holds, expected, actual);
  }

  /** A text has to match. */
  matches(name: string, actual: string, pattern: RegExp): void {
    this.#record(name, pattern.test(actual), `something like ${pattern}`, actual);
  }

  #record(name: string, passed: boolean, expected: string, actual: unknown): void {
    this.all.push({ name, passed, expected, actual: show(actual as Cell) });
  }

  /** @throws CheckError naming every check that did not hold, or that there was none */
  finish(): void {
    if (this.all.length === 0) throw new CheckError("The test checked nothing.");
    const failed = this.all.filter((check) => !check.passed);
    if (failed.length === 0) return;
    throw new CheckError(
      failed.map(({ name, expected, actual }) => `${name}: expected ${expected}, found ${actual}`).join("\n"),
    );
  }
}
