// What a worker is, and what of it this machine gives: "AWS Glue worker types", AWS Glue Developer Guide.
import { invalidInput } from "../errors.js";
import type { StoredJob } from "../model.js";

/** @property memoryGiB of one worker; dpu: data processing units, by which capacity is counted */
interface WorkerType {
  vcpus: number;
  memoryGiB: number;
  dpu: number;
}

const WORKERS: Readonly<Record<string, WorkerType>> = {
  Standard: { vcpus: 4, memoryGiB: 16, dpu: 1 },
  "G.025X": { vcpus: 2, memoryGiB: 4, dpu: 0.25 },
  "G.1X": { vcpus: 4, memoryGiB: 16, dpu: 1 },
  "G.2X": { vcpus: 8, memoryGiB: 32, dpu: 2 },
  "G.4X": { vcpus: 16, memoryGiB: 64, dpu: 4 },
  "G.8X": { vcpus: 32, memoryGiB: 128, dpu: 8 },
  "G.12X": { vcpus: 48, memoryGiB: 192, dpu: 12 },
  "G.16X": { vcpus: 64, memoryGiB: 256, dpu: 16 },
  "R.1X": { vcpus: 4, memoryGiB: 32, dpu: 1 },
  "R.2X": { vcpus: 8, memoryGiB: 64, dpu: 2 },
  "R.4X": { vcpus: 16, memoryGiB: 128, dpu: 4 },
  "R.8X": { vcpus: 32, memoryGiB: 256, dpu: 8 },
};

/** Capacity as the API shows it on jobs and runs. */
export interface Capacity {
  WorkerType?: StoredJob["WorkerType"];
  NumberOfWorkers?: number;
  /** Data processing units. */
  MaxCapacity: number;
  /** The same, in whole ones. */
  AllocatedCapacity: number;
}

interface Requested extends Partial<Omit<Capacity, "WorkerType">> {
  WorkerType?: string;
}

/**
 * Capacity of a job or run by what was asked for.
 *
 * @param isSpark else the job is of Python alone, which takes 1/16 or one whole unit
 * @throws InvalidInputException for what does not go together
 */
export function capacityOf(requested: Requested, isSpark: boolean): Capacity {
  const { WorkerType: name, NumberOfWorkers, MaxCapacity, AllocatedCapacity } = requested;
  if (!isSpark) {
    const units = MaxCapacity ?? AllocatedCapacity ?? 0.0625;
    if (units !== 0.0625 && units !== 1)
      throw invalidInput("Max Capacity of a Python shell job has to be either 0.0625 or 1.");
    return { MaxCapacity: units, AllocatedCapacity: Math.floor(units) };
  }
  if (name !== undefined || NumberOfWorkers !== undefined) {
    if (MaxCapacity !== undefined && AllocatedCapacity === undefined)
      throw invalidInput("Please do not set Max Capacity if using Worker Type and Number of Workers.");
    if (name === undefined || NumberOfWorkers === undefined)
      throw invalidInput("Please set both Worker Type and Number of Workers.");
    const type = WORKERS[name];
    if (!type) throw invalidInput(`Worker type ${name} is not supported.`);
    const units = type.dpu * NumberOfWorkers;
    const WorkerType = name as StoredJob["WorkerType"];
    return { WorkerType, NumberOfWorkers, MaxCapacity: units, AllocatedCapacity: Math.floor(units) };
  }
  const units = MaxCapacity ?? AllocatedCapacity ?? 10;
  if (units < 2) throw invalidInput("Max Capacity of a Spark job has to be 2 at least.");
  return { MaxCapacity: units, AllocatedCapacity: Math.floor(units) };
}

/** What the machine has. */
export interface Machine {
  cores: number;
  memoryMiB: number;
}

/** What of the machine one run of Spark may take at most: others run beside it. */
const SHARE_OF_MEMORY = 0.4;
const LEAST_HEAP_MIB = 1024;

/** What Spark gets in local mode, where driver and executors are one process: the workers' cores and memory, as far as the machine has them. */
export function sparkSize(capacity: Capacity, machine: Machine): { cores: number; heapMiB: number } {
  const type = WORKERS[capacity.WorkerType ?? "Standard"] ?? (WORKERS["G.1X"] as WorkerType);
  const workers = capacity.NumberOfWorkers ?? Math.max(1, Math.floor(capacity.MaxCapacity / type.dpu));
  const heapMiB = Math.min(workers * type.memoryGiB * 1024, Math.floor(machine.memoryMiB * SHARE_OF_MEMORY));
  return {
    cores: Math.max(1, Math.min(workers * type.vcpus, machine.cores)),
    heapMiB: Math.max(LEAST_HEAP_MIB, heapMiB),
  };
}
