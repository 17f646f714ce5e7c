// What runs below a process and where it listens, as the kernel says (Linux).
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

interface Entry {
  pid: number;
  parent: number;
  state: string;
}

function processes(): Entry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return [];
      }
    });
}

/** The process and everything below it. */
export function processTree(root: number): number[] {
  const all = processes();
  const tree = [root];
  for (const pid of tree) tree.push(...all.filter((entry) => entry.parent === pid).map((entry) => entry.pid));
  return tree;
}

/** Those of `pids` that still run; a zombie does not. */
export function running(pids: number[]): number[] {
  return processes()
    .filter(({ pid, state }) => pids.includes(pid) && state !== "Z")
    .map(({ pid }) => pid);
}

/** Resolves when none of `pids` runs any more; rejects naming those that still do after `timeoutMs`. */
export async function allGone(pids: number[], timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (running(pids).length > 0) {
    if (Date.now() > deadline) throw new Error(`still running: ${running(pids).join(", ")} of ${pids.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Local addresses, in the kernel's notation, of the TCP sockets that `pids` listen on and the UDP sockets they have bound. */
export function listeningAddresses(pids: number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).map((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        } catch {
          return undefined;
        }
      }),
    ),
  );
  const isOpen = (kind: string, state?: string) => kind.startsWith("udp") || state === "0A";
  return ["tcp", "tcp6", "udp", "udp6"].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => isOpen(kind, fields[3]) && sockets.has(fields[9] ?? ""))
      .map((fields) => `${kind} ${fields[1]?.split(":")[0]}`),
  );
}
