import assert from "node:assert/strict";
import { type Ended, observe } from "../../../../localcloud/compute/glue/triggers/conditions.js";
import { parseSchedule } from "../../../../localcloud/compute/glue/triggers/cron.js";
import { Timetable } from "../../../../localcloud/compute/glue/triggers/timetable.js";

const next = (expression: string, after: string) => parseSchedule(expression).next(new Date(after))?.toISOString();

describe("Glue: schedules", () => {
  const cases: [expression: string, after: string, expected: string | undefined][] = [
    ["cron(30 4 * * ? *)", "2026-03-01T04:30:00Z", "2026-03-02T04:30:00.000Z"],
    ["cron(0/15 * * * ? *)", "2026-03-01T04:31:20Z", "2026-03-01T04:45:00.000Z"],
    ["cron(0 12 ? * MON-FRI *)", "2026-03-06T13:00:00Z", "2026-03-09T12:00:00.000Z"],
    ["cron(0 0 L FEB ? 2028)", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["cron(0 8 ? * 6L *)", "2026-03-01T00:00:00Z", "2026-03-27T08:00:00.000Z"],
    ["cron(0 8 ? * TUE#2 *)", "2026-03-01T00:00:00Z", "2026-03-10T08:00:00.000Z"],
    ["cron(0 8 15W * ? *)", "2026-03-01T00:00:00Z", "2026-03-16T08:00:00.000Z"],
    ["cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", undefined],
  ];
  for (const [expression, after, expected] of cases)
    it(`${expression} after ${after}`, () => assert.equal(next(expression, after), expected));

  it("refuses what is no schedule", () => {
    for (const expression of [
      "rate(5 minutes)",
      "cron(* * * * * *)",
      "cron(61 * * * ? *)",
      "cron(0 0 * * ?)",
      "cron(a 0 * * ? *)",
    ])
      assert.throws(() => parseSchedule(expression), { name: "InvalidInputException" });
  });

  it("goes off whenever its time has come, until it is cleared", () => {
    let now = Date.parse("2026-03-01T00:00:00Z");
    let pending: { at: number; act: () => void } | undefined;
    const clock = {
      now: () => now,
      after(milliseconds: number, act: () => void) {
        const alarm = { at: now + milliseconds, act };
        pending = alarm;
        return () => {
          if (pending === alarm) pending = undefined;
        };
      },
    };
    const times: string[] = [];
    const table = new Timetable({ of: () => clock });
    table.set("123456789012", "a", "cron(0 0/12 * * ? *)", () => times.push(new Date(now).toISOString()));
    for (let round = 0; round < 2; round += 1) {
      const alarm = pending;
      assert.ok(alarm);
      now = alarm.at;
      alarm.act();
    }
    assert.deepEqual(times, ["2026-03-01T12:00:00.000Z", "2026-03-02T00:00:00.000Z"]);
    table.clear("a");
    assert.equal(pending, undefined);
  });
});

describe("Glue: conditions of triggers", () => {
  const predicate = (Logical: "AND" | "ANY") => ({
    Logical,
    Conditions: [
      { LogicalOperator: "EQUALS" as const, JobName: "a", State: "SUCCEEDED" as const },
      { LogicalOperator: "EQUALS" as const, CrawlerName: "c", CrawlState: "SUCCEEDED" as const },
    ],
  });
  const fires = (logical: "AND" | "ANY", events: Ended[]) => {
    let met: ReadonlySet<number> = new Set();
    return events.map((event) => {
      const seen = observe(predicate(logical), met, event);
      met = seen.met;
      return seen.fires;
    });
  };
  const job = (state: string): Ended => ({ jobName: "a", state });
  const crawler: Ended = { crawlerName: "c", state: "SUCCEEDED" };

  it("all of them, in any order, and again only when all were met again", () => {
    assert.deepEqual(fires("AND", [job("FAILED"), crawler, job("SUCCEEDED"), job("SUCCEEDED"), crawler]), [
      false,
      false,
      true,
      false,
      true,
    ]);
  });
  it("any of them", () =>
    assert.deepEqual(fires("ANY", [job("FAILED"), job("SUCCEEDED"), crawler]), [false, true, true]));
});
