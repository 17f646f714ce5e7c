// Does a step's work in this process: what every local way of running one comes down to.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { JobError } from "../../lib/errors.js";
import { createLogger, type Logger } from "../../lib/log.js";
import { inputPaths, isWithin } from "../engine/inspect.js";
import { Runs } from "../run/runs.js";
import { Unit, unitsOf } from "../run/units.js";
import type { StepContext, StepResult, Workflow } from "../workflow.js";
import type { StepWork } from "./executor.js";

/** What of the work is not plain data. */
export interface Surroundings {
  workflow: Workflow;
  assets: URL;
  signal: AbortSignal;
  /** Each line of the log, beside the attempt's log file. */
  onLogLine?(line: string): void;
}

/** Runs the step's own function. Rejects with what it throws. */
export async function perform(work: StepWork, surroundings: Surroundings): Promise<StepResult> {
  const { workflow, assets, signal, onLogLine } = surroundings;
  const step = workflow.steps.find((candidate) => candidate.name === work.step);
  if (!step) throw new Error(`Workflow ${workflow.name} has no step ${work.step}`);
  const run = new Runs(work.dataRoot).describe(workflow, work.runId, work.input);
  const unit = new Unit(run, step, work.part);
  const { log, close } = openLog(`${workflow.name}/${unit.label}`, work.logFile, onLogLine);
  try {
    const context: StepContext<Record<string, unknown>> = {
      run,
      output: (name) => {
        const path = work.outputs[name];
        if (path === undefined)
          throw new Error(`${unit.label} has no output '${name}'; it has ${unit.outputs.join(", ")}`);
        mkdirSync(dirname(path), { recursive: true });
        return path;
      },
      input: (path) => {
        if (!inputPaths(unit).some((input) => isWithin(path, input)))
          throw new Error(`${unit.label} reads ${path}, which is not among its inputs`);
        return path;
      },
      partition: unit.partition,
      partitionOutput: (index, name) => {
        const partition = unitsOf(run, step).find((other) => other.partition?.index === index);
        if (!partition?.outputs.includes(name))
          throw new Error(`${unit.label}: there is no output '${name}' of a partition ${index}`);
        return partition.outputPath(name);
      },
      log,
      limits: work.limits,
      workFolder: work.workFolder,
      assets,
      signal,
    };
    const act = work.part === "merge" ? step.merge : step.run;
    return (await act?.call(step, context)) ?? {};
  } catch (thrown) {
    const error = thrown as Error;
    log.error(error.message, { error: error.name, ...(error instanceof JobError ? {} : { stack: error.stack }) });
    throw thrown;
  } finally {
    close();
  }
}

/** A log into a file, and a way to end it: a step that was given up may still have something to say. */
function openLog(job: string, path: string, onLine?: (line: string) => void): { log: Logger; close(): void } {
  const file = openSync(path, "a");
  let open = true;
  const write = (line: string) => {
    if (!open) return;
    writeSync(file, `${line}\n`);
    onLine?.(line);
  };
  return {
    log: createLogger({ job, out: write, err: write }),
    close: () => {
      open = false;
      closeSync(file);
    },
  };
}

/** Absolute path, aside, of each output. */
export function asidePaths(folder: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}
