// One attempt at a unit: its work done aside, brought to the disk, put in place, recorded. Its lock is held by the caller.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { JobError } from "../../lib/errors.js";
import type { Limits } from "../../lib/limits.js";
import type { Executor, Outcome } from "../executors/executor.js";
import { asidePaths } from "../executors/perform.js";
import { clearAside, place, syncTree } from "../files/atomic.js";
import { type Digest, Digests } from "../files/digest.js";
import { isGone, thisOwner } from "../locks/owner.js";
import type { Attempt, Conditions, Done, RunRecord } from "../run/records.js";
import type { Unit } from "../run/units.js";
import type { Published } from "../workflow.js";
import { isWithin, nameOf } from "./inspect.js";

export interface AttemptOptions {
  record: RunRecord;
  reasons: string[];
  conditions: Conditions;
  executor: Executor;
  limits: Limits;
  /** Stops the attempt. */
  signal: AbortSignal;
  /** Called once the attempt is recorded, before its work begins. */
  onStarted(): void;
  /** @throws when a lock that the attempt needs is held no more */
  assertLocks(): Promise<void>;
  /** This process' variables: what Batch says of the job is journaled. */
  env: Record<string, string | undefined>;
}

/**
 * Clears up behind attempts whose process was killed: what they wrote aside, and the record that they are running.
 * @returns the attempts as they are now
 */
export async function settleCrashed<P>(unit: Unit<P>): Promise<Attempt[]> {
  const attempts = await unit.attempts();
  for (const attempt of attempts) {
    if (attempt.outcome !== "running") continue;
    // The caller holds the unit's lock, so nobody is running it, wherever that was.
    attempt.outcome = "interrupted";
    await unit.saveAttempt(attempt);
    if (isGone(attempt.owner)) await rm(attempt.workFolder, { recursive: true, force: true });
  }
  await rm(unit.asideFolder, { recursive: true, force: true });
  await clearAside(unit.folder);
  return attempts;
}

/**
 * Runs a unit once.
 * @returns the attempt as journaled
 * @throws what the step throws, after it was journaled
 */
export async function runAttempt<P>(unit: Unit<P>, number: number, options: AttemptOptions): Promise<Attempt> {
  const { record, reasons, conditions, executor, limits, signal, env, assertLocks } = options;
  const startedMs = performance.now();
  const workFolder = await mkdtemp(join(tmpdir(), `athanor-${unit.step.name}-`));
  let attempt: Attempt = {
    attempt: number,
    reasons,
    executor: executor.name,
    owner: thisOwner(record.id, unit.label),
    ...batchJob(env),
    outcome: "running",
    startedAt: new Date().toISOString(),
    conditions,
    workFolder,
  };
  const finish = async (end: Partial<Attempt>) => {
    const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(3));
    attempt = { ...attempt, ...end, finishedAt: new Date().toISOString(), seconds };
    await unit.saveAttempt(attempt);
  };
  try {
    await unit.saveAttempt(attempt);
    options.onStarted();
    const folder = join(unit.asideFolder, `attempt-${number}`);
    const aside = asidePaths(folder, unit.outputs);
    for (const path of [folder, ...Object.values(aside).map((output) => dirname(output))])
      await mkdir(path, { recursive: true });
    const { result, peakMemoryMiB } = await supervised(unit, signal, () =>
      executor.submit({
        workflow: record.workflow,
        step: unit.step.name,
        part: unit.part,
        runId: record.id,
        input: record.input,
        dataRoot: unit.run.dataRoot,
        outputs: aside,
        logFile: unit.logPath(number),
        workFolder,
        limits,
      }),
    );
    const outputs: Record<string, Digest> = {};
    for (const [name, path] of Object.entries(aside)) {
      const digest = await new Digests().of(path);
      if (!digest) throw new JobError(`${unit.label} did not write its output ${name}`);
      outputs[name] = digest;
      await syncTree(path);
    }
    // Had a lock been lost, another might be at the same place by now.
    signal.throwIfAborted();
    await assertLocks();
    for (const [name, path] of Object.entries(aside))
      await place(path, unit.outputPath(name), join(unit.asideFolder, "replaced"));
    const published = await publishedBy(unit, result.published ?? []);
    await unit.saveDone({ ...conditions, attempt: number, outputs, ...(published && { published }) });
    const { rowsIn, rowsOut, figures, childPeakMemoryMiB } = result;
    await finish({
      outcome: "succeeded",
      exitCode: 0,
      outputs,
      peakMemoryMiB,
      rowsIn,
      rowsOut,
      figures,
      childPeakMemoryMiB,
    });
    return attempt;
  } catch (thrown) {
    const error = thrown as Error;
    const exitCode = error instanceof JobError ? error.exitCode : 1;
    await finish({
      outcome: signal.aborted ? "stopped" : "failed",
      exitCode,
      error: { name: error.name, message: error.message },
    }).catch(() => undefined);
    throw thrown;
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 3 });
    await rm(unit.asideFolder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** What is recorded of what a unit has published. @throws JobError when something is not there, or not below the data root */
async function publishedBy<P>({ label, run }: Unit<P>, published: Published[]): Promise<Done["published"]> {
  if (published.length === 0) return undefined;
  const found: NonNullable<Done["published"]> = {};
  for (const { path, shared } of published) {
    if (!isWithin(path, run.dataRoot)) throw new JobError(`${label} has published ${path}, not below ${run.dataRoot}`);
    const digest = await new Digests().of(path);
    if (!digest) throw new JobError(`${label} says that it has published ${path}, but there is nothing`);
    found[nameOf(path, run)] = shared ? null : digest.digest;
  }
  return found;
}

/** Hands work in and waits for its end, which a stop or the step's time limit brings about earlier. */
async function supervised<P>(
  unit: Unit<P>,
  signal: AbortSignal,
  submit: () => ReturnType<Executor["submit"]>,
): Promise<Outcome> {
  signal.throwIfAborted();
  const submission = await submit();
  const { timeoutSeconds } = unit.step;
  const stop = () => void submission.cancel(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          void submission.cancel(new JobError(`${unit.label} took longer than its ${timeoutSeconds} s`));
        }, timeoutSeconds * 1000);
  try {
    return await submission.outcome;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function batchJob(env: Record<string, string | undefined>): Pick<Attempt, "batchJob"> {
  const { AWS_BATCH_JOB_ID: id, AWS_BATCH_JOB_ATTEMPT: attempt } = env;
  return id ? { batchJob: { id, ...(attempt ? { attempt: Number(attempt) } : {}) } } : {};
}
