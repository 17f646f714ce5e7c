// When to look at a container's memory again, and when it has had too much: the decisions, without the machine.

/** No program fills memory faster than this; page faults alone cost more. Bytes per millisecond. */
const FASTEST_GROWTH = (3 * 2 ** 30) / 1000;
const SHORTEST_MS = 4;
const LONGEST_MS = 250;
const YOUNG_MS = 20;

/**
 * Milliseconds until the next look: short enough that the room left cannot be filled in between, so that a program is
 * caught while it exceeds its limit, and never so short that looking costs more than a fifth of a processor.
 * @param roomBytes limit less what is used
 * @param lookMs what the last look took
 * @param ageMs since the container's start: a young one is looked at more often, so that a short one has a peak to report
 */
export function nextLook(roomBytes: number, lookMs: number, ageMs: number): number {
  const untilFull = roomBytes / FASTEST_GROWTH;
  return Math.max(SHORTEST_MS, lookMs * 4, Math.min(LONGEST_MS, untilFull, Math.max(YOUNG_MS, ageMs / 4)));
}

/** How a container stands against its limit. */
export class MemoryLimit {
  #usedBytes = 0;
  #peakBytes = 0;

  /** @param limitBytes of the whole container */
  constructor(readonly limitBytes: number) {}

  get peakMiB(): number {
    return Math.ceil(this.#peakBytes / 2 ** 20);
  }

  /** Bytes at the last look. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes left, as far as the last look could tell. */
  get roomBytes(): number {
    return Math.max(0, this.limitBytes - this.#usedBytes);
  }

  /**
   * Takes note of a look and says whether the container exceeds its limit. Resident memory counts a page once for every
   * process that shares it, and files that the kernel could drop, so it is an upper bound: only when that is too much, the
   * exact figure is asked for and decides.
   * @param residentBytes sum over the container's processes
   * @param charged exact bytes, or undefined where the system does not tell; costs more
   */
  exceeded(residentBytes: number, charged: () => number | undefined): boolean {
    this.#usedBytes = residentBytes > this.limitBytes ? (charged() ?? residentBytes) : residentBytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    return this.#usedBytes > this.limitBytes;
  }
}
