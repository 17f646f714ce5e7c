// Environments of a run: tests that build upon each other, or take turns, share one; any other test has one of its own.
import { isDeepStrictEqual } from "node:util";
import type { EnvironmentOptions } from "../environments/options.js";
import type { Teardown } from "../environments/teardown.js";
import { type Held, upEnvironment } from "../environments/up.js";
import type { PlannedTest } from "./plan.js";
import type { SuiteTest } from "./test.js";

/** What a group of tests asks of their environment. */
export interface Wanted {
  units: string[];
  environment: EnvironmentOptions["environment"];
  settings: Record<string, unknown>;
  program?: string;
}

/**
 * Tests of a plan that share an environment: those that are linked by dependencies, over however many steps, and those that take turns.
 * Groups and their tests keep the plan's order.
 */
export function groupTests(plan: readonly PlannedTest[]): PlannedTest[][] {
  const groupOf = new Map<string, PlannedTest[]>();
  for (const planned of plan) {
    const { takesTurns } = planned.test;
    const linked = new Set(planned.after.flatMap((name) => groupOf.get(name) ?? []));
    const group = plan.filter(
      (other) =>
        linked.has(other) || other === planned || (takesTurns !== undefined && other.test.takesTurns === takesTurns),
    );
    for (const member of group) groupOf.set(member.test.name, group);
  }
  return [...new Set(plan.flatMap(({ test }) => [groupOf.get(test.name) ?? []]))];
}

/** @throws naming two tests of a group that need environments of different kinds */
export function wantedOf(tests: readonly SuiteTest[]): Wanted {
  const [first] = tests;
  const wanted: Wanted = { units: [], environment: first?.environment ?? "dev", settings: {}, program: first?.program };
  const owners = new Map<string, string>();
  for (const test of tests) {
    const differ = (what: string, other = first?.name) =>
      new Error(`Tests ${other} and ${test.name} build upon each other, but want different ${what}.`);
    if ((test.environment ?? "dev") !== wanted.environment) throw differ("environments");
    if (test.program !== wanted.program) throw differ("programs");
    wanted.units = [...new Set([...wanted.units, ...test.units])];
    // Of those that take turns, each has its own when it is its turn.
    for (const [key, value] of Object.entries(test.takesTurns ? {} : (test.settings ?? {}))) {
      if (owners.has(key) && !isDeepStrictEqual(wanted.settings[key], value))
        throw differ(`settings of ${key}`, owners.get(key));
      owners.set(key, test.name);
      wanted.settings[key] = value;
    }
  }
  return wanted;
}

/** The environment of a group, up from the first test that enters until the last one has left. */
export class SharedEnvironment {
  readonly #wanted: Wanted;
  #remaining: number;
  #held: Promise<Held> | undefined;
  /** Settings that the stack has; undefined while that is not certain. */
  #settings: Record<string, unknown> | undefined;

  /** @param options for bringing it up; hears the progress of whichever test brings it up */
  constructor(
    readonly tests: readonly SuiteTest[],
    private readonly options: Pick<EnvironmentOptions, "target" | "signal" | "cloud">,
  ) {
    this.#wanted = wantedOf(tests);
    this.#remaining = tests.length;
  }

  /** Whether more than one test is in it. */
  get isShared(): boolean {
    return this.tests.length > 1;
  }

  /** Whether its tests run one after the other, each with settings of its own. */
  get takesTurns(): boolean {
    return this.isShared && this.tests.every((test) => test.takesTurns !== undefined);
  }

  /**
   * Brings it up, or joins it, with the settings of a test whose turn it is. Every test calls this at most once; all of them fail when
   * it does not come up.
   */
  async enter(test: SuiteTest, onProgress: EnvironmentOptions["onProgress"]): Promise<Held> {
    const { units, environment, program } = this.#wanted;
    const settings = { ...this.#wanted.settings, ...(test.takesTurns && test.settings) };
    if (!this.#held) {
      this.#settings = settings;
      this.#held = upEnvironment(units, {
        ...this.options,
        environment,
        onProgress,
        ...(Object.keys(settings).length > 0 && { settings }),
        ...(program && { program }),
      });
    }
    const held = await this.#held;
    // Others of the group may be at work in it already, with settings that are theirs too.
    if (test.takesTurns && !isDeepStrictEqual(this.#settings, settings)) {
      this.#settings = undefined;
      await held.environment.update(settings, onProgress);
      this.#settings = settings;
    }
    return held;
  }

  /** A test has ended, whether it ran or not. Every test calls this once. @returns what the last one's teardown found, if it was up */
  async leave(): Promise<Teardown | undefined> {
    this.#remaining -= 1;
    if (this.#remaining > 0) return undefined;
    const held = await this.#held?.catch(() => undefined);
    return await held?.environment.down();
  }
}
