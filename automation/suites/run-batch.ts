// A run: planned tests side by side as the machine allows, in environments of their own but for those that build upon each other, all
// in one private cloud.

import { rm } from "node:fs/promises";
import { cpus, freemem, platform, totalmem } from "node:os";
import { type Cloud, type CloudOptions, startCloud } from "../../localcloud/server/cloud.js";
import { findEngine } from "../engine/engine.js";
import { parseTarget } from "../environments/target.js";
import { cloudFolder } from "../home.js";
import type { OnProgress } from "../progress.js";
import type { RunReport, TestReport } from "../report/model.js";
import { committedBaselines } from "./baselines.js";
import { defaultConcurrency } from "./concurrency.js";
import type { PlannedTest } from "./plan.js";
import { recordRun } from "./run-record.js";
import { runTest, skipTest, type TestOptions } from "./run-test.js";
import { groupTests, SharedEnvironment, wantedOf } from "./shared-environment.js";

export interface BatchOptions {
  /** Suites and tests that were asked for, for the report. */
  asked: string[];
  /** Its name, which its folders bear. @default `runName` of what was asked, now */
  run?: string;
  /** `local`, `aws`, or the URL of an endpoint. @default "local" */
  target?: string;
  /** What runs containers on the local cloud. @default "process" */
  executor?: CloudOptions["executor"];
  /** Tests side by side. @default what cores and memory allow */
  concurrency?: number;
  /** Writes the baseline of every test that passes, in place of the comparison. */
  updateBaseline?: boolean;
  signal?: AbortSignal;
  onProgress?: (test: string) => OnProgress;
  onEnd?: (report: TestReport) => void;
}

const MIB = 1024 ** 2;
const DEFAULT_TEST_MIB = 2048;

/** A name for a run that sorts by time, e.g. `2026-11-21T05-42-56-smoke`. */
export const runName = (asked: readonly string[], at: Date): string =>
  `${at.toISOString().slice(0, 19).replaceAll(":", "-")}-${
    asked
      .join("-")
      .replaceAll(/[^a-z0-9-]+/g, "")
      .slice(0, 40) || "run"
  }`;

/**
 * Runs the plan to its end. A test that fails stops only those that depend on it; an interrupt ends what runs, with its
 * environments, and skips the rest.
 */
export async function runBatch(plan: readonly PlannedTest[], options: BatchOptions): Promise<RunReport> {
  const { asked, target = "local", executor, signal = new AbortController().signal, updateBaseline = false } = options;
  const startedAt = new Date();
  const run = options.run ?? runName(asked, startedAt);
  const largest = Math.max(...plan.map(({ test }) => test.memoryMiB ?? DEFAULT_TEST_MIB));
  const concurrency = options.concurrency ?? defaultConcurrency(cpus().length, freemem() / MIB, largest);
  const isLocal = parseTarget(target).kind === "local";
  const groups = groupTests(plan).map((group) => group.map(({ test }) => test));
  for (const group of groups) wantedOf(group);
  const record = await recordRun(
    run,
    asked,
    plan.map(({ test }) => test.name),
  );
  let cloud: Cloud | undefined;
  try {
    const engine = await findEngine();
    if (isLocal) cloud = await startCloud({ dataDir: cloudFolder(run), lifetime: "parent", executor });
    const environments = new Map(
      groups.flatMap((group) => {
        const shared = new SharedEnvironment(group, { target, signal, ...(cloud && { cloud }) });
        return group.map((test) => [test, shared] as const);
      }),
    );
    const tests = await runPlan(plan, concurrency, signal, async (planned, skip) => {
      const { test } = planned;
      const testOptions: TestOptions = {
        run,
        suite: test.suites.find((suite) => asked.includes(suite)) ?? test.suites[0] ?? "",
        shared: environments.get(test) as SharedEnvironment,
        signal,
        onProgress: options.onProgress?.(test.name) ?? (() => {}),
        baselines: committedBaselines,
        updateBaseline,
      };
      if (skip === undefined) record.set(test.name, "running");
      const report = await (skip === undefined ? runTest(test, testOptions) : skipTest(test, testOptions, skip));
      record.set(test.name, report.verdict);
      options.onEnd?.(report);
      return report;
    });
    return {
      run,
      asked,
      startedAt,
      finishedAt: new Date(),
      target,
      machine: {
        platform: platform(),
        cores: cpus().length,
        memoryGiB: Math.round(totalmem() / 1024 ** 3),
        node: process.versions.node,
      },
      engine: engine.version,
      concurrency,
      interrupted: signal.aborted,
      tests,
    };
  } finally {
    await cloud?.stop();
    await rm(cloudFolder(run), { recursive: true, force: true });
    await record.remove();
  }
}

/** How one planned test is run, or, given a reason, skipped. */
export type RunOne = (planned: PlannedTest, skip?: string) => Promise<TestReport>;

/**
 * Runs tests as soon as what they wait for has ended and there is room. Reports come in the plan's order.
 *
 * @param concurrency at least 1
 */
export async function runPlan(
  plan: readonly PlannedTest[],
  concurrency: number,
  signal: AbortSignal,
  runOne: RunOne,
): Promise<TestReport[]> {
  const reports = new Map<string, TestReport>();
  const waiting = [...plan];
  const running = new Set<Promise<void>>();
  const busy = new Set<string>();
  const skipOf = ({ after }: PlannedTest): string | undefined => {
    if (signal.aborted) return "The run was interrupted.";
    const failed = after.filter((name) => reports.has(name) && reports.get(name)?.verdict !== "passed");
    return failed.length > 0 ? `It depends on ${failed.join(", ")}, which did not pass.` : undefined;
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(
      (planned) =>
        skipOf(planned) !== undefined ||
        (planned.after.every((name) => reports.has(name)) && !busy.has(planned.test.takesTurns ?? "")),
    );
    const planned = waiting[next];
    if (planned && (running.size < concurrency || skipOf(planned) !== undefined)) {
      const { takesTurns } = planned.test;
      waiting.splice(next, 1);
      if (takesTurns) busy.add(takesTurns);
      const one = runOne(planned, skipOf(planned)).then((report) => {
        reports.set(planned.test.name, report);
        if (takesTurns) busy.delete(takesTurns);
        running.delete(one);
      });
      running.add(one);
    } else await Promise.race(running);
  }
  return plan.flatMap(({ test }) => reports.get(test.name) ?? []);
}
