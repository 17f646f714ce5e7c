// Which claims are alive: those of this machine by their processes, others by watching them, where no clock of another host counts, only
// whether a file changes while one looks.
import { lifeOf } from "./owner.js";
import type { QueueEntry } from "./queue.js";

interface Watched {
  text: string;
  seenMs: number;
  /** For how long the file was seen not to change. */
  quietMs: number;
}

/** One observer's memory of a queue. */
export class Lives {
  readonly #watched = new Map<string, Watched>();

  /**
   * @param leaseMs lease of what is no claim, or one that cannot be read
   * @param stepMs the most that one look may add to a file's silence: when the server, or this process, stood still for longer than
   *   between two looks, the holder may have stood still as well
   */
  constructor(
    private readonly leaseMs: number,
    private readonly stepMs: number,
  ) {}

  /**
   * Looks once.
   * @param nowMs of a clock that only goes forward
   * @returns the entries whose owner is gone for certain, or of which nothing is known and that were silent for their lease
   */
  stale(entries: QueueEntry[], nowMs: number): QueueEntry[] {
    const present = new Set(entries.map((entry) => entry.file));
    for (const file of this.#watched.keys()) if (!present.has(file)) this.#watched.delete(file);
    return entries.filter((entry) => {
      const known = this.#watched.get(entry.file);
      const silent = known?.text === entry.text;
      const quietMs = known && silent ? known.quietMs + Math.min(nowMs - known.seenMs, this.stepMs) : 0;
      this.#watched.set(entry.file, { text: entry.text, seenMs: nowMs, quietMs });
      const life = entry.claim ? lifeOf(entry.claim.owner) : "unknown";
      if (life !== "unknown") return life === "gone";
      return quietMs >= (entry.claim?.leaseMs ?? this.leaseMs);
    });
  }
}
