// The suite of preprocessing in containers, where there is an engine: the same tests as with processes.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planTests } from "../../../automation/suites/plan.js";
import { registry } from "../../../automation/suites/registry.js";
import { runBatch } from "../../../automation/suites/run-batch.js";
import { findContainerEngine } from "../../../localcloud/compute/executors/engine.js";
import { importPythonBase, PYTHON_BASE } from "../../support/container-base.js";
import { freshHome } from "../support.js";

describe("The preprocessing suite in containers", function () {
  this.timeout(600_000);
  freshHome();

  let folder: string;
  const asked = {
    CRUCIBLE_BASE_IMAGE: process.env.CRUCIBLE_BASE_IMAGE,
    CRUCIBLE_CONTAINER_ENGINE: process.env.CRUCIBLE_CONTAINER_ENGINE,
  };

  before(async function () {
    const found = await findContainerEngine();
    if (process.platform !== "linux" || "reason" in found) {
      const reason = "reason" in found ? found.reason : "The base image is made of a Linux machine's own files";
      console.log(`    skipped: ${reason}`);
      return this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "crucible-base-"));
    const { name, command } = found.engine;
    if (!asked.CRUCIBLE_BASE_IMAGE) {
      importPythonBase(command, join(folder, "root"));
      process.env.CRUCIBLE_BASE_IMAGE = PYTHON_BASE;
    }
    // What the engine is asked for is noted on the way to it.
    const noting = join(folder, name);
    writeFileSync(noting, `#!/bin/sh\necho "$1" >> "${folder}/asked"\nexec ${command} "$@"\n`, { mode: 0o755 });
    process.env.CRUCIBLE_CONTAINER_ENGINE = noting;
  });
  after(() => {
    for (const [name, value] of Object.entries(asked))
      if (value) process.env[name] = value;
      else delete process.env[name];
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("passes as it does with processes, and leaves nothing", async () => {
    const plan = planTests(registry, ["preprocessing"]);
    const { tests } = await runBatch(plan, { asked: ["preprocessing"], executor: "container" });
    assert.deepEqual(
      tests.map(({ name, verdict, leaks, reason }) => ({ name, verdict, leaks, reason })),
      plan.map(({ test }) => ({ name: test.name, verdict: "passed", leaks: [], reason: undefined })),
    );
    const did = readFileSync(join(folder, "asked"), "utf8").split("\n");
    const count = (what: string) => did.filter((each) => each === what).length;
    // The good one, the one that exits with 1, the one without memory; for two of five no container comes to be.
    assert.deepEqual([count("start"), count("rm")], [3, 3]);
  });
});
