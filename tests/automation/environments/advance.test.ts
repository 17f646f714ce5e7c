import assert from "node:assert/strict";
import { advanceClock, parseMove, secondsOf } from "../../../automation/environments/advance.js";
import { UsageError } from "../../../automation/errors.js";
import type { Cloud } from "../../../localcloud/server/cloud.js";

const at = (text: string) => async () => new Date(text);

describe("moving a clock", () => {
  it("adds up a stretch", () => {
    assert.equal(secondsOf({ days: 1, hours: 2, minutes: 3, seconds: 4 }), 93_784);
    assert.equal(secondsOf({}), 0);
  });

  it("reads durations, times and times of day", async () => {
    const never = async (): Promise<Date> => assert.fail("asked for the time");
    assert.deepEqual(await parseMove("1h30m", never), { seconds: 5400 });
    assert.deepEqual(await parseMove("2026-12-01T04:30Z", never), new Date("2026-12-01T04:30:00Z"));
    assert.deepEqual(await parseMove("2026-12-01T04:30:15+02:00", never), new Date("2026-12-01T02:30:15Z"));
    assert.deepEqual(await parseMove("04:30", at("2026-03-01T04:29:59Z")), new Date("2026-03-01T04:30:00Z"));
    assert.deepEqual(await parseMove("04:30Z", at("2026-03-31T04:30:00Z")), new Date("2026-04-01T04:30:00Z"));
    for (const text of ["tomorrow", "25:00", "2026-13-01T00:00Z", "2026-12-01", "-1h", "2026-12-01T04:30"])
      await assert.rejects(parseMove(text, never), UsageError, text);
  });

  it("is refused where there is none to move", async () => {
    const cloud = { advance: () => assert.fail("moved") } as unknown as Cloud;
    const owner = { name: "s1", account: "123456789012", cloud };
    await assert.rejects(advanceClock({ ...owner, target: "aws" }, { hours: 1 }), {
      name: "UsageError",
      message: /^The clock of environment s1 cannot be moved: it lives on AWS.*Only the local cloud/,
    });
    await assert.rejects(
      advanceClock({ ...owner, cloud: undefined, target: "http://127.0.0.1:4566" }, { hours: 1 }),
      /it lives on http:\/\/127\.0\.0\.1:4566/,
    );
    await assert.rejects(
      advanceClock({ ...owner, cloud: undefined, target: "local" }, { hours: 1 }),
      /only by the process that brought it up/,
    );
  });
});
