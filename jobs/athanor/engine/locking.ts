// Locks that a unit takes: waited for with word of who holds them, given back whatever happens.
import { describeClaim, type Lock } from "../locks/locks.js";
import { thisOwner } from "../locks/owner.js";
import type { Unit } from "../run/units.js";
import type { LockMode } from "../workflow.js";
import type { Engine } from "./unit.js";

/** A lock to take. */
export interface Wanted {
  path: string;
  mode: LockMode;
}

/** Does something for a unit while locks are held, which are taken in the order given. */
export async function withLocks<T>(
  unit: Unit<Record<string, unknown>>,
  wanted: Wanted[],
  engine: Engine,
  work: (held: Lock[]) => Promise<T>,
): Promise<T> {
  const held: Lock[] = [];
  try {
    for (const { path, mode } of wanted) held.push(await acquire(unit, path, mode, engine, held));
    return await work(held);
  } finally {
    for (const lock of held.reverse()) await lock.release();
  }
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
        lock: path,
      });
      onEvent?.({ type: "waiting", unit: unit.label, path: locks.nameOf(path), mode, blockers });
    },
  });
}
