// Time, passed in: tests hand in a clock of their own and scale a job's timeout with it.

export interface Clock {
  /** Milliseconds of the epoch. */
  now(): number;
  /** Calls `act` once after that many milliseconds; the returned function calls it off. */
  after(milliseconds: number, act: () => void): () => void;
}

/** Longest delay that setTimeout takes; longer ones are waited for in pieces. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The real clock. Its timers do not keep the process alive. */
export function systemClock(now: () => Date): Clock {
  return {
    now: () => now().getTime(),
    after(milliseconds, act) {
      let timer: NodeJS.Timeout;
      const wait = (left: number): void => {
        const delay = Math.min(left, LONGEST_DELAY);
        timer = setTimeout(() => (left > delay ? wait(left - delay) : act()), delay);
        timer.unref();
      };
      wait(milliseconds);
      return () => clearTimeout(timer);
    },
  };
}
