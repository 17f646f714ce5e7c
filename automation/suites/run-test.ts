// The way of one test: environment, seed, run, capture, verify, compare, teardown; whatever happens, with a report.
import type { Environment } from "../environments/environment.js";
import { createRedactor } from "../environments/redact.js";
import type { Held } from "../environments/up.js";
import { orAborted } from "../environments/with.js";
import { messageOf } from "../errors.js";
import { type Baseline, baselineOf, type ComparedTable, compare } from "../evidence/baseline.js";
import { byStream, type Captured, capture } from "../evidence/capture.js";
import { Checks } from "../evidence/checks.js";
import { EvidenceFolder } from "../evidence/folder.js";
import { failureHints } from "../evidence/hints.js";
import type { ExecutionResult, RunOptions } from "../executions/execution.js";
import { evidenceFolder } from "../home.js";
import { summarize } from "../inventory/inventory.js";
import type { OnProgress } from "../progress.js";
import type { ReportedExecution, ReportedTable, Seconds, TestReport } from "../report/model.js";
import type { SharedEnvironment } from "./shared-environment.js";
import type { SuiteTest, TestContext } from "./test.js";

export interface TestOptions {
  /** Name of the run, which its folders bear. */
  run: string;
  suite: string;
  /** Where it runs, perhaps with others. */
  shared: SharedEnvironment;
  signal: AbortSignal;
  onProgress: OnProgress;
  baselines: Baselines;
  updateBaseline: boolean;
}

/** Where baselines are kept, passed in. */
export interface Baselines {
  read(test: string): Promise<Baseline | undefined>;
  write(baseline: Baseline): Promise<void>;
}

const LOG_LINES = 200;
const SAMPLE_ROWS = 20;

/** Runs a test in its environment. Never rejects: a test that cannot run has failed. */
export async function runTest(test: SuiteTest, options: TestOptions): Promise<TestReport> {
  const { onProgress, shared, signal } = options;
  const evidence = new EvidenceFolder(evidenceFolder(options.run, test.name), createRedactor());
  const report = emptyReport(test, options);
  const check = new Checks();
  const executions: ExecutionResult[] = [];
  const failures: string[] = [];
  let held: Held | undefined;

  /** One part of the way: timed, and the first that fails names where the test failed. */
  const part = async <T>(name: keyof Seconds, work: () => Promise<T>): Promise<T | undefined> => {
    const started = performance.now();
    try {
      return await work();
    } catch (error) {
      failures.push(messageOf(error));
      report.failedIn ??= name;
      return undefined;
    } finally {
      report.seconds[name] += (performance.now() - started) / 1000;
    }
  };
  const failed = () => failures.length > 0;

  held = await part("up", () => shared.enter(test, onProgress));
  if (held) {
    const env = held.environment;
    evidence.redactor = env.redactor;
    Object.assign(report, {
      environment: env.name,
      account: env.account,
      region: env.region,
      resources: env.resources,
    });
    const context = contextOf(env, { evidence, check, signal, executions, onProgress });
    await part("seed", () => orAborted(test.seed?.(context) ?? Promise.resolve(), signal));
    if (!failed()) await part("run", () => orAborted(test.run(context), signal));
    // What happened is worth most when it went wrong.
    const own = shared.takesTurns ? { since: report.startedAt } : { executionsOnly: shared.isShared };
    const captured = await part("verify", () => capture(env, executions, evidence, own));
    if (captured) Object.assign(report, reportedCapture(captured));
    const hints = captured ? failureHints(executions, captured.jobs, captured.logs) : [];
    if (!failed()) await part("verify", () => orAborted(test.capture?.(context) ?? Promise.resolve(), signal));
    if (!failed())
      await part("verify", async () => {
        const tables = await orAborted(test.verify(context), signal);
        report.tables = tables.map(({ table }) => reportedTable(table));
        check.finish();
        Object.assign(report, await againstBaseline(test.name, tables, options));
        if (report.baseline === "differs")
          throw new Error(`The data differs from the baseline in ${report.differences.length} places.`);
      });
    await part("down", async () => test.restore?.(context));
    // A test may want a job to fail: what the cloud says of failures matters only where the test itself failed.
    if (failed()) failures.push(...hints);
  }
  await part("down", () => leave(shared, report, onProgress));
  report.checks = check.all;
  report.executions = executions.map(reportedExecution);
  report.verdict = failed() ? "failed" : "passed";
  if (failed()) report.reason = failures.join("\n");
  await evidence.json("test.json", report);
  report.files = evidence.files;
  return evidence.redactor.json(report);
}

