// What the container may use: a process must be told, since what the machine has is not what the container was given.
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

export interface Limits {
  memoryMiB: number;
  /** Threads worth having; at least 1. */
  threads: number;
}

/** What the limits are read from. */
export interface Machine {
  memoryMiB: number;
  cpus: number;
  /** Text of a file, or undefined when it cannot be read. */
  read(path: string): string | undefined;
}

const MIB = 1024 * 1024;

/** This machine. */
export function thisMachine(): Machine {
  return {
    memoryMiB: Math.floor(totalmem() / MIB),
    cpus: availableParallelism(),
    read: (path) => {
      try {
        return readFileSync(path, "utf8").trim();
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * Limits of this container: the least of what it was told (MEMORY_LIMIT_MIB, VCPUS, OMP_NUM_THREADS), what its control group says
 * (version 2, else 1) and what the machine has. A submission may override a job definition's size, which only the control group knows.
 */
export function containerLimits(
  told: { memoryMiB?: number; vcpus?: number; ompThreads?: number },
  machine: Machine = thisMachine(),
): Limits {
  const least = (...values: (number | undefined)[]) => Math.min(...values.filter((value) => value !== undefined));
  const vcpus = least(told.vcpus, told.ompThreads, quotaOf(machine), machine.cpus);
  return {
    memoryMiB: least(told.memoryMiB, memoryOf(machine), machine.memoryMiB),
    threads: Math.max(1, Math.ceil(vcpus)),
  };
}

function memoryOf(machine: Machine): number | undefined {
  const text = machine.read("/sys/fs/cgroup/memory.max") ?? machine.read("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  const bytes = Number(text);
  // Without a limit version 2 says `max`, version 1 a number beyond any machine.
  return text && Number.isFinite(bytes) && bytes > 0 ? Math.floor(bytes / MIB) : undefined;
}

function quotaOf(machine: Machine): number | undefined {
  const version2 = machine.read("/sys/fs/cgroup/cpu.max")?.split(" ");
  const [quota, period] = version2 ?? [
    machine.read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
    machine.read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
  ];
  const vcpus = Number(quota) / Number(period);
  return quota && period && Number.isFinite(vcpus) && vcpus > 0 ? vcpus : undefined;
}
