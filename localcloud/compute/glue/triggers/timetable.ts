// Alarms by name: each of a schedule, set again when it has gone off.
import type { AccountClocks } from "../../accountClocks.js";
import { parseSchedule } from "./cron.js";

export class Timetable {
  readonly #alarms = new Map<string, () => void>();

  constructor(private readonly clocks: Pick<AccountClocks, "of">) {}

  /**
   * Calls `act` whenever the schedule says by the account's clock, instead of what was set by this name before.
   *
   * @throws InvalidInputException
   */
  set(account: string, name: string, expression: string, act: () => void): void {
    const schedule = parseSchedule(expression);
    const clock = this.clocks.of(account);
    this.clear(name);
    const arm = (after: Date): void => {
      const next = schedule.next(after);
      if (!next) return;
      const cancel = clock.after(Math.max(0, next.getTime() - clock.now()), () => {
        arm(next);
        act();
      });
      this.#alarms.set(name, cancel);
    };
    arm(new Date(clock.now()));
  }

  clear(name: string): void {
    this.#alarms.get(name)?.();
    this.#alarms.delete(name);
  }

  close(): void {
    for (const name of [...this.#alarms.keys()]) this.clear(name);
  }
}
