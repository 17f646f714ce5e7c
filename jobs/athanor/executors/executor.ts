// Where a step's work is done: on this machine in one of two ways now; another one, such as EMR, implements the same interface.
import type { Limits } from "../../lib/limits.js";
import type { Part } from "../run/units.js";
import type { ExecutorName, StepResult } from "../workflow.js";

/** The work of one attempt: all that another process, or another machine with the same file system, needs to do it. Plain JSON. */
export interface StepWork {
  workflow: string;
  step: string;
  part: Part;
  runId: string;
  /** As the run's `run.json` has it. */
  input: Record<string, unknown>;
  dataRoot: string;
  /** Absolute path, aside, by name of output. */
  outputs: Record<string, string>;
  /** Absolute path of the file that the step's log goes to. */
  logFile: string;
  workFolder: string;
  limits: Limits;
}

/** How work ended. */
export interface Outcome {
  result: StepResult;
  /** Highest resident memory of the process that did it, MiB. */
  peakMemoryMiB?: number;
}

/** Work that was handed in. */
export interface Submission {
  /** For the journal: `pid 42`, or a cluster's step. */
  readonly id: string;
  /**
   * Settles once the work has ended. Rejects with the step's own error; with an ExecutorError when the process was killed, ran out
   * of memory, or could not be started.
   */
  readonly outcome: Promise<Outcome>;
  /** Asks the work to stop for a reason, and sees to it that it does. `outcome` then rejects. */
  cancel(reason: Error): Promise<void>;
}

/** The executor of each name that steps may ask for; those that are not there cannot be had here. */
export type Executors = { local: Executor } & Partial<Record<ExecutorName, Executor>>;

/** One way to do the work of steps. */
export interface Executor {
  /** For the journal, e.g. `child-process`. */
  readonly name: string;
  /** Hands work in; returns once it has been accepted. */
  submit(work: StepWork): Promise<Submission>;
}
