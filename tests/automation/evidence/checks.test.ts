import assert from "node:assert/strict";
import { Checks } from "../../../automation/evidence/checks.js";

describe("the checks of a test", () => {
  it("fail for all that is wrong, not for the first", () => {
    const check = new Checks();
    check.equal("trips", { "1": 5 }, { "1": 6 });
    check.equal("status", "SUCCEEDED", "SUCCEEDED");
    check.close("fare", 10.2, 10, 0.01);
    check.matches("log", "all is well", /AccessDenied/);
    assert.throws(
      () => check.finish(),
      (error: Error) => {
        assert.deepEqual(error.message.split("\n"), [
          "trips: expected { '1': 6 }, found { '1': 5 }",
          "fare: expected 10 ± 1 %, found 10.2",
          "log: expected something like /AccessDenied/, found all is well",
        ]);
        return true;
      },
    );
    assert.deepEqual(
      check.all.map(({ passed }) => passed),
      [false, true, false, false],
    );
  });

  it("pass when all hold", () => {
    const check = new Checks();
    check.equal("rows", [1, 2], [1, 2]);
    check.close("fare", 10.0000001, 10, 1e-6);
    check.finish();
  });

  it("fail when there was none: a test that checks nothing shows nothing", () => {
    assert.throws(() => new Checks().finish(), /checked nothing/);
  });
});
