// What a suite takes from nothing: wall time, and where it goes.
import { planTests } from "../automation/suites/plan.js";
import { registry } from "../automation/suites/registry.js";
import { runBatch } from "../automation/suites/run-batch.js";

export interface SuiteFigures {
  /** From the start of the cloud to the end of the last teardown. */
  wallSeconds: number;
  /** Sums over the tests, which may run side by side. */
  seconds: { up: number; seed: number; run: number; verify: number; down: number };
  tests: number;
  /** Resources of the largest environment. */
  resources: number;
}

/** @throws when a test does not pass: figures of a failure mean nothing */
export async function suiteFigures(suite: string): Promise<SuiteFigures> {
  const plan = planTests(registry, [suite]);
  const report = await runBatch(plan, { asked: [suite] });
  const failed = report.tests.filter(({ verdict }) => verdict !== "passed");
  if (failed.length > 0)
    throw new Error(
      `${failed.map(({ name, reason }) => `${name}: ${reason}`).join("\n")} — run: crucible it batch ${suite}`,
    );
  const seconds = { up: 0, seed: 0, run: 0, verify: 0, down: 0 };
  for (const test of report.tests)
    for (const part of Object.keys(seconds) as (keyof typeof seconds)[]) seconds[part] += test.seconds[part];
  return {
    wallSeconds: (report.finishedAt.getTime() - report.startedAt.getTime()) / 1000,
    seconds,
    tests: report.tests.length,
    resources: Math.max(...report.tests.map(({ resources }) => resources)),
  };
}
