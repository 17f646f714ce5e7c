// The report of a run: plain data, from which every format is rendered.

import type { Difference } from "../evidence/baseline.js";
import type { Check } from "../evidence/checks.js";
import type { Cost } from "../evidence/cost.js";
import type { JobRun } from "../evidence/jobs.js";
import type { StateRun } from "../executions/timeline.js";

export type Verdict = "passed" | "failed" | "skipped";

/** Wall time of each part of the way of a test, in seconds. */
export interface Seconds {
  up: number;
  seed: number;
  run: number;
  verify: number;
  down: number;
}

export interface ReportedExecution {
  workflow: string;
  name: string;
  status: string;
  startedAt: Date;
  seconds: number;
  error?: string;
  cause?: string;
  states: StateRun[];
}

export interface ReportedTable {
  name: string;
  rows: number;
  /** The first rows, as text. */
  columns: { name: string; type: string }[];
  sample: string[][];
}

export interface TestReport {
  name: string;
  /** The suite through which it was chosen first. */
  suite: string;
  description: string;
  verdict: Verdict;
  /** Why it failed or was skipped. */
  reason?: string;
  /** How far it got: the part of its way that failed. */
  failedIn?: "up" | keyof Seconds;
  startedAt: Date;
  seconds: Seconds;
  /** Resources of the stack. */
  resources: number;
  /** What the cloud still had after the stack was destroyed. */
  leaks: string[];
  units: string[];
  environment: string;
  account: string;
  region: string;
  checks: Check[];
  tables: ReportedTable[];
  baseline: "agrees" | "differs" | "absent" | "updated" | "none";
  differences: Difference[];
  executions: ReportedExecution[];
  jobs: JobRun[];
  cost: Cost | null;
  /** The end of each log stream. */
  logs: { stream: string; lines: string[]; dropped: number }[];
  /** Folder of its evidence, relative to the report's. */
  evidence: string;
  files: string[];
}

export interface RunReport {
  /** Name of the run, which begins with its time. */
  run: string;
  /** Suites and tests that were asked for. */
  asked: string[];
  startedAt: Date;
  finishedAt: Date;
  target: string;
  machine: { platform: string; cores: number; memoryGiB: number; node: string };
  /** Version of the Pulumi CLI. */
  engine: string;
  concurrency: number;
  interrupted: boolean;
  tests: TestReport[];
}

/** Counts of a run, as the command line and its JSON tell them. */
export function totals({ tests }: Pick<RunReport, "tests">) {
  const count = (verdict: Verdict) => tests.filter((test) => test.verdict === verdict).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    leaks: tests.reduce((sum, test) => sum + test.leaks.length, 0),
  };
}

export const secondsOf = ({ seconds }: Pick<TestReport, "seconds">): number =>
  seconds.up + seconds.seed + seconds.run + seconds.verify + seconds.down;
