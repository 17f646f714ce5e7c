import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { writeJson } from "../../../automation/files.js";
import { reportFolder } from "../../../automation/home.js";
import { forgetDiedRuns, unreportedRuns } from "../../../automation/suites/history.js";
import { readRecord, recordRun } from "../../../automation/suites/run-record.js";
import { freshHome } from "../support.js";

describe("the record of a run", () => {
  freshHome();

  it("tells how far each test is, and is gone when the run has ended", async () => {
    const recorder = await recordRun("r1", ["core"], ["one", "two"]);
    recorder.set("one", "running");
    recorder.set("one", "passed");
    recorder.set("two", "running");
    await recorder.remove();
    assert.equal(await readRecord("r1"), undefined);

    const other = await recordRun("r2", ["core"], ["one", "two"]);
    const before = await readRecord("r2");
    assert.deepEqual(
      [before?.isAlive, before?.asked, before?.tests],
      [
        true,
        ["core"],
        [
          { name: "one", state: "waiting" },
          { name: "two", state: "waiting" },
        ],
      ],
    );
    await other.remove();
  });

  it("of a process that died is told apart from one under way, and forgotten by a sweep", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const died = {
      run: "2026-01-01T00-00-00-died",
      asked: ["core"],
      startedAt: new Date(),
      process: { pid, startedAt: "1" },
      tests: [{ name: "one", state: "running" }],
    };
    await writeJson(join(reportFolder(died.run), "run.json"), died);
    const alive = await recordRun("2026-01-02T00-00-00-alive", ["core"], ["one"]);
    assert.deepEqual(
      (await unreportedRuns()).map(({ run, isAlive }) => [run, isAlive]),
      [
        ["2026-01-02T00-00-00-alive", true],
        ["2026-01-01T00-00-00-died", false],
      ],
    );
    assert.deepEqual(await forgetDiedRuns(), [died.run]);
    assert.deepEqual(
      (await unreportedRuns()).map(({ run }) => run),
      ["2026-01-02T00-00-00-alive"],
    );
    await alive.remove();
  });
});
