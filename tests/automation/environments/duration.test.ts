import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../automation/environments/duration.js";
import { UsageError } from "../../../automation/errors.js";

describe("durations", () => {
  it("reads what people write", () => {
    assert.equal(parseDuration("90s"), 90);
    assert.equal(parseDuration("2h"), 7200);
    assert.equal(parseDuration("1h30m"), 5400);
    assert.equal(parseDuration("1.5h"), 5400);
    assert.equal(parseDuration("3d"), 259_200);
  });

  it("refuses anything else, and nothing at all", () => {
    for (const text of ["", "2", "h", "2 hours", "-2h", "0s", "2h nonsense", "1y"])
      assert.throws(() => parseDuration(text), UsageError, text);
  });

  it("reads back every whole number of seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => parseDuration(`${seconds}s`) === seconds),
    );
  });

  it("shows two figures at most", () => {
    assert.equal(formatDuration(0.04), "0.0 s");
    assert.equal(formatDuration(9.94), "9.9 s");
    assert.equal(formatDuration(9.96), "10 s");
    assert.equal(formatDuration(59.6), "1 m 00 s");
    assert.equal(formatDuration(3599.7), "1 h 00 m");
    assert.equal(formatDuration(7260), "2 h 01 m");
    assert.equal(formatDuration(90_000), "1 d 1 h");
  });
});
