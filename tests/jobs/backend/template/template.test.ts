// The template workflow: its steps, run by Athanor in this process.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../data/support.js";
import { root } from "../p2a3/support.js";

const ath = (...args: string[]) => promisify(execFile)(process.execPath, [join(root, "bin", "ath.mjs"), ...args]);

describe("Template", function () {
  this.timeout(60_000);

  it("counts the message's words, however many partitions there are", async () => {
    const dataRoot = temporaryFolder();
    const create = ["--data-root", dataRoot, "create", "template", "--message", "A cat, a dog and a Cat."];
    for (const partitions of ["1", "3"]) {
      await ath(...create, "--partitions", partitions, "--run", `of-${partitions}`);
      const results = join(dataRoot, "prod", "template", `of-${partitions}`, "results", "words.csv");
      assert.equal(readFileSync(results, "utf8"), "word,count\na,3\ncat,2\nand,1\ndog,1\n");
    }
  });

  it("fails with its reason when there is nothing to count", async () => {
    await assert.rejects(
      ath("--data-root", temporaryFolder(), "create", "template", "--message", "123"),
      /The message '123' has no words/,
    );
  });
});
