// Brings one unit up to date: locked, looked at, skipped when nothing has changed, run otherwise.
import { join } from "node:path";
import { JobError } from "../../lib/errors.js";
import type { Limits } from "../../lib/limits.js";
import type { Logger } from "../../lib/log.js";
import type { Executors } from "../executors/executor.js";
import type { Digests } from "../files/digest.js";
import type { ClaimText } from "../locks/claim.js";
import { describeClaim, type Lock, type Locks } from "../locks/locks.js";
import { thisOwner } from "../locks/owner.js";
import { composeJournal } from "../run/journal.js";
import type { Attempt } from "../run/records.js";
import type { OpenRun } from "../run/runs.js";
import { Unit } from "../run/units.js";
import type { LockMode, Workflow } from "../workflow.js";
import { runAttempt, settleCrashed } from "./attempt.js";
import { reasonsToRun } from "./decide.js";
import { inspect, makersOf, missingInputs } from "./inspect.js";

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
  | { type: "finished"; unit: string; attempt: Attempt };

export type UnitOutcome = { ran: false } | { ran: true; attempt: Attempt };

/**
 * Runs a unit unless it is done.
 * @throws JobError when an input is missing or a lock is lost; what the step throws
 */
export async function bringUpToDate(unit: Unit<Record<string, unknown>>, engine: Engine): Promise<UnitOutcome> {
  const held: Lock[] = [];
  try {
    // The unit's own lock first; then data sets in the order of their names, so that nobody waits in a circle.
    const wanted: { path: string; mode: LockMode }[] = [{ path: unit.folder, mode: "EXCLUSIVE" }, ...dataLocks(unit)];
    for (const { path, mode } of wanted) held.push(await acquire(unit, path, mode, engine, held));
    return await locked(unit, engine, held);
  } finally {
    for (const lock of held.reverse()) await lock.release();
  }
}

async function locked(unit: Unit<Record<string, unknown>>, engine: Engine, held: Lock[]): Promise<UnitOutcome> {
  const { workflow, digests, assets, log, executors, limits, env, open, onEvent } = engine;
  const executorName = unit.step.executor ?? "local";
  const executor = executors[executorName];
  if (!executor) throw new JobError(`${unit.label} runs on '${executorName}', for which there is no executor here`);
  const attempts = await settleCrashed(unit);
  const { missing, ...present } = await inspect(unit, digests, assets);
  if (missing.length > 0) throw missingInputs(workflow, unit, missing);
  await assertMade(unit, engine);
  const reasons = reasonsToRun(present, await unit.done(), attempts);
  if (reasons.length === 0) {
    log.info(`${unit.label} is up to date`, { step: unit.label, skipped: true });
    onEvent?.({ type: "skipped", unit: unit.label });
    await composeJournal(workflow, open);
    return { ran: false };
  }
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
    return { ran: true, attempt };
  } finally {
    await composeJournal(workflow, open);
  }
}

/** A step may not read what an earlier one was in the middle of replacing. @throws JobError naming that step */
async function assertMade(unit: Unit<Record<string, unknown>>, engine: Engine): Promise<void> {
  const { workflow } = engine;
  const makers = makersOf(workflow, unit, unit.step.inputs(unit.run, unit.partition));
  for (const [path, maker] of makers) {
    const step = workflow.steps.find((candidate) => candidate.name === maker);
    if (!step || step === unit.step) continue;
    const done = await new Unit(unit.run, step, step.partitions ? "merge" : "whole").done();
    if (!done) throw missingInputs(workflow, unit, [path]);
  }
}

function dataLocks(unit: Unit<Record<string, unknown>>): { path: string; mode: LockMode }[] {
  const wanted = new Map<string, LockMode>();
  for (const { path, mode } of unit.step.locks?.(unit.run) ?? [])
    if (wanted.get(path) !== "EXCLUSIVE") wanted.set(path, mode);
  return [...wanted].map(([path, mode]) => ({ path, mode })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function acquire(
  unit: Unit<Record<string, unknown>>,
  path: string,
  mode: LockMode,
  engine: Engine,
  held: Lock[],
): Promise<Lock> {
  const { locks, log, onEvent } = engine;
  return locks.acquire(path, mode, {
    owner: thisOwner(unit.run.id, unit.label),
    signal: AbortSignal.any([engine.signal, ...held.map((lock) => lock.signal)]),
    onWait: (blockers) => {
      const who = blockers.map(describeClaim);
      log.info(`${unit.label} waits for ${mode} on ${locks.nameOf(path)}: ${who.join("; ")}`, {
        step: unit.label,
        lock: join(path),
      });
      onEvent?.({ type: "waiting", unit: unit.label, path: locks.nameOf(path), mode, blockers });
    },
  });
}
