// Watches over the processes of containers: their memory while they run, and that nothing of them is left afterwards.
import { setTimeout as delay } from "node:timers/promises";
import { type Family, newFamily, updateFamily } from "./family.js";
import { MemoryLimit, nextLook } from "./memory.js";
import type { ProcessInfo, ProcessTable } from "./process-table.js";

/** Between two looks at all processes; in between only known ones and their children are looked at. */
const SCAN_MS = 250;

/** A killed process ends in a moment; one that waits for a device that does not answer may never. About ten seconds. */
const DESTROY_PASSES = 200;

export interface Watched {
  /** Highest memory seen, MiB. */
  readonly peakMiB: number;
  /** Memory at the last look, bytes. */
  readonly usedBytes: number;
  /** Kills every process of the container and resolves when none of them is left. Rejects when one does not end. */
  destroy(): Promise<void>;
  /** Stops looking at its memory. */
  release(): void;
}

/** What a container may have, bytes: itself, and together with all others of its group. */
export interface MemoryLimits {
  bytes: number;
  group?: { id: string; bytes: number };
}

interface Entry {
  family: Family;
  marker: string;
  limit: MemoryLimit;
  group: MemoryLimits["group"];
  /** Milliseconds of the monotonic clock, as `dueAt`. */
  bornAt: number;
  dueAt: number;
  onOutOfMemory: () => void;
}

/**
 * One supervisor for all containers of an executor: it looks only while a container runs, and one look at the machine's
 * processes serves all of them.
 */
export class Supervisor {
  readonly #table: ProcessTable;
  readonly #entries = new Set<Entry>();
  /** Environments of processes that are in no container's group, by id and start: reading them is the costly part of a scan. */
  readonly #environments = new Map<number, { startedAt: number; text: string }>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #scannedAt = 0;
  #scanning: Promise<ProcessInfo[]> | undefined;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /**
   * Begins to watch a container. To be called in the same turn of the event loop as the spawn.
   * @param pid of its own process, the leader of a process group
   * @param marker a text that only its processes have in their environment
   * @param onOutOfMemory called once, when its processes together exceed the limit
   */
  watch(pid: number, marker: string, { bytes, group }: MemoryLimits, onOutOfMemory: () => void): Watched {
    const startedAt = this.#table.read(pid)?.startedAt ?? 0;
    const entry: Entry = {
      family: newFamily({ pid, startedAt }),
      marker,
      limit: new MemoryLimit(bytes),
      group,
      bornAt: performance.now(),
      dueAt: performance.now() + nextLook(Math.min(bytes, group?.bytes ?? bytes), 0, 0),
      onOutOfMemory,
    };
    this.#entries.add(entry);
    this.#schedule();
    return {
      get peakMiB() {
        return entry.limit.peakMiB;
      },
      get usedBytes() {
        return entry.limit.usedBytes;
      },
      destroy: () => this.#destroy(entry),
      release: () => {
        this.#entries.delete(entry);
        this.#schedule();
      },
    };
  }

