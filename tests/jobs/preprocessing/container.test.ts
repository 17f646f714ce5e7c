// The container's modules have their tests beside this one, in their own language; each file of them is a test here.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectPython, projectRoot } from "../../../localcloud/server/paths.js";

const FOLDER = join(projectRoot, "tests", "jobs", "preprocessing");
const SOURCES = join(projectRoot, "jobs", "preprocessing");

/** Runs a file's tests. Resolves with how many there were. @throws with what unittest says of those that failed */
async function unittest(file: string): Promise<number> {
  const child = spawn(projectPython(), ["-m", "unittest", "-v", file.replace(/\.py$/, "")], {
    cwd: FOLDER,
    env: { PATH: process.env.PATH, PREPROCESSING_SOURCES: SOURCES, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  assert.equal(code, 0, said);
  return Number(/^Ran (\d+) tests? in/m.exec(said)?.[1]);
}

describe("The preprocessing container's modules", function () {
  this.timeout(120_000);
  const files = readdirSync(FOLDER).filter((name) => /^test_\w+\.py$/.test(name));

  it("have tests", () =>
    assert.deepEqual(files, ["test_environment.py", "test_main.py", "test_process.py", "test_storage.py"]));

  for (const file of files)
    it(`pass ${file}`, async () => {
      const count = await unittest(file);
      assert.ok(count > 4, `${count} tests`);
    });
});
