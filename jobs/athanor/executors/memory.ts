// Memory of a process and of those it has started, as Linux tells it; elsewhere nothing is known.
import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of a process with its descendants, MiB. @returns undefined when it is gone or the system does not say */
export function treeMemoryMiB(pid: number): number | undefined {
  try {
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (resident === undefined) return undefined;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
    return Math.round(Number(resident) / 1024) + children.reduce((sum, child) => sum + (treeMemoryMiB(child) ?? 0), 0);
  } catch {
    return undefined;
  }
}