  async #destroy(entry: Entry): Promise<void> {
    signal(-entry.family.leader.pid, "SIGKILL");
    // A process may start another one between the look and the kill, so until a look finds nobody.
    let alive: ProcessInfo[] = [];
    for (let pass = 0; pass < DESTROY_PASSES; pass += 1) {
      alive = this.#update(entry, await this.#scan());
      if (alive.length === 0) return;
      for (const info of alive) signal(info.pid, "SIGKILL");
      await delay(Math.min(50, 2 ** pass));
    }
    throw new Error(`processes ${alive.map((info) => info.pid).join(", ")} do not end, although they were killed`);
  }

  #schedule(): void {
    const next = Math.min(...[...this.#entries].map((entry) => entry.dueAt), Number.POSITIVE_INFINITY);
    if (next === this.#timerAt && this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = next;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => void this.#look(), Math.max(1, next - performance.now()));
    // The containers' own processes keep the program alive; looking at them need not.
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    const begun = performance.now();
    const { direct } = this.#table;
    if (!direct || begun - this.#scannedAt >= SCAN_MS) {
      const processes = await this.#scan();
      for (const entry of this.#entries) this.#update(entry, processes);
      if (!direct) for (const entry of this.#entries) this.#judge(entry, sumOf(entry, processes));
    }
    const due = [...this.#entries].filter((entry) => entry.dueAt <= performance.now() + 1);
    if (direct) for (const entry of due) this.#judge(entry, this.#residentOf(entry));
    const took = performance.now() - begun;
    const now = performance.now();
    for (const entry of due) entry.dueAt = now + nextLook(this.#room(entry), took, now - entry.bornAt);
    this.#schedule();
  }

  #judge(entry: Entry, residentBytes: number): void {
    const charged = () => {
      const each = [...entry.family.members.keys()].map((pid) => this.#table.charged(pid));
      // A process that is gone has nothing; where none tells, the system does not.
      return each.some((bytes) => bytes !== undefined)
        ? each.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
        : undefined;
    };
    if (entry.limit.exceeded(residentBytes, charged)) this.#kill(entry);
    else if (entry.group && this.#groupBytes(entry.group.id) > entry.group.bytes)
      // As the kernel chooses among the processes of a control group: the one that frees most.
      this.#kill(
        this.#ofGroup(entry.group.id).reduce((a, b) => (b.limit.usedBytes > a.limit.usedBytes ? b : a), entry),
      );
  }

  #kill(entry: Entry): void {
    this.#entries.delete(entry);
    entry.onOutOfMemory();
  }

  #ofGroup(id: string): Entry[] {
    return [...this.#entries].filter(({ group }) => group?.id === id);
  }

  #groupBytes(id: string): number {
    return this.#ofGroup(id).reduce((sum, { limit }) => sum + limit.usedBytes, 0);
  }

  /** Bytes that the container may still fill. */
  #room({ limit, group }: Entry): number {
    return group ? Math.max(0, Math.min(limit.roomBytes, group.bytes - this.#groupBytes(group.id))) : limit.roomBytes;
  }

  /** Resident bytes of a container's known processes and of the children that they have by now. */
  #residentOf(entry: Entry): number {
    const { members } = entry.family;
    let bytes = 0;
    // A map's iteration goes on to what is added meanwhile, so grandchildren are seen too.
    for (const pid of members.keys()) {
      const own = this.#table.resident(pid);
      if (own === undefined) {
        if (pid !== entry.family.leader.pid) members.delete(pid);
        continue;
      }
      bytes += own;
      for (const child of this.#table.children(pid)) {
        const info = members.has(child) ? undefined : this.#table.read(child);
        if (info?.parent === pid) members.set(child, { pid: child, startedAt: info.startedAt });
      }
    }
    return bytes;
  }

  #update(entry: Entry, processes: readonly ProcessInfo[]): ProcessInfo[] {
    const byPid = new Map(processes.map((info) => [info.pid, info]));
    return updateFamily(entry.family, processes, (pid) => this.#environmentOf(byPid.get(pid)).includes(entry.marker));
  }

  #environmentOf(info: ProcessInfo | undefined): string {
    if (!info) return "";
    const known = this.#environments.get(info.pid);
    if (known?.startedAt === info.startedAt) return known.text;
    const text = this.#table.environment(info.pid);
    this.#environments.set(info.pid, { startedAt: info.startedAt, text });
    return text;
  }

  /** All processes as they are after the call; calls of one turn of the event loop share a look. */
  #scan(): Promise<ProcessInfo[]> {
    this.#scanning ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      this.#scanning = undefined;
      this.#scannedAt = performance.now();
      const processes = await this.#table.snapshot();
      const present = new Set(processes.map((info) => info.pid));
      for (const pid of this.#environments.keys()) if (!present.has(pid)) this.#environments.delete(pid);
      return processes;
    });
    return this.#scanning;
  }
}

function sumOf(entry: Entry, processes: readonly ProcessInfo[]): number {
  return processes
    .filter((info) => entry.family.members.has(info.pid))
    .reduce((sum, info) => sum + (info.residentBytes ?? 0), 0);
}

/** Sends a signal to a process, or to a group by its negative id; whoever is gone needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // EPERM: it took on another user's identity, which only a container engine could have kept it from.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
