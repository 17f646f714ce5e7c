import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryLimit, nextLook } from "../../../../localcloud/compute/executors/memory.js";

const MIB = 2 ** 20;

describe("memory limit", () => {
  it("looks again before the room that is left can be filled at 3 GiB a second", () => {
    fc.assert(
      fc.property(fc.nat(64 * 1024), fc.nat(10_000), (roomMiB, ageMs) => {
        const wait = nextLook(roomMiB * MIB, 0, ageMs);
        assert.ok(wait >= 4 && wait <= 250);
        if (wait > 4) assert.ok(wait * ((3 * 1024) / 1000) <= roomMiB + 1e-6);
      }),
    );
  });

  it("never spends more than a fifth of its time looking", () => {
    assert.ok(nextLook(0, 30, 0) >= 120);
  });

  it("asks for the exact figure only when the upper bound is too much, and goes by it", () => {
    const limit = new MemoryLimit(100 * MIB);
    const unasked = () => assert.fail("asked without need");
    assert.equal(limit.exceeded(90 * MIB, unasked), false);
    assert.equal(limit.roomBytes, 10 * MIB);
    assert.equal(
      limit.exceeded(300 * MIB, () => 60 * MIB),
      false,
    );
    assert.equal(limit.roomBytes, 40 * MIB);
    assert.equal(
      limit.exceeded(300 * MIB, () => 101 * MIB),
      true,
    );
    assert.equal(limit.peakMiB, 101);
  });

  it("goes by resident memory where the system does not tell more", () => {
    assert.equal(
      new MemoryLimit(MIB).exceeded(2 * MIB, () => undefined),
      true,
    );
  });
});
