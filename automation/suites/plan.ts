// Which tests run, in which order, and why.
import { UsageError } from "../errors.js";
import type { SuiteTest } from "./test.js";

export interface PlannedTest {
  test: SuiteTest;
  /** Why it runs: the suites and names that asked for it, or the tests that need it. */
  because: string[];
  /** Tests of the plan that it waits for. */
  after: string[];
}

const NEEDED = "needed by";

/** The suites that there are, each with its tests. */
export function suitesOf(tests: readonly SuiteTest[]): Map<string, SuiteTest[]> {
  const suites = new Map<string, SuiteTest[]>();
  for (const test of tests) for (const suite of test.suites) suites.set(suite, [...(suites.get(suite) ?? []), test]);
  return suites;
}

/**
 * Chooses tests by suite or by name, adds those that they depend on, and puts each after what it depends on; otherwise the
 * registry's order stays. `all` chooses every test.
 *
 * @throws UsageError for an unknown name, listing what there is; Error for dependencies in a circle
 */
export function planTests(registry: readonly SuiteTest[], names: readonly string[]): PlannedTest[] {
  const byName = new Map(registry.map((test) => [test.name, test]));
  const suites = suitesOf(registry);
  const because = new Map<SuiteTest, string[]>();
  const reason = (test: SuiteTest, why: string) => because.set(test, [...new Set(because.get(test)).add(why)]);
  for (const name of names) {
    const test = byName.get(name);
    const chosen = name === "all" ? [...registry] : (suites.get(name) ?? (test ? [test] : []));
    if (chosen.length === 0)
      throw new UsageError(
        `There is no suite or test named ${name}. Suites: ${[...suites.keys(), "all"].join(", ")}. Tests: ${[...byName.keys()].join(", ")}.`,
      );
    for (const one of chosen) reason(one, one === test ? "asked for" : `suite ${name}`);
  }

  const ordered: SuiteTest[] = [];
  const place = (test: SuiteTest, path: readonly SuiteTest[]): void => {
    if (path.includes(test))
      throw new Error(`Tests depend on each other in a circle: ${[...path, test].map(({ name }) => name).join(" → ")}`);
    for (const name of test.dependsOn ?? []) {
      const needed = byName.get(name);
      if (!needed) throw new Error(`Test ${test.name} depends on ${name}, which does not exist.`);
      if (!because.get(needed)?.some((why) => !why.startsWith(NEEDED))) reason(needed, `${NEEDED} ${test.name}`);
      place(needed, [...path, test]);
    }
    if (!ordered.includes(test)) ordered.push(test);
  };
  for (const test of registry) if (because.has(test)) place(test, []);
  const isPlanned = (name: string) => ordered.some((test) => test.name === name);
  const afterOf = ({ dependsOn = [], follows = [] }: SuiteTest) => [...dependsOn, ...follows.filter(isPlanned)];
  return inOrder(ordered.map((test) => ({ test, because: because.get(test) ?? [], after: afterOf(test) })));
}

/** Each after those that it waits for, otherwise as given. @throws for a circle */
function inOrder(tests: readonly PlannedTest[]): PlannedTest[] {
  const done: PlannedTest[] = [];
  const waiting = [...tests];
  while (waiting.length > 0) {
    const index = waiting.findIndex(({ after }) => after.every((name) => done.some(({ test }) => test.name === name)));
    if (index < 0)
      throw new Error(`Tests wait for each other in a circle: ${waiting.map(({ test }) => test.name).join(", ")}`);
    done.push(...waiting.splice(index, 1));
  }
  return done;
}
