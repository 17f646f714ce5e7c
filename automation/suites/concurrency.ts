// How many tests run side by side: as many as the machine has room for.

/** Memory that a worker process and its engine take. */
const ENVIRONMENT_MIB = 400;
/** What stays for the rest of the machine. */
const RESERVED_MIB = 1024;

/**
 * @param cores of the machine; engines and jobs are busy at different times, so each core carries one test
 * @param freeMiB memory that is free
 * @param testMiB what the jobs of the largest test need at once
 * @returns at least 1
 */
export function defaultConcurrency(cores: number, freeMiB: number, testMiB: number): number {
  const byMemory = Math.floor((freeMiB - RESERVED_MIB) / (testMiB + ENVIRONMENT_MIB));
  return Math.max(1, Math.min(cores, byMemory));
}
