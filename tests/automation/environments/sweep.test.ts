import assert from "node:assert/strict";
import { sweepReason } from "../../../automation/environments/sweep.js";

const NOW = new Date("2026-02-07T12:00:00Z");
const BEFORE = new Date("2026-02-07T11:59:59Z");
const AFTER = new Date("2026-02-07T12:00:01Z");

describe("what a sweep takes", () => {
  const reason = (
    status: "creating" | "up" | "destroying" | "failed",
    {
      held = false,
      gone = false,
      expiresAt = null as Date | null,
      cloud = "background" as "background" | "private" | null,
    } = {},
  ) => sweepReason({ status, expiresAt, cloud }, held, gone, NOW);

  it("is what was being made or destroyed when its owner died", () => {
    assert.match(reason("creating") ?? "", /while it was created/);
    assert.match(reason("destroying") ?? "", /while it was destroyed/);
    assert.match(reason("failed") ?? "", /failed/);
  });

  it("is what outlived its time or its cloud", () => {
    assert.match(reason("up", { expiresAt: BEFORE }) ?? "", /time is over/);
    assert.match(reason("up", { gone: true }) ?? "", /local cloud has ended/);
    assert.match(reason("up", { cloud: "private" }) ?? "", /owner died/);
  });

  it("is nothing that lives", () => {
    assert.equal(reason("up"), undefined);
    assert.equal(reason("up", { expiresAt: AFTER }), undefined);
    assert.equal(reason("up", { cloud: null }), undefined);
    for (const status of ["creating", "destroying", "failed", "up"] as const)
      assert.equal(reason(status, { held: true, expiresAt: BEFORE }), undefined, status);
  });
});
