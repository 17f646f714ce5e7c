// When an invocation has to stop: early enough to save what it has read.

/** Of the time that an invocation begins with, this much is kept for saving. */
const SHARE = 0.3;
const LONGEST_MS = 30_000;

/**
 * @param remainingMs what the invocation has left
 * @returns a signal that aborts when only the time for saving is left, and what stops waiting for that
 */
export function deadline(remainingMs: number): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), workingMs(remainingMs));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** How long an invocation may work, milliseconds. */
export function workingMs(remainingMs: number): number {
  return Math.max(0, remainingMs - Math.min(LONGEST_MS, remainingMs * SHARE));
}
