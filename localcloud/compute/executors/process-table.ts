// The machine's processes, as far as supervising a container needs to know them: Linux from /proc, other systems from ps.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/** One process. `startedAt` tells two apart that had one id after the other. */
export interface ProcessInfo {
  pid: number;
  parent: number;
  group: number;
  /** Comparable with those of the same table; no unit. */
  startedAt: number;
  /** Ended, and only waits for its parent to take notice. */
  zombie: boolean;
  /** Resident memory in bytes, if the snapshot has it. */
  residentBytes?: number;
}

export interface ProcessTable {
  /** Whether single processes can be asked about at once and cheaply; otherwise only `snapshot` tells. */
  readonly direct: boolean;
  /** All processes, now. */
  snapshot(): Promise<ProcessInfo[]>;
  /** One process; undefined when it is gone, or the table is not direct. */
  read(pid: number): ProcessInfo | undefined;
  /** Children that a process' main thread started; a cheap hint between snapshots, not complete. */
  children(pid: number): number[];
  /** Resident bytes of a process; undefined when it is gone, or the table is not direct. */
  resident(pid: number): number | undefined;
  /**
   * Bytes that a process cannot give back: anonymous and shared memory, each page shared between processes divided among
   * them. What the kernel's own limit for a container counts. Undefined where the system does not tell.
   */
  charged(pid: number): number | undefined;
  /** What the process was started with as its environment, or an empty text where the system does not tell. */
  environment(pid: number): string;
}

/** The table of this machine. */
export function processTable(): ProcessTable {
  return process.platform === "linux" ? linuxTable() : psTable();
}

const PAGE_BYTES = 4096;

function linuxTable(): ProcessTable {
  const pageBytes = process.arch === "arm64" ? pageSizeOf() : PAGE_BYTES;
  const read = (pid: number): ProcessInfo | undefined => {
    const stat = readText(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // The command's name, in parentheses, may hold anything; the fields after the last parenthesis cannot.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      pid,
      zombie: fields[0] === "Z" || fields[0] === "X",
      parent: Number(fields[1]),
      group: Number(fields[2]),
      startedAt: Number(fields[19]),
    };
  };
  return {
    direct: true,
    read,
    snapshot: async () =>
      readdirSync("/proc").flatMap((name) => {
        const info = /^\d+$/.test(name) ? read(Number(name)) : undefined;
        return info ? [info] : [];
      }),
    children: (pid) =>
      (readText(`/proc/${pid}/task/${pid}/children`) ?? "")
        .split(" ")
        .filter((text) => text !== "")
        .map(Number),
    resident: (pid) => {
      const statm = readText(`/proc/${pid}/statm`);
      return statm === undefined ? undefined : Number(statm.split(" ")[1]) * pageBytes;
    },
    charged: (pid) => {
      const rollup = readText(`/proc/${pid}/smaps_rollup`);
      const kib = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup ?? "")?.[1] ?? Number.NaN);
      const bytes = 1024 * (kib("Pss_Anon") + kib("Pss_Shmem"));
      return Number.isNaN(bytes) ? undefined : bytes;
    },
    environment: (pid) => readText(`/proc/${pid}/environ`) ?? "",
  };
}

/** An arm64 kernel may have pages of 4, 16 or 64 KiB; the auxiliary vector says which. */
function pageSizeOf(): number {
  const AT_PAGESZ = 6n;
  const vector = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  return PAGE_BYTES;
}

function psTable(): ProcessTable {
  return {
    direct: false,
    snapshot: async () => {
      const { stdout } = await promisify(execFile)("ps", ["-axo", "pid=,ppid=,pgid=,rss=,stat=,lstart="], {
        maxBuffer: 16 << 20,
      });
      return stdout.split("\n").flatMap((line) => {
        const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line);
        if (!match) return [];
        const [, pid, parent, group, kib, state = "", started = ""] = match;
        return [
          {
            pid: Number(pid),
            parent: Number(parent),
            group: Number(group),
            residentBytes: 1024 * Number(kib),
            zombie: state.startsWith("Z"),
            startedAt: Date.parse(started),
          },
        ];
      });
    },
    read: () => undefined,
    children: () => [],
    resident: () => undefined,
    charged: () => undefined,
    environment: () => "",
  };
}

/** A process' file; undefined when the process is gone, or is another user's. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
