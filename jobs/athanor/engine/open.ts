// Puts together what running a run needs; the one place that knows where things are kept below a data root.
import { join } from "node:path";
import { containerLimits, type Limits } from "../../lib/limits.js";
import type { Logger } from "../../lib/log.js";
import type { Executors } from "../executors/executor.js";
import { Digests } from "../files/digest.js";
import { Locks, type LockTimes } from "../locks/locks.js";
import type { Registered } from "../registry.js";
import { Runs } from "../run/runs.js";
import type { RunInfo } from "../workflow.js";
import { isWithin } from "./inspect.js";
import type { Engine, UnitEvent } from "./unit.js";

export interface EngineOptions {
  registered: Registered;
  /** Absolute. */
  dataRoot: string;
  runId: string;
  input: Record<string, unknown>;
  executors: Executors;
  log: Logger;
  signal: AbortSignal;
  env: Record<string, string | undefined>;
  /** @default what this container, or machine, has */
  limits?: Limits;
  lockTimes?: LockTimes;
  onEvent?(event: UnitEvent): void;
}

/**
 * Makes the run, or opens it, and gives what its steps are run with.
 * @throws UsageError, JobError as Runs.open does
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { registered, dataRoot, runId, input, lockTimes, env, limits, ...rest } = options;
  const open = await new Runs(dataRoot).open(registered.workflow, runId, input);
  return {
    ...rest,
    ...registered,
    env,
    open,
    locks: new Locks(dataRoot, lockTimes),
    digests: digestsOf(open.info),
    limits: limits ?? limitsFrom(env),
  };
}

/** Digests with a cache: of what is in the run's folder kept there, of other data at the data root. @param readOnly keeps nothing */
export function digestsOf(run: Pick<RunInfo<unknown>, "dataRoot" | "folder">, readOnly = false): Digests {
  const shared = join(run.dataRoot, ".athanor", "digests");
  const own = join(run.folder, "steps", ".digests");
  return new Digests((path) => (isWithin(path, run.folder) ? own : shared), readOnly);
}

/** What a job may use, by its variables (MEMORY_LIMIT_MIB, VCPUS, OMP_NUM_THREADS) and its container. */
export function limitsFrom(env: Record<string, string | undefined>): Limits {
  const number = (name: string) => Number(env[name]) || undefined;
  return containerLimits({
    memoryMiB: number("MEMORY_LIMIT_MIB"),
    vcpus: number("VCPUS"),
    ompThreads: number("OMP_NUM_THREADS"),
  });
}
