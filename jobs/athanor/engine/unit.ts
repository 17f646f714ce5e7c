// Brings one unit up to date: locked, looked at, skipped when nothing has changed, run otherwise, with what it needs made again.
import { JobError } from "../../lib/errors.js";
import type { Limits } from "../../lib/limits.js";
import type { Logger } from "../../lib/log.js";
import type { Executors } from "../executors/executor.js";
import type { Digests } from "../files/digest.js";
import type { ClaimText } from "../locks/claim.js";
import type { Lock, Locks } from "../locks/locks.js";
import { composeJournal } from "../run/journal.js";
import type { Attempt } from "../run/records.js";
import type { OpenRun } from "../run/runs.js";
import { Unit } from "../run/units.js";
import type { LockMode, Workflow } from "../workflow.js";
import { runAttempt, settleCrashed } from "./attempt.js";
import { reasonsToRun } from "./decide.js";
import { inspect, makersOf, missingInputs, type Removed } from "./inspect.js";
import { type Wanted, withLocks } from "./locking.js";
import { releaseAfter } from "./release.js";

/** What bringing units up to date needs of the world. */
export interface Engine {
  workflow: Workflow;
  assets: URL;
  open: OpenRun<Record<string, unknown>>;
  locks: Locks;
  digests: Digests;
  executors: Executors;
  limits: Limits;
  log: Logger;
  signal: AbortSignal;
  env: Record<string, string | undefined>;
  /** Called when something about a unit is to be shown. */
  onEvent?(event: UnitEvent): void;
}

export type UnitEvent =
  | { type: "waiting"; unit: string; path: string; mode: LockMode; blockers: ClaimText[] }
  | { type: "started"; unit: string; attempt: number; reasons: string[] }
  | { type: "skipped"; unit: string }
  | { type: "finished"; unit: string; attempt: Attempt }
  | { type: "released"; unit: string; of: string; outputs: string[] };

type AnyUnit = Unit<Record<string, unknown>>;

/** What was done to bring a unit up to date: units that ran, in order; none, or only others, when it did not have to run itself. */
export type Made = { unit: string; attempt: Attempt }[];

/** What another unit needs of one that is done: outputs that were removed. */
interface Need {
  outputs: string[];
  by: string;
}

/**
 * Runs a unit unless it is done; before it, those whose outputs it has to read and that were removed; after it, removes what nobody
 * needs any more.
 * @throws JobError when an input is missing or a lock is lost; what the step throws
 */
export async function bringUpToDate(unit: AnyUnit, engine: Engine): Promise<Made> {
  const made = await make(unit, engine);
  await releaseAfter(unit, engine);
  return made;
}

async function make(unit: AnyUnit, engine: Engine, need?: Need): Promise<Made> {
  const made: Made = [];
  for (;;) {
    // The unit's own lock first; then data sets in the order of their names, so that nobody waits in a circle.
    const wanted: Wanted[] = [{ path: unit.folder, mode: "EXCLUSIVE" }, ...dataLocks(unit)];
    const end = await withLocks(unit, wanted, engine, (held) => locked(unit, engine, held, need));
    if (!("lacks" in end)) return [...made, ...end.made];
    // No lock is held here: who made what is lacking takes its own, and may have to wait for somebody who waits for this unit's.
    for (const maker of new Set(end.lacks.map((removed) => removed.unit.folder))) {
      const lacking = end.lacks.filter((removed) => removed.unit.folder === maker);
      const [first] = lacking as [Removed<Record<string, unknown>>];
      const outputs = lacking.map(({ output }) => output);
      made.push(...(await make(first.unit, engine, { outputs, by: unit.label })));
    }
  }
}

/** Done, or in need of inputs that have to be made again first. */
type End = { made: Made } | { lacks: Removed<Record<string, unknown>>[] };

async function locked(unit: AnyUnit, engine: Engine, held: Lock[], need?: Need): Promise<End> {
  const { workflow, digests, assets, log, executors, limits, env, open, onEvent } = engine;
  const executorName = unit.step.executor ?? "local";
  const executor = executors[executorName];
  if (!executor) throw new JobError(`${unit.label} runs on '${executorName}', for which there is no executor here`);
  const attempts = await settleCrashed(unit);
  const { missing, removed, ...present } = await inspect(workflow, unit, digests, assets);
  if (missing.length > 0) throw missingInputs(workflow, unit, missing);
  await assertMade(unit, engine);
  const needed = need?.outputs.filter((name) => present.outputs[name] === undefined) ?? [];
  const reasons = [
    ...reasonsToRun(present, await unit.done(), attempts),
    ...needed.map((name) => `output ${name}, which was removed, is needed by ${need?.by}`),
  ];
  if (reasons.length === 0) {
    log.info(`${unit.label} is up to date`, { step: unit.label, skipped: true });
    onEvent?.({ type: "skipped", unit: unit.label });
    await composeJournal(workflow, open);
    return { made: [] };
  }
  if (removed.length > 0) return { lacks: removed };
  const number = (attempts.at(-1)?.attempt ?? 0) + 1;
  try {
    const attempt = await runAttempt(unit, number, {
      record: open.record,
      reasons,
      conditions: present.conditions,
      executor,
      limits,
      signal: AbortSignal.any([engine.signal, ...held.map((lock) => lock.signal)]),
      onStarted: () => {
        log.info(`${unit.label} runs: ${reasons.join("; ")}`, { step: unit.label, attempt: number, reasons });
        onEvent?.({ type: "started", unit: unit.label, attempt: number, reasons });
      },
      assertLocks: async () => {
        for (const lock of held) await lock.assertHeld();
      },
      env,
    });
    const { seconds, peakMemoryMiB, rowsIn, rowsOut, figures } = attempt;
    log.info(`${unit.label} finished`, {
      step: unit.label,
      attempt: number,
      seconds,
      peakMemoryMiB,
      rowsIn,
      rowsOut,
      ...figures,
    });
    onEvent?.({ type: "finished", unit: unit.label, attempt });
    return { made: [{ unit: unit.label, attempt }] };
  } finally {
    await composeJournal(workflow, open);
  }
}

/** A step may not read what an earlier one was in the middle of replacing. @throws JobError naming that step */
async function assertMade(unit: AnyUnit, engine: Engine): Promise<void> {
  const { workflow } = engine;
  const makers = makersOf(workflow, unit, unit.step.inputs(unit.run, unit.partition));
  for (const [path, maker] of makers) {
    const step = workflow.steps.find((candidate) => candidate.name === maker);
    if (!step || step === unit.step) continue;
    const done = await new Unit(unit.run, step, step.partitions ? "merge" : "whole").done();
    if (!done) throw missingInputs(workflow, unit, [path]);
  }
}

function dataLocks(unit: AnyUnit): Wanted[] {
  const wanted = new Map<string, LockMode>();
  for (const { path, mode } of unit.step.locks?.(unit.run) ?? [])
    if (wanted.get(path) !== "EXCLUSIVE") wanted.set(path, mode);
  return [...wanted].map(([path, mode]) => ({ path, mode })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
