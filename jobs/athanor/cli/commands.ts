// What the commands of `ath` do, once their arguments are known.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { JobError, UsageError } from "../../lib/errors.js";
import { createLogger } from "../../lib/log.js";
import { digestsOf, limitsFrom, openEngine } from "../engine/open.js";
import { planRun } from "../engine/plan.js";
import { type RunOptions, runWorkflow } from "../engine/runner.js";
import { ChildProcessExecutor } from "../executors/childprocess.js";
import { InProcessExecutor } from "../executors/inprocess.js";
import { Locks, type LockTimes } from "../locks/locks.js";
import { type Registered, type Registry, stepOf } from "../registry.js";
import { type Journal, readJournal } from "../run/journal.js";
import { parseParameters } from "../run/parameters.js";
import { Runs } from "../run/runs.js";
import { unitsOf } from "../run/units.js";
import { kebab } from "./parameters.js";
import { duration, type Output, Progress } from "./progress.js";
import { attemptText, claimsText, journalText, parametersText, planText, table } from "./text.js";

/** What every command is given. */
export interface Cli {
  registry: Registry;
  /** Absolute. */
  dataRoot: string;
  env: Record<string, string | undefined>;
  output: Output;
  signal: AbortSignal;
  /** The module to become a child process (see ChildProcessExecutor). */
  module: string;
  lockTimes?: LockTimes;
}

/** How the steps of a run are to be run. */
export interface HowToRun {
  dryRun: boolean;
  json: boolean;
  verbose: boolean;
  executor: "child-process" | "in-process";
  parallel: number;
  /** MiB; absent: what there is. */
  memory?: number;
}

/** `create`: a new run, all its steps. */
export async function create(cli: Cli, registered: Registered, id: string | undefined, input: Input, how: HowToRun) {
  const { workflow } = registered;
  const runs = new Runs(cli.dataRoot);
  parseParameters(workflow, input, (name) => `--${kebab(name)}`);
  const runId = id ?? newRunId(workflow.name, new Date());
  const { folder } = runs.describe(workflow, runId, input);
  const taken = (await runs.list()).some((place) => place.id === runId && place.workflow === workflow.name);
  if (taken || (await runs.record({ workflow: workflow.name, id: runId, folder: relative(cli.dataRoot, folder) })))
    throw new UsageError(`There is a run '${runId}' of ${workflow.name} already: ath resume ${runId}`);
  return execute(cli, registered, runId, input, how);
}

/** `resume`: what is not done, or not up to date, of a run. @param changed parameters that are to be other than they were */
export async function resume(
  cli: Cli,
  registered: Registered,
  runId: string,
  input: Input,
  changed: Input,
  how: HowToRun,
) {
  const merged = { ...input, ...changed };
  parseParameters(registered.workflow, merged, (name) => `--${kebab(name)}`);
  return execute(cli, registered, runId, merged, how);
}

type Input = Record<string, unknown>;

async function execute(cli: Cli, registered: Registered, runId: string, input: Input, how: HowToRun): Promise<void> {
  const { dataRoot, output, env, signal, module, lockTimes } = cli;
  const { workflow, assets } = registered;
  const runs = new Runs(dataRoot);
  const run = runs.describe(workflow, runId, input);
  const about = `${workflow.name} run ${runId}`;
  if (how.dryRun) {
    await runs.assertInPlace(run);
    await workflow.check?.(run, signal);
    const steps = await planRun(workflow, run, digestsOf(run, true), assets);
    if (how.json)
      output.out(
        `${JSON.stringify({ workflow: workflow.name, run: runId, parameters: run.parameters, folder: run.folder, steps }, undefined, 2)}\n`,
      );
    else
      output.out(
        `${about} (dry run: nothing is changed)\n${parametersText(run.parameters)}\nfolder ${run.folder}\n${planText(steps)}\n`,
      );
    const blocked = steps.filter((step) => step.action === "blocked");
    if (blocked.length > 0)
      throw new JobError(
        `It could not run: ${blocked.map((step) => `${step.step}: ${step.reasons.join("; ")}`).join(". ")}`,
      );
    return;
  }
  const progress = new Progress(output);
  const onLogLine = how.verbose ? (line: string) => output.err(`${line}\n`) : undefined;
  const local =
    how.executor === "in-process"
      ? new InProcessExecutor(workflow, { assets, onLogLine })
      : new ChildProcessExecutor({ module, onLogLine });
  const limits = limitsFrom(env);
  const engine = await openEngine({
    registered,
    dataRoot,
    runId,
    input,
    executors: { local },
    // What the log of a job says, the terminal shows as progress.
    log: createLogger({ job: about, out: () => undefined, err: () => undefined }),
    signal,
    env,
    limits: { ...limits, memoryMiB: Math.min(limits.memoryMiB, how.memory ?? Number.POSITIVE_INFINITY) },
    lockTimes,
    onEvent: (event) => progress.event(event),
  });
  const startedMs = performance.now();
  output.err(`${about}\nfolder ${run.folder}\n`);
  const options: RunOptions = { parallel: how.parallel, onStep: (_, index, count) => progress.step(index, count) };
  try {
    const { ran, skipped } = await runWorkflow(engine, options);
    const seconds = (performance.now() - startedMs) / 1000;
    progress.end();
    if (how.json) output.out(`${JSON.stringify(await readJournal(workflow, engine.open), undefined, 2)}\n`);
    else output.out(`${about} finished in ${duration(seconds)}: ${ran.length} ran, ${skipped.length} up to date\n`);
  } catch (error) {
    progress.end();
    output.err(`Resume with: ath resume ${runId}\n`);
    throw error;
  }
}

