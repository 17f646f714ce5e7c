import assert from "node:assert/strict";
import { formatTarget, parseTarget } from "../../../automation/environments/target.js";
import { UsageError } from "../../../automation/errors.js";

describe("targets", () => {
  it("are local, aws or an endpoint", () => {
    assert.deepEqual(parseTarget("local"), { kind: "local" });
    assert.deepEqual(parseTarget("aws"), { kind: "aws" });
    assert.deepEqual(parseTarget("http://127.0.0.1:4566/"), { kind: "endpoint", url: "http://127.0.0.1:4566" });
    assert.equal(formatTarget(parseTarget("https://aws.example.org")), "https://aws.example.org");
  });

  it("are nothing else", () => {
    for (const text of ["", "gcp", "ftp://x", "127.0.0.1:4566"])
      assert.throws(() => parseTarget(text), UsageError, text);
  });
});
