import assert from "node:assert/strict";
import fc from "fast-check";
import { checkName, newAccount, newSuffix } from "../../../automation/environments/naming.js";
import { UsageError } from "../../../automation/errors.js";

/** Always the next of the given numbers, within the bound. */
const script = (...numbers: number[]) => {
  let index = 0;
  return (bound: number) => (numbers[index++ % numbers.length] ?? 0) % bound;
};

describe("names of environments", () => {
  it("are lower case, with digits and hyphens", () => {
    for (const name of ["s1", "a", "my-env-2"]) assert.equal(checkName(name), name);
    for (const name of ["", "1s", "S1", "a_b", "../up", "a/b", "x".repeat(33), "-a"])
      assert.throws(() => checkName(name), UsageError, name);
  });

  it("have suffixes that a bucket's name may end in, and that nobody else has", () => {
    for (let round = 0; round < 200; round += 1) assert.match(newSuffix(new Set()), /^[a-z][a-z2-9]{3}$/);
    assert.equal(newSuffix(new Set(["aaaa"]), script(0, 0, 0, 0, 1)), "baaa");
  });

  it("have accounts of 12 digits that nobody else has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 - 1 }), (number) =>
        /^[2-9]\d{11}$/.test(newAccount(new Set(), script(number))),
      ),
    );
    assert.equal(newAccount(new Set(["200000000000"]), script(0, 0, 0, 7)), "200000000007");
  });
});
