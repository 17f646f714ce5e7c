import assert from "node:assert/strict";
import { nearest } from "../../stacks/nearest.js";

describe("The name that was meant", () => {
  it("is the most similar one, where one is similar", () => {
    const names = ["table", "batch", "budget", "logs", "network", "natGateways"];
    const meant: [string, string | undefined][] = [
      ["tabel", "table"],
      ["Batch", "batch"],
      ["netwrok", "network"],
      ["natGateway", "natGateways"],
      ["bugdet", "budget"],
      ["bogus", undefined],
      ["x", undefined],
      ["", undefined],
    ];
    for (const [written, name] of meant) assert.equal(nearest(written, names), name, written);
  });
});
