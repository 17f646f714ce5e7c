// Does the work in a process of its own, from the CLI: a crash, or too much memory, ends the step and not the run.
import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { JobError, UsageError } from "../../lib/errors.js";
import type { Executor, Outcome, StepWork, Submission } from "./executor.js";
import { treeMemoryMiB } from "./memory.js";

/** What the parent says to the child, and the child to the parent. */
export type ToChild = { work: StepWork } | { cancel: string };
export type FromChild = { line: string } | { outcome: Outcome } | { failure: Failure };

/** An error on its way between processes. */
export interface Failure {
  name: string;
  message: string;
  stack?: string;
  /** Of an error that the step knows (JobError). */
  exitCode?: number;
}

/** The process that did the work ended without a word. */
export class ExecutorError extends JobError {
  override readonly name = "ExecutorError";
}

/** A failure that the step in the child knew the reason of. */
class ChildError extends JobError {
  override readonly name: string;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
  }
}

function errorOf(failure: Failure): Error {
  if (failure.exitCode === 2) return new UsageError(failure.message);
  if (failure.exitCode !== undefined) return new ChildError(failure);
  return Object.assign(new Error(failure.message), { name: failure.name, stack: failure.stack });
}

export interface ChildProcessOptions {
  /** Module that becomes the child; it has to call `serveAttempt` when its first argument is `attempt`. */
  module: string;
  onLogLine?(line: string): void;
  /** How long a step that was asked to stop may take before it is killed. @default 10 s */
  graceMs?: number;
}

const GRACE_MS = 10_000;
const MEMORY_POLL_MS = 250;

/**
 * Runs each attempt in a child process, held to `limits.memoryMiB` with the programs that it starts. The child leads a process group of its
 * own, which is killed as a whole: nothing that a step has started outlives it.
 */
export class ChildProcessExecutor implements Executor {
  readonly name = "child-process";

  constructor(private readonly options: ChildProcessOptions) {}

  async submit(work: StepWork): Promise<Submission> {
    const { module, onLogLine, graceMs = GRACE_MS } = this.options;
    // What native code prints goes to the step's log as well.
    const log = openSync(work.logFile, "a");
    const child = fork(module, ["attempt"], { stdio: ["ignore", log, log, "ipc"], detached: true });
    closeSync(log);
    const kill = () => killGroup(child.pid);
    let outcome: Outcome | undefined;
    let failure: Error | undefined;
    let peakMiB = 0;
    const watch = setInterval(() => {
      const memoryMiB = child.pid === undefined ? undefined : treeMemoryMiB(child.pid);
      if (memoryMiB === undefined) return;
      peakMiB = Math.max(peakMiB, memoryMiB);
      if (memoryMiB <= work.limits.memoryMiB) return;
      failure ??= new ExecutorError(`Out of memory: ${memoryMiB} MiB of ${work.limits.memoryMiB} MiB`);
      kill();
    }, MEMORY_POLL_MS);
    child.on("message", (message: FromChild) => {
      if ("line" in message) onLogLine?.(message.line);
      else if ("outcome" in message) outcome = message.outcome;
      else failure ??= errorOf(message.failure);
    });
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.once("error", (error) => {
        failure ??= new ExecutorError(`The step's process could not be used: ${error.message}`, { cause: error });
        if (child.pid === undefined) reject(failure);
      });
      child.once("exit", (code, signal) => {
        kill();
        if (failure) reject(failure);
        else if (outcome) resolve({ ...outcome, peakMemoryMiB: Math.max(peakMiB, outcome.peakMemoryMiB ?? 0) });
        else
          reject(
            new ExecutorError(
              `The step's process ${signal ? `was ended by ${signal}` : `ended with exit code ${code}`}`,
            ),
          );
      });
    }).finally(() => clearInterval(watch));
    child.send({ work } satisfies ToChild);
    return {
      id: `pid ${child.pid}`,
      outcome: ended,
      cancel: async (reason) => {
        failure ??= reason;
        if (child.connected) child.send({ cancel: reason.message } satisfies ToChild);
        const timer = setTimeout(kill, graceMs);
        await ended.catch(() => undefined).finally(() => clearTimeout(timer));
      },
    };
  }
}

/** Ends what is there of a process group; its id is nobody else's while a process of it is there. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    // Nobody is there, or, as macOS says it, nobody but those that have ended.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
