// What a workflow is: named steps in order, each with the inputs, parameters and code that decide whether it has to run again.
import type { z } from "zod";
import type { Limits } from "../lib/limits.js";
import type { Logger } from "../lib/log.js";

/** SHARED: any number of readers at a time. EXCLUSIVE: one holder, nobody beside it. */
export type LockMode = "SHARED" | "EXCLUSIVE";

/** A lock on a data set, held while a step (or a partition of it) runs. */
export interface DataLock {
  /** Absolute path below the data root; it names the data set and need not exist. A path and one inside it are two data sets. */
  path: string;
  mode: LockMode;
}

/** One run of a workflow, as its steps see it. */
export interface RunInfo<P> {
  workflow: string;
  /** Unique among the runs of the workflow; in the cloud, the execution's name. Must not get into an output. */
  id: string;
  parameters: P;
  /** Absolute path of the shared data (`/mnt/data` in the cloud). Must not get into an output. */
  dataRoot: string;
  /** Absolute path of the run's folder. */
  folder: string;
  /** Absolute path of something in the run's folder, e.g. `run.file("train/model.json")`: how a step names another one's output. */
  file(path: string): string;
  /** Absolute path of something below the data root, e.g. `run.data("prod/coop/households")`. */
  data(path: string): string;
}

/** One of the equal parts that a partitioned step is run in. */
export interface Partition {
  /** From 0. */
  index: number;
  count: number;
}

/** Outputs of an earlier step that nobody needs once a later one is done. */
export interface Release {
  /** Name of the step that makes them. */
  step: string;
  /** Those of its `outputs`. @default none */
  outputs?: string[];
  /** All outputs of all its partitions, too. @default false */
  partitions?: boolean;
}

/** What a step has put outside the run's folder, for others to find. */
export interface Published {
  /** Absolute path below the data root, of a file or a folder. */
  path: string;
  /** Others write there as well: that it is there is enough. @default false, it has to stay as it was written */
  shared?: boolean;
}

/** What a step did; figures go into the journal, never into outputs. */
export interface StepResult {
  rowsIn?: number;
  rowsOut?: number;
  /** Looked at like outputs afterwards: the step runs again, and publishes again, when it is lost. */
  published?: Published[];
  /** Anything else worth knowing, e.g. `{ auc: 0.81 }`. */
  figures?: Record<string, unknown>;
  /** Highest resident memory of programs that the step ran, MiB. */
  childPeakMemoryMiB?: number;
}

/** What a step is given to work with. */
export interface StepContext<P> {
  run: RunInfo<P>;
  /**
   * Where to write an output: a path aside, in an existing folder, that becomes the output when the step has succeeded. An output that is
   * a folder is made by the step.
   * @param name as declared in `outputs` (of a partition: in `partitionOutputs`)
   * @throws when it is not declared
   */
  output(name: string): string;
  /**
   * A path to read from: the same path, after a check that it counts.
   * @param path a declared input, or something inside one
   * @throws when it is not declared: a change of it would go unnoticed
   */
  input(path: string): string;
  /** In `run` of a partitioned step: which part to do. */
  partition?: Partition;
  /** In `merge`: absolute path of an output of a partition. @throws when it is not declared in `partitionOutputs` */
  partitionOutput(index: number, name: string): string;
  log: Logger;
  /** What this step may use of the machine. */
  limits: Limits;
  /** An empty folder for temporary files, on a local disk, gone afterwards. */
  workFolder: string;
  /** Folder of the image's other files (`new URL("python/train.py", assets)`), with a slash at its end. */
  assets: URL;
  /** Aborts when the step is asked to stop, has taken too long, or a lock of its was lost. */
  signal: AbortSignal;
}

/** A named step of a workflow. */
export interface Step<P> {
  /** As the state of the state machine is named, e.g. `TrainSelect`: a letter, then letters and digits. */
  name: string;
  /** One line. */
  description: string;
  /** The compute tier (`XS`, `S`, `M`, `L`, `XXL`) that the state's job runs on in the cloud; shown in plans. */
  tier?: string;
  /**
   * Absolute paths of files or folders (with all in them) whose content counts; other steps' outputs are named by path too (`run.file`).
   * @param partition when asked for one partition: it may need less than the whole step
   */
  inputs(run: RunInfo<P>, partition?: Partition): string[];
  /** Files or folders, as paths relative to the run's folder: written aside, renamed into place when the step has succeeded. */
  outputs: string[];
  /** Those parameters that matter for this step. @default all */
  parameters?: (keyof P & string)[];
  /**
   * What the step's code digest is of: the `import.meta.url` of the step's module (modules that it imports by relative paths
   * are found by themselves), and paths from the image's folder for other files (`python/train.py`). Not empty.
   */
  code: (string | URL)[];
  /** Locks on data sets, held while the step runs. */
  locks?(run: RunInfo<P>): DataLock[];
  /** Makes the step partitioned: `run` is called once per partition, each resumable by itself, `merge` at the end. At least 1. */
  partitions?(run: RunInfo<P>): number;
  /** Outputs of one partition, as paths relative to a folder of the partition's own. Needed with `partitions`. */
  partitionOutputs?: string[];
  /**
   * What is removed once this step is done. The steps that made it stay up to date, and make it again when another one has to run that
   * reads it. Who reads it must name it as a whole among its inputs.
   */
  releases?: Release[];
  /** Where the step runs. @default "local" */
  executor?: ExecutorName;
  /** The step is stopped, and fails, when an attempt takes longer. Seconds. */
  timeoutSeconds?: number;
  /** @throws JobError, InputError or UsageError (jobs/lib/errors) for a reason that it knows */
  run(context: StepContext<P>): Promise<StepResult>;
  /** Makes `outputs` of the partitions' outputs. Needed with `partitions`. */
  merge?(context: StepContext<P>): Promise<StepResult>;
}

