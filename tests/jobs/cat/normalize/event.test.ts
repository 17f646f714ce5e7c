import assert from "node:assert/strict";
import { workingMs } from "../../../../jobs/cat/normalize/deadline.js";
import { parseEvent } from "../../../../jobs/cat/normalize/event.js";

const NOW = new Date("2026-11-21T00:10:00Z");

describe("What the function is invoked with", () => {
  it("says the day, or when the schedule was due, or nothing", () => {
    assert.deepEqual(parseEvent({}, NOW), { date: "2026-11-21", restart: false });
    assert.deepEqual(parseEvent(null, NOW), { date: "2026-11-21", restart: false });
    const scheduled = { time: "2026-11-20T23:59:00-01:00", "detail-type": "Scheduled Event", source: "aws.events" };
    assert.equal(parseEvent(scheduled, NOW).date, "2026-11-21");
    assert.equal(parseEvent({ ...scheduled, time: "2026-11-20T04:30:00Z" }, NOW).date, "2026-11-20");
    assert.deepEqual(parseEvent({ date: "2026-11-19", resume: "r", restart: true }, NOW), {
      date: "2026-11-19",
      resume: "r",
      restart: true,
    });
  });

  it("is refused when the day is none", () => {
    for (const date of ["2026-13-01", "2026-02-30", "20261120", "../../x"])
      assert.throws(() => parseEvent({ date }, NOW), { name: "InvalidEvent", message: /date/ });
  });

  it("leaves time for saving: a share of a short invocation, half a minute of a long one", () => {
    assert.equal(workingMs(900_000), 870_000);
    assert.equal(workingMs(2_000), 1_400);
    assert.equal(workingMs(-5), 0);
  });
});
