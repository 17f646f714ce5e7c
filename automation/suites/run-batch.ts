// A run: planned tests side by side as the machine allows, each in its own environment, all in one private cloud.

import { rm } from "node:fs/promises";
import { cpus, freemem, platform, totalmem } from "node:os";
import { startCloud } from "../../localcloud/server/cloud.js";
import { findEngine } from "../engine/engine.js";
import { parseTarget } from "../environments/target.js";
import { cloudFolder } from "../home.js";
import type { OnProgress } from "../progress.js";
import type { RunReport, TestReport } from "../report/model.js";
import { committedBaselines } from "./baselines.js";
import { defaultConcurrency } from "./concurrency.js";
import type { PlannedTest } from "./plan.js";
import { runTest, skippedReport, type TestOptions } from "./run-test.js";

export interface BatchOptions {
  /** Suites and tests that were asked for, for the report. */
  asked: string[];
  /** `local`, `aws`, or the URL of an endpoint. @default "local" */
  target?: string;
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
  const { asked, target = "local", signal = new AbortController().signal, updateBaseline = false } = options;
  const startedAt = new Date();
  const run = runName(asked, startedAt);
  const largest = Math.max(...plan.map(({ test }) => test.memoryMiB ?? DEFAULT_TEST_MIB));
  const concurrency = options.concurrency ?? defaultConcurrency(cpus().length, freemem() / MIB, largest);
  const isLocal = parseTarget(target).kind === "local";
  const [engine, cloud] = await Promise.all([
    findEngine(),
    isLocal ? startCloud({ dataDir: cloudFolder(run), lifetime: "parent" }) : undefined,
  ]);
  try {
    const tests = await runPlan(plan, concurrency, signal, async (planned, skip) => {
      const { test } = planned;
      const testOptions: TestOptions = {
        run,
        suite: test.suites.find((suite) => asked.includes(suite)) ?? test.suites[0] ?? "",
        target,
        signal,
        onProgress: options.onProgress?.(test.name) ?? (() => {}),
        baselines: committedBaselines,
        updateBaseline,
        ...(cloud && { cloud }),
      };
      const report = skip === undefined ? await runTest(test, testOptions) : skippedReport(test, testOptions, skip);
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
  const skipOf = ({ after }: PlannedTest): string | undefined => {
    if (signal.aborted) return "The run was interrupted.";
    const failed = after.filter((name) => reports.has(name) && reports.get(name)?.verdict !== "passed");
    return failed.length > 0 ? `It depends on ${failed.join(", ")}, which did not pass.` : undefined;
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(
      (planned) => skipOf(planned) !== undefined || planned.after.every((name) => reports.has(name)),
    );
    const planned = waiting[next];
    if (planned && (running.size < concurrency || skipOf(planned) !== undefined)) {
      waiting.splice(next, 1);
      const one = runOne(planned, skipOf(planned)).then((report) => {
        reports.set(planned.test.name, report);
        running.delete(one);
      });
      running.add(one);
    } else await Promise.race(running);
  }
  return plan.flatMap(({ test }) => reports.get(test.name) ?? []);
}
