// Athanor as states of a state machine: a container's command runs one named step of the run that the execution is.
import { z } from "zod";
import { UsageError } from "../lib/errors.js";
import { createLogger, type Logger } from "../lib/log.js";
import { finalInput, type JobResult, runToExit } from "../lib/runner.js";
import { openEngine } from "./engine/open.js";
import { type RunSummary, runMerge, runPartition, runStep } from "./engine/runner.js";
import { InProcessExecutor } from "./executors/inprocess.js";
import type { LockTimes } from "./locks/locks.js";
import { type Registry, stepOf } from "./registry.js";
import { parseInput } from "./run/parameters.js";

const index = z
  .string()
  .regex(/^\d{1,6}$/, "is not a whole number from 0")
  .transform(Number);

const environmentSchema = z.object({
  /** Name of the execution. */
  RUN_ID: z.string(),
  /** The execution's validated input, as JSON text. */
  RUN_INPUT: z.string(),
  DATA_ROOT: z.string().startsWith("/", "is not an absolute path").default("/mnt/data"),
  /** Set by Batch in children of an array job: the partition. */
  AWS_BATCH_JOB_ARRAY_INDEX: index.optional(),
  /** Size of the array, checked against the step's own count. */
  PARTITIONS: index.optional(),
});

export type StepCommand = "step" | "merge";

export interface ContainerOptions {
  /** `step`: a step, or its partition when there is an array index; `merge`: what comes after an array job. */
  command: StepCommand;
  workflow: string;
  step: string;
  registry: Registry;
  env: Record<string, string | undefined>;
  /** @default JSON lines on standard output and standard error */
  log?: Logger;
  lockTimes?: LockTimes;
}

/** Whether a container's command is one for Athanor: `["step" | "merge", workflow, Step]`. */
export function isStepCommand(command: readonly string[]): command is [StepCommand, string, string] {
  return command.length === 3 && (command[0] === "step" || command[0] === "merge");
}

/**
 * Runs one step of a run to its end; makes the run if it is not there yet.
 * @returns the exit code: 0 done or up to date; 1 failed, with the reason as the last line of the log; 2 what fails again however often it
 * is tried: a wrong request, or data that do not allow it (InputError); 143 stopped
 */
export function runStepCommand(options: ContainerOptions): Promise<number> {
  const { command, workflow, step: name, registry, env, lockTimes } = options;
  const log = options.log ?? createLogger({ job: `${workflow}/${name}` });
  return runToExit({
    log,
    exitCodeOf: finalInput,
    work: async (signal) => {
      const { RUN_ID, RUN_INPUT, DATA_ROOT, AWS_BATCH_JOB_ARRAY_INDEX, PARTITIONS } = parse(env);
      const registered = await registry.load(workflow);
      const step = stepOf(registered.workflow, name);
      const local = new InProcessExecutor(registered.workflow, {
        assets: registered.assets,
        onLogLine: (line) => process.stdout.write(`${line}\n`),
      });
      const input = parseInput(RUN_INPUT);
      const world = { log, signal, env, lockTimes, executors: { local } };
      const engine = await openEngine({ registered, dataRoot: DATA_ROOT, runId: RUN_ID, input, ...world });
      const summary =
        command === "merge"
          ? await runMerge(engine, step)
          : AWS_BATCH_JOB_ARRAY_INDEX === undefined
            ? await runStep(engine, step)
            : await runPartition(engine, step, AWS_BATCH_JOB_ARRAY_INDEX, PARTITIONS);
      return result(summary);
    },
  });
}

/** Totals of what ran, for the metric line at the end of the job's log. */
function result({ ran, skipped, attempts }: RunSummary): JobResult {
  const sum = (key: "rowsIn" | "rowsOut") => attempts.reduce((total, attempt) => total + (attempt[key] ?? 0), 0);
  return { rowsIn: sum("rowsIn"), rowsOut: sum("rowsOut"), written: [], figures: { ran, skipped } };
}

function parse(env: Record<string, string | undefined>): z.output<typeof environmentSchema> {
  const names = Object.keys(environmentSchema.shape) as (keyof typeof environmentSchema.shape)[];
  const given = Object.fromEntries(names.flatMap((name) => (env[name]?.trim() ? [[name, env[name]]] : [])));
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return given[name] === undefined ? `${name} is missing` : `${name}=${given[name]} ${message}`;
  });
  throw new UsageError(`Wrong environment: ${wrong.join("; ")}`);
}
