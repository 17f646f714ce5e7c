// Repeating with growing pauses, within a time limit and until cancelled.
import { setTimeout as pause } from "node:timers/promises";

/** Clock and pause, so that tests need not wait. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  async pause(ms, signal) {
    try {
      await pause(ms, undefined, { signal });
    } catch {
      throw signal.reason;
    }
  },
};

const LONGEST_PAUSE_MS = 5_000;

/** Repeats `attempt` while its error is `transient`; after `timeoutSeconds` the last error is thrown. */
export async function retry<T>(
  attempt: () => Promise<T>,
  transient: (error: Error) => boolean,
  timeoutSeconds: number,
  signal: AbortSignal,
  clock: Clock = realClock,
): Promise<T> {
  const deadline = clock.now() + timeoutSeconds * 1000;
  for (let delay = 50; ; delay = Math.min(delay * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Error) || !transient(error) || clock.now() + delay > deadline) throw error;
    }
    await clock.pause(delay, signal);
  }
}

/** Asks `probe` until it gives a value. @throws TimeoutError naming `what` after `timeoutSeconds`. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  timeoutSeconds: number,
  signal: AbortSignal,
  clock: Clock = realClock,
): Promise<T> {
  const deadline = clock.now() + timeoutSeconds * 1000;
  for (let delay = 20; ; delay = Math.min(delay * 1.6, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const value = await probe();
    if (value !== undefined) return value;
    if (clock.now() + delay > deadline) throw new TimeoutError(what, timeoutSeconds);
    await clock.pause(delay, signal);
  }
}

export class TimeoutError extends Error {
  constructor(what: string, timeoutSeconds: number) {
    super(`waited ${timeoutSeconds} s for ${what}, in vain`);
    this.name = "TimeoutError";
  }
}
