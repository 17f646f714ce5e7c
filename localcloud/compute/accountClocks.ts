// The clocks that timetables go by: one for each account, which `advance` moves ahead of the machine's and never back. What a service
// measures (durations, timeouts, retention) goes by the machine's clock.
import type { Clock } from "./clock.js";

interface Alarm {
  /** Milliseconds of the epoch, by the account's clock. */
  at: number;
  act(): void;
  /** Stops its timer. */
  cancel(): void;
}

/** What EventBridge's timetable, which has the lead and is in ministack's process, needs of them. */
export type MovableClocks = Pick<AccountClocks, "next" | "advance">;

export class AccountClocks {
  readonly #offsets = new Map<string, number>();
  /** An account's time while its alarms go off, which stands still meanwhile. */
  readonly #standing = new Map<string, number>();
  readonly #alarms = new Map<string, Set<Alarm>>();

  constructor(private readonly machine: Clock) {}

  /** The clock of an account. */
  of(account: string): Clock {
    return {
      now: () => this.#now(account),
      after: (milliseconds, act) => {
        const alarm: Alarm = { at: this.#now(account) + milliseconds, act, cancel: () => {} };
        const alarms = this.#alarms.get(account) ?? new Set();
        this.#alarms.set(account, alarms.add(alarm));
        this.#wait(account, alarm);
        return () => {
          alarm.cancel();
          alarms.delete(alarm);
        };
      },
    };
  }

  /** When the account's next alarm goes off, milliseconds of the epoch; undefined when there is none. */
  next(account: string): number | undefined {
    return this.#first(account)?.at;
  }

  /**
   * Moves an account's clock to a time; alarms on the way go off in order, each at its time. A time that is over is now.
   *
   * @param to milliseconds of the epoch
   * @returns how many went off
   */
  advance(account: string, to: number): number {
    const end = Math.max(to, this.#now(account));
    let fired = 0;
    try {
      for (let alarm = this.#first(account); alarm && alarm.at <= end; alarm = this.#first(account)) {
        this.#standing.set(account, Math.max(alarm.at, this.#now(account)));
        alarm.cancel();
        this.#alarms.get(account)?.delete(alarm);
        alarm.act();
        fired += 1;
      }
    } finally {
      this.#standing.delete(account);
      this.#offsets.set(account, end - this.machine.now());
      for (const alarm of this.#alarms.get(account) ?? []) {
        alarm.cancel();
        this.#wait(account, alarm);
      }
    }
    return fired;
  }

  #now(account: string): number {
    return this.#standing.get(account) ?? this.machine.now() + (this.#offsets.get(account) ?? 0);
  }

  #first(account: string): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms.get(account) ?? []) if (!first || alarm.at < first.at) first = alarm;
    return first;
  }

  #wait(account: string, alarm: Alarm): void {
    alarm.cancel = this.machine.after(Math.max(0, alarm.at - this.#now(account)), () => {
      this.#alarms.get(account)?.delete(alarm);
      alarm.act();
    });
  }
}