function contextOf(
  env: Environment,
  parts: Pick<TestContext, "evidence" | "check" | "signal"> & { executions: ExecutionResult[]; onProgress: OnProgress },
): TestContext {
  const { evidence, check, signal, executions, onProgress } = parts;
  return {
    env,
    evidence,
    check,
    signal,
    async run(workflow, input, runOptions = {}) {
      // The environment's own progress is that of the test that brought it up.
      const onState: RunOptions["onState"] = (state) => onProgress({ kind: "state", workflow, state });
      const execution = await env.run(workflow, input, { signal, onState, ...runOptions });
      executions.push(execution);
      return execution;
    },
    note: (message) => onProgress({ kind: "step", message }),
  };
}

async function againstBaseline(
  name: string,
  tables: ComparedTable[],
  { baselines, updateBaseline }: TestOptions,
): Promise<Pick<TestReport, "baseline" | "differences">> {
  if (tables.length === 0) return { baseline: "none", differences: [] };
  if (updateBaseline) {
    // All checks have passed by now: nothing else may become a baseline.
    await baselines.write(baselineOf(name, tables));
    return { baseline: "updated", differences: [] };
  }
  const baseline = await baselines.read(name);
  if (!baseline) return { baseline: "absent", differences: [] };
  const differences = compare(baseline, tables);
  return { baseline: differences.length > 0 ? "differs" : "agrees", differences };
}

function emptyReport(test: SuiteTest, { suite, run }: TestOptions): TestReport {
  return {
    name: test.name,
    suite,
    description: test.description,
    verdict: "failed",
    startedAt: new Date(),
    seconds: { up: 0, seed: 0, run: 0, verify: 0, down: 0 },
    resources: 0,
    leaks: [],
    units: test.units,
    environment: "",
    account: "",
    region: "",
    checks: [],
    tables: [],
    baseline: "none",
    differences: [],
    executions: [],
    jobs: [],
    cost: null,
    logs: [],
    evidence: `../../evidence/${run}/${test.name}`,
    files: [],
  };
}

function reportedCapture({ jobs, logs, cost }: Captured): Pick<TestReport, "jobs" | "logs" | "cost"> {
  return {
    jobs,
    cost,
    logs: [...byStream(logs)].map(([stream, lines]) => ({
      stream,
      lines: lines.slice(-LOG_LINES).map(({ message }) => message),
      dropped: Math.max(0, lines.length - LOG_LINES),
    })),
  };
}

/** Ends a test's stay in its environment; the last one sees what is left. @throws when there is anything */
async function leave(shared: SharedEnvironment, report: TestReport, onProgress: OnProgress): Promise<void> {
  onProgress({ kind: "step", message: "tearing down" });
  report.leaks = summarize((await shared.leave())?.leaks ?? []);
  if (report.leaks.length > 0)
    throw new Error(`Left in the account after the stack was destroyed: ${report.leaks.join(", ")}`);
}

/** A test that did not run, for a reason. It may be the last in its environment all the same. */
export async function skipTest(test: SuiteTest, options: TestOptions, reason: string): Promise<TestReport> {
  const report: TestReport = { ...emptyReport(test, options), verdict: "skipped", reason };
  try {
    await leave(options.shared, report, options.onProgress);
  } catch (error) {
    Object.assign(report, { verdict: "failed", failedIn: "down", reason: `${reason}\n${messageOf(error)}` });
  }
  return report;
}

const reportedExecution = (execution: ExecutionResult): ReportedExecution => ({
  workflow: execution.workflow,
  name: execution.name,
  status: execution.status,
  startedAt: execution.startedAt,
  seconds: execution.seconds,
  ...(execution.error !== undefined && { error: execution.error }),
  ...(execution.cause !== undefined && { cause: execution.cause }),
  states: execution.states,
});

const reportedTable = (table: ComparedTable["table"]): ReportedTable => ({
  name: table.name,
  rows: table.rows.length,
  columns: table.columns,
  sample: table.rows
    .slice(0, SAMPLE_ROWS)
    .map((row) =>
      table.columns.map(({ name }) => (typeof row[name] === "object" ? JSON.stringify(row[name]) : String(row[name]))),
    ),
});
