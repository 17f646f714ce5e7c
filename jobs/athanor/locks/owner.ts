// Who holds a lock, and whether that process is certainly gone, or certainly there: which only its own machine can tell.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

export const ownerSchema = z.object({
  host: z.string(),
  /** Equal for two processes that can see each other: boot of the kernel and namespace of process ids. */
  machine: z.string(),
  pid: z.number(),
  /** Tells a process from a later one of the same id (clock ticks since boot); empty where the system does not say. */
  processStart: z.string(),
  run: z.string(),
  step: z.string(),
});

/** A process that holds a lock or waits for one, and what for. */
export type Owner = z.infer<typeof ownerSchema>;

/** This process. @param run and `step`: what it does, for those who wait */
export function thisOwner(run: string, step: string): Owner {
  return {
    host: hostname(),
    machine: machineId(),
    pid: process.pid,
    processStart: statOf(process.pid)?.start ?? "",
    run,
    step,
  };
}

let machine: string | undefined;

/** Identity of this machine as processes see it; where there is no /proc it is one that no other process has. */
function machineId(): string {
  machine ??= (() => {
    try {
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${readlinkSync("/proc/self/ns/pid")}`;
    } catch {
      return `${hostname()}/process-${process.pid}-${Date.now()}`;
    }
  })();
  return machine;
}

/** `unknown` where it cannot be told from here: of a process of another host or container, or when the system does not say. */
export type Life = "alive" | "gone" | "unknown";

/** What this machine knows of a process. One that is stopped (SIGSTOP, a debugger, a frozen container) is alive, however long it is silent. */
export function lifeOf(owner: Pick<Owner, "machine" | "pid" | "processStart">): Life {
  if (owner.machine !== machineId()) return "unknown";
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return "gone";
  }
  const stat = statOf(owner.pid);
  if (!stat || owner.processStart === "") return "unknown";
  // A zombie has ended; its parent has just not asked yet. One that began at another time has the id of one that has ended.
  return stat.state === "Z" || stat.state === "X" || stat.start !== owner.processStart ? "gone" : "alive";
}

/** Whether the process has certainly ended. */
export function isGone(owner: Pick<Owner, "machine" | "pid" | "processStart">): boolean {
  return lifeOf(owner) === "gone";
}

/** State and start time (fields 3 and 22 of /proc/<pid>/stat; the name in field 2 may have spaces). */
function statOf(pid: number): { state: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", start: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/** `run r-1, step Train, pid 42 on ip-10-0-0-1` */
export function describeOwner(owner: Owner): string {
  return `run ${owner.run}, step ${owner.step}, pid ${owner.pid} on ${owner.host}`;
}
