// A unit is what is run, resumed and journaled by itself: a step, a partition of one, or the merge of its partitions.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readJson, writeJson } from "../files/atomic.js";
import type { Partition, RunInfo, Step } from "../workflow.js";
import { type Attempt, attemptSchema, type Done, doneSchema } from "./records.js";

export type Part = "whole" | "merge" | Partition;

/** One unit of a run, and the files that are kept of it. */
export class Unit<P = unknown> {
  /** Absolute. Holds `attempt-0001.json`, `attempt-0001.log`, `done.json`, while it runs `aside/`, of a partition `outputs/`. */
  readonly folder: string;

  constructor(
    readonly run: RunInfo<P>,
    readonly step: Step<P>,
    readonly part: Part,
  ) {
    this.folder = join(run.folder, "steps", step.name, ...folderOf(part));
  }

  /** `Score`, `Score partition 2 of 4`, `Score merge`: partitions are counted as Batch counts them, from 0. */
  get label(): string {
    if (this.part === "whole") return this.step.name;
    if (this.part === "merge") return `${this.step.name} merge`;
    return `${this.step.name} partition ${this.part.index} of ${this.part.count}`;
  }

  get partition(): Partition | undefined {
    return typeof this.part === "object" ? this.part : undefined;
  }

  /** Names of its outputs. */
  get outputs(): string[] {
    return this.partition ? (this.step.partitionOutputs ?? []) : this.step.outputs;
  }

  /** Where an output is, absolute. */
  outputPath(name: string): string {
    return this.partition ? join(this.folder, "outputs", name) : join(this.run.folder, name);
  }

  get asideFolder(): string {
    return join(this.folder, "aside");
  }

  /** Log of an attempt. */
  logPath(attempt: number): string {
    return join(this.folder, `${attemptName(attempt)}.log`);
  }

  async done(): Promise<Done | undefined> {
    // One that cannot be read is as good as none: the step runs again.
    return doneSchema.safeParse(await readJson(join(this.folder, "done.json")).catch(() => undefined)).data;
  }

  async saveDone(done: Done): Promise<void> {
    await writeJson(join(this.folder, "done.json"), done);
  }

  /** All attempts, first to last. */
  async attempts(): Promise<Attempt[]> {
    const names = (await readdir(this.folder).catch(() => []))
      .filter((name) => /^attempt-\d+\.json$/.test(name))
      .sort();
    const attempts = await Promise.all(
      names.map(async (name) => attemptSchema.parse(await readJson(join(this.folder, name)))),
    );
    return attempts;
  }

  async saveAttempt(attempt: Attempt): Promise<void> {
    await writeJson(join(this.folder, `${attemptName(attempt.attempt)}.json`), attempt);
  }
}

/** Number of partitions of a step. @returns undefined when it is not partitioned @throws Error when the workflow says nonsense */
export function partitionCount<P>(run: RunInfo<P>, step: Step<P>): number | undefined {
  const count = step.partitions?.(run);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1))
    throw new Error(`Step ${step.name} of ${run.workflow} has ${count} partitions: it must be a whole number from 1`);
  return count;
}

/** Units of a step in the order in which they run. */
export function unitsOf<P>(run: RunInfo<P>, step: Step<P>): Unit<P>[] {
  const count = partitionCount(run, step);
  if (count === undefined) return [new Unit(run, step, "whole")];
  const partitions = Array.from({ length: count }, (_, index) => new Unit(run, step, { index, count }));
  return [...partitions, new Unit(run, step, "merge")];
}

function folderOf(part: Part): string[] {
  if (part === "whole") return [];
  return [part === "merge" ? "merge" : `partition-${String(part.index).padStart(4, "0")}`];
}

function attemptName(attempt: number): string {
  return `attempt-${String(attempt).padStart(4, "0")}`;
}
