import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { besideServer, projectPython } from "../../../localcloud/server/paths.js";

/** Runs the launcher in a Python where `change` was done before; returns what it announces and its exit code. */
function launch(change: string): { error?: string; status: number | null } {
  const launcher = besideServer("launcher.py");
  const source = `
import os, sys, runpy
os.environ.update(AUTH="true", BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", LOG_LEVEL="WARNING")
sys.path.insert(0, ${JSON.stringify(dirname(launcher))})
sys.argv = ["launcher.py", "0"]
os.setpgid(0, 0)
${change}
runpy.run_path(${JSON.stringify(launcher)}, run_name="__main__")
`;
  const done = spawnSync(projectPython(), ["-c", source], { encoding: "utf8", timeout: 20_000 });
  return { ...(JSON.parse(done.stdout || "{}") as { error?: string }), status: done.status };
}

describe("launcher: a ministack that is not the pinned one", () => {
  it("is refused naming every private name that is missing", () => {
    const { error, status } = launch(`
import ministack.services.eventbridge as eventbridge, ministack.services.scheduler as scheduler
del eventbridge._invoke_target
del scheduler._schedules`);
    assert.equal(status, 1);
    assert.match(error ?? "", /ministack 1\.5\.33 lacks .* ministack\.services\.eventbridge\._invoke_target, /);
    assert.match(error ?? "", /ministack\.services\.scheduler\._schedules/);
  });

  it("is refused when its version is another one", () => {
    const { error, status } = launch(`
import importlib.metadata as metadata
installed = metadata.version
metadata.version = lambda name: "1.5.34" if name == "ministack" else installed(name)`);
    assert.equal(status, 1);
    assert.match(error ?? "", /ministack 1\.5\.34 is installed, but the local cloud needs exactly 1\.5\.33/);
  });

  it("ends quietly when nobody is there to configure it", () => {
    assert.deepEqual(launch(""), { status: 0 });
  });
});
