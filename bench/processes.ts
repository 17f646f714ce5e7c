// What processes have used, as the kernel says (Linux).
import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** CPU seconds that the processes have used so far (Linux). */
export function cpuSeconds(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/** Resident memory of all of them. */
export function residentMiB(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return sum + (pages * 4096) / 2 ** 20;
  }, 0);
}
