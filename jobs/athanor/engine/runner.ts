// Runs a whole workflow, or one step of it: units in order, partitions a few at a time.
import { UsageError } from "../../lib/errors.js";
import type { Attempt } from "../run/records.js";
import { Unit, unitsOf } from "../run/units.js";
import type { Step } from "../workflow.js";
import { bringUpToDate, type Engine } from "./unit.js";

export interface RunSummary {
  /** Units that ran, and that did not need to when it was their turn. */
  ran: string[];
  skipped: string[];
  /** What the units that ran did, as journaled. */
  attempts: Attempt[];
}

export interface RunOptions {
  /** Partitions of a step at a time; memory is shared among them. @default 1 */
  parallel?: number;
  /** Called before each step, counted from 1. */
  onStep?(step: Step<Record<string, unknown>>, index: number, count: number): void;
}

/** Brings all steps up to date, in order. Rejects with the first failure; what was finished stays finished. */
export async function runWorkflow(engine: Engine, options: RunOptions = {}): Promise<RunSummary> {
  const { steps } = engine.workflow;
  const summary: RunSummary = { ran: [], skipped: [], attempts: [] };
  for (const [index, step] of steps.entries()) {
    options.onStep?.(step, index + 1, steps.length);
    await runStep(engine, step, options, summary);
  }
  return summary;
}

/** Brings a step up to date: of a partitioned one, all partitions, then the merge. */
export async function runStep(
  engine: Engine,
  step: Step<Record<string, unknown>>,
  options: RunOptions = {},
  summary: RunSummary = { ran: [], skipped: [], attempts: [] },
): Promise<RunSummary> {
  const units = unitsOf(engine.open.info, step);
  const parallel = Math.max(1, options.parallel ?? 1);
  await runUnits(
    units.filter((unit) => unit.partition),
    engine,
    parallel,
    summary,
  );
  for (const unit of units.filter((candidate) => !candidate.partition)) await runUnit(unit, engine, summary);
  return summary;
}

/**
 * Brings one partition of a step up to date, as a child of an array job does.
 * @throws UsageError when the step has no such partition, or was counted otherwise
 */
export async function runPartition(
  engine: Engine,
  step: Step<Record<string, unknown>>,
  index: number,
  count?: number,
): Promise<RunSummary> {
  const unit = unitsOf(engine.open.info, step).find((candidate) => candidate.partition?.index === index);
  const own = unit?.partition?.count ?? step.partitions?.(engine.open.info);
  if (own === undefined) throw new UsageError(`Step ${step.name} of ${engine.workflow.name} has no partitions`);
  if (count !== undefined && count !== own)
    throw new UsageError(`PARTITIONS=${count}, but step ${step.name} of this run has ${own} partitions`);
  if (!unit) throw new UsageError(`Step ${step.name} of this run has partitions 0 to ${own - 1}, not ${index}`);
  const summary: RunSummary = { ran: [], skipped: [], attempts: [] };
  await runUnit(unit, engine, summary);
  return summary;
}

/** Merges a step's partitions. @throws UsageError when it has none; JobError naming what a partition has not made */
export async function runMerge(engine: Engine, step: Step<Record<string, unknown>>): Promise<RunSummary> {
  if (!step.merge) throw new UsageError(`Step ${step.name} of ${engine.workflow.name} has no partitions to merge`);
  const summary: RunSummary = { ran: [], skipped: [], attempts: [] };
  await runUnit(new Unit(engine.open.info, step, "merge"), engine, summary);
  return summary;
}

async function runUnits(
  units: Unit<Record<string, unknown>>[],
  engine: Engine,
  parallel: number,
  summary: RunSummary,
): Promise<void> {
  const waiting = [...units];
  const failed = new AbortController();
  const signal = AbortSignal.any([engine.signal, failed.signal]);
  const memoryMiB = Math.floor(engine.limits.memoryMiB / Math.min(parallel, Math.max(1, units.length)));
  const threads = Math.max(1, Math.floor(engine.limits.threads / parallel));
  const limits = parallel > 1 ? { memoryMiB, threads } : engine.limits;
  const worker = async () => {
    for (let unit = waiting.shift(); unit; unit = waiting.shift())
      await runUnit(unit, { ...engine, signal, limits }, summary);
  };
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(parallel, units.length) }, () =>
      worker().catch((error: Error) => {
        // The others stop as well: without this partition there is no merge.
        failed.abort(error);
        throw error;
      }),
    ),
  );
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function runUnit(unit: Unit<Record<string, unknown>>, engine: Engine, summary: RunSummary): Promise<void> {
  const made = await bringUpToDate(unit, engine);
  summary.ran.push(...made.map((one) => one.unit));
  summary.attempts.push(...made.map(({ attempt }) => attempt));
  if (made.at(-1)?.unit !== unit.label) summary.skipped.push(unit.label);
}
