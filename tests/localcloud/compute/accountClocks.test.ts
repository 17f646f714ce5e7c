import assert from "node:assert/strict";
import { AccountClocks } from "../../../localcloud/compute/accountClocks.js";
import type { Clock } from "../../../localcloud/compute/clock.js";
import { Timetable } from "../../../localcloud/compute/glue/triggers/timetable.js";

/** A machine whose time the test sets. */
function machine(start: string) {
  let now = Date.parse(start);
  const timers = new Set<{ at: number; act: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(milliseconds, act) {
      const timer = { at: now + milliseconds, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const pass = (milliseconds: number): void => {
    now += milliseconds;
    for (const timer of [...timers])
      if (timer.at <= now) {
        timers.delete(timer);
        timer.act();
      }
  };
  return { clock, pass, timers };
}

const [ONE, OTHER] = ["111111111111", "222222222222"];
const HOUR = 3_600_000;

describe("clocks of accounts", () => {
  it("go with the machine's until they are moved; alarms keep what is left", () => {
    const { clock, pass, timers } = machine("2026-03-01T00:00:00Z");
    const clocks = new AccountClocks(clock);
    const heard: string[] = [];
    const alarm = (account: string, hours: number, name: string) =>
      clocks.of(account).after(hours * HOUR, () => heard.push(name));
    alarm(ONE, 2, "two");
    alarm(ONE, 5, "five");
    const cancel = alarm(ONE, 3, "never");
    alarm(OTHER, 2, "other");
    cancel();
    assert.equal(clocks.next(ONE), Date.parse("2026-03-01T02:00:00Z"));
    assert.equal(clocks.advance(ONE, Date.parse("2026-03-01T04:30:00Z")), 1);
    assert.deepEqual(heard, ["two"]);
    assert.deepEqual(
      [clocks.of(ONE).now(), clocks.of(OTHER).now()].map((at) => new Date(at).toISOString().slice(11, 16)),
      ["04:30", "00:00"],
    );
    pass(HOUR / 2);
    assert.deepEqual(heard, ["two", "five"]);
    assert.equal(clocks.advance(ONE, Date.parse("2026-03-01T00:00:00Z")), 0);
    assert.equal(new Date(clocks.of(ONE).now()).toISOString(), "2026-03-01T05:00:00.000Z");
    pass(2 * HOUR);
    assert.deepEqual([heard, timers.size, clocks.next(ONE)], [["two", "five", "other"], 0, undefined]);
  });

  it("carry timetables along: each time in order, and each at its time", () => {
    const { clock } = machine("2026-03-01T00:00:00Z");
    const clocks = new AccountClocks(clock);
    const table = new Timetable(clocks);
    const heard: string[] = [];
    const note = (name: string) => () => {
      heard.push(`${name} ${new Date(clocks.of(ONE).now()).toISOString().slice(0, 16)}`);
    };
    table.set(ONE, "a", "cron(0 0/12 * * ? *)", note("a"));
    table.set(ONE, "b", "cron(30 4 * * ? *)", note("b"));
    table.set(OTHER, "c", "cron(0 * * * ? *)", note("c"));
    assert.equal(clocks.advance(ONE, Date.parse("2026-03-02T06:00:00Z")), 4);
    assert.deepEqual(heard, ["b 2026-03-01T04:30", "a 2026-03-01T12:00", "a 2026-03-02T00:00", "b 2026-03-02T04:30"]);
  });
});
