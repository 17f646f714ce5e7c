// Telling a process from another one that got the same number later.
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  pid: number;
  /** When the kernel started it, in its own unit; null where the system does not tell. */
  startedAt: string | null;
}

/** Fields of `/proc/<pid>/stat` from the third on (`proc(5)`); empty without /proc or such a process. */
function stat(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** The start of a process in clock ticks since boot; null where it cannot be told. */
export function startOf(pid: number): string | null {
  return stat(pid)[19] ?? null;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startedAt: startOf(process.pid) };
}

/** Whether that very process still runs. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // A zombie has ended; only its parent has not looked yet.
  if (stat(pid)[0] === "Z") return false;
  return startedAt === null || startOf(pid) === startedAt;
}