/** `local`: on this machine. `emr`: as a step of an EMR cluster, once there is an executor for it (see executors/executor.ts). */
export type ExecutorName = "local" | "emr";

/** A workflow: what a run of it is asked for, where the run lives, and its steps in order. */
export interface Workflow<P = Record<string, unknown>> {
  /** As the CLI and container commands name it, e.g. `p2a3xgb`. */
  name: string;
  description: string;
  /**
   * A zod object (camelCase keys): an option of the CLI per key (kebab-case; `.describe()` is its help), and the schema of RUN_INPUT.
   * Values are texts, numbers, booleans, enumerations, or lists of them.
   */
  parameters: z.ZodObject;
  /** Folder of a run below the data root, e.g. `prod/grocery/p2a3/<run id>`. Pure. */
  runFolder(parameters: P, runId: string): string;
  /**
   * Whether the data allow what is asked for, as the first step would find; a plan is refused for the same reasons as the run would be.
   * Nothing is changed. What is not there yet is left to the plan to say. @default they do
   * @throws UsageError or InputError for a reason that it knows
   */
  check?(run: RunInfo<P>, signal: AbortSignal): Promise<void>;
  /** In the order in which they run; a step may use outputs of those before it. Names are unique. */
  steps: Step<P>[];
}

/** A workflow whose parameters' type does not matter, as registries hold it. */
// biome-ignore lint/suspicious/noExplicitAny: no other type stands for workflows of all parameters, which a step reads and names
export type AnyWorkflow = Workflow<any>;

/**
 * Checks a workflow's description, so that a mistake is an error where it was made.
 * @returns the workflow itself, its parameters' type taken from the schema
 * @throws Error when a step's name is wrong or there twice, an output is nobody's or two steps', or a partitioned step is incomplete
 */
export function defineWorkflow<S extends z.ZodObject>(
  workflow: Omit<Workflow<z.output<S>>, "parameters"> & { parameters: S },
): Workflow<z.output<S>> {
  const wrong = (step: string, what: string) => new Error(`Workflow ${workflow.name}, step ${step}: ${what}`);
  const names = new Set<string>();
  const outputs = new Map<string, string>();
  for (const step of workflow.steps) {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(step.name))
      throw wrong(step.name, "a name is a letter, then letters and digits");
    if (names.has(step.name)) throw wrong(step.name, "there are two of this name");
    for (const release of step.releases ?? []) {
      const maker = names.has(release.step) && workflow.steps.find(({ name }) => name === release.step);
      if (!maker) throw wrong(step.name, `releases outputs of ${release.step}, which is no step before it`);
      const unknown = (release.outputs ?? []).filter((name) => !maker.outputs.includes(name));
      if (unknown.length > 0)
        throw wrong(step.name, `releases ${unknown.join(", ")}, which ${maker.name} does not make`);
      if (release.partitions && !maker.partitions)
        throw wrong(step.name, `releases partitions of ${maker.name}, which has none`);
    }
    names.add(step.name);
    if (step.code.length === 0) throw wrong(step.name, "code is empty, so a change of it would go unnoticed");
    for (const path of [...step.outputs, ...(step.partitionOutputs ?? [])])
      if (!isInside(path)) throw wrong(step.name, `output '${path}' must be a relative path, normalized, without '..'`);
    for (const path of step.outputs) {
      if (/^(steps|run\.json|journal\.json)(\/|$)/.test(path))
        throw wrong(step.name, `output '${path}' is Athanor's own`);
      for (const [other, owner] of outputs)
        if (path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`))
          throw wrong(
            step.name,
            `output '${path}' and output '${other}' of ${owner} are the same or one inside the other`,
          );
      outputs.set(path, step.name);
    }
    const partitioned = [step.partitions, step.partitionOutputs, step.merge].filter((part) => part !== undefined);
    if (partitioned.length !== 0 && partitioned.length !== 3)
      throw wrong(step.name, "partitions, partitionOutputs and merge belong together");
  }
  return workflow;
}

function isInside(path: string): boolean {
  return path.length > 0 && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