/** `ls`: all runs, newest first. */
export async function list(cli: Cli, json: boolean): Promise<void> {
  const runs = new Runs(cli.dataRoot);
  const journals: Journal[] = [];
  for (const place of await runs.recover()) {
    const record = await runs.record(place);
    if (!record || !cli.registry.names.includes(place.workflow)) continue;
    const journal = await journalOf(cli, place.id, place.workflow);
    journals.push(journal);
  }
  journals.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (json) {
    const rows = journals.map(({ steps, ...journal }) => ({
      ...journal,
      steps: steps.map(({ step, state }) => ({ step, state })),
    }));
    return cli.output.out(`${JSON.stringify(rows, undefined, 2)}\n`);
  }
  if (journals.length === 0) return cli.output.out(`There are no runs below ${cli.dataRoot}\n`);
  const rows = journals.map(({ id, workflow, state, steps, createdAt, folder }) => {
    const finished = steps.filter((step) => step.state === "finished").length;
    return [id, workflow, state, `${finished}/${steps.length}`, createdAt, folder];
  });
  cli.output.out(`${table([["RUN", "WORKFLOW", "STATE", "STEPS", "CREATED", "FOLDER"], ...rows])}\n`);
}

/** `show`: the journal of a run. */
export async function show(cli: Cli, runId: string, workflow: string | undefined, json: boolean): Promise<void> {
  const journal = await journalOf(cli, runId, workflow);
  cli.output.out(json ? `${JSON.stringify(journal, undefined, 2)}\n` : `${journalText(journal)}\n`);
}

/** `log`: what steps have logged, attempt by attempt. */
export async function showLog(cli: Cli, runId: string, workflow: string | undefined, stepName?: string): Promise<void> {
  const { registered, info } = await openExisting(cli, runId, workflow);
  const steps = stepName === undefined ? registered.workflow.steps : [stepOf(registered.workflow, stepName)];
  for (const step of steps)
    for (const unit of unitsOf(info, step))
      for (const attempt of await unit.attempts()) {
        cli.output.out(`== ${unit.label}: ${attemptText(attempt)}\n`);
        cli.output.out(await readFile(unit.logPath(attempt.attempt), "utf8").catch(() => ""));
      }
}

/** `unlock`: all locks there are, or, of one data set, the stale ones removed. */
export async function unlock(cli: Cli, path: string | undefined, force: boolean): Promise<void> {
  const locks = new Locks(cli.dataRoot, cli.lockTimes);
  if (path === undefined) {
    const claims = await locks.list();
    return cli.output.out(claims.length > 0 ? `${claimsText(claims)}\n` : "Nothing is locked\n");
  }
  const absolute = resolve(cli.dataRoot, path);
  const name = locks.nameOf(absolute);
  const { removed, live } = await locks.unlock(absolute, force);
  if (removed.length > 0) cli.output.out(`Removed:\n${claimsText(removed)}\n`);
  if (live.length > 0)
    throw new JobError(`${name} stays locked, its owner is alive (--force takes it all the same): ${claimsText(live)}`);
  if (removed.length === 0) cli.output.out(`${name} is not locked\n`);
}

async function journalOf(cli: Cli, runId: string, workflow?: string): Promise<Journal> {
  const { registered, info, record } = await openExisting(cli, runId, workflow);
  return readJournal(registered.workflow, { info, record });
}

/** A run that is there, with its workflow. @throws UsageError when it is not */
export async function openExisting(cli: Pick<Cli, "dataRoot" | "registry">, runId: string, workflow?: string) {
  const runs = new Runs(cli.dataRoot);
  const { place, record } = await runs.find(runId, workflow);
  const registered = await cli.registry.load(place.workflow);
  const info = { ...runs.describe(registered.workflow, runId, record.input), folder: join(cli.dataRoot, place.folder) };
  return { registered, info, record };
}

function newRunId(workflow: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${workflow}-${time}-${randomUUID().slice(0, 4)}`;
}
