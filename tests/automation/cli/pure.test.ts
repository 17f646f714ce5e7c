import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describeState, ProgressView } from "../../../automation/cli/progress-view.js";
import { readSettings } from "../../../automation/cli/settings-option.js";
import { exportLines, quote } from "../../../automation/cli/shell.js";
import { timeLeft } from "../../../automation/cli/show.js";
import { stackOf } from "../../../automation/environments/plain-cli.js";
import { UsageError } from "../../../automation/errors.js";

describe("words for a shell", () => {
  it("come back from a shell as they were", () => {
    const word = fc.string().filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const printed = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${words.map(quote).join(" ")}`], {
          encoding: "utf8",
        });
        assert.deepEqual(printed.split("\0").slice(0, -1), words);
      }),
      { numRuns: 25 },
    );
  });

  it("set variables, and clear the user's profile on the local cloud", () => {
    assert.equal(
      exportLines({ A: "x y", B: "http://127.0.0.1:1" }, false),
      "export A='x y'\nexport B=http://127.0.0.1:1",
    );
    assert.match(exportLines({}, true), /^unset AWS_PROFILE AWS_SESSION_TOKEN/);
  });
});

describe("settings on the command line", () => {
  it("nest, and are JSON where they can be", () => {
    assert.deepEqual(
      readSettings(["sanders.network.natGateways=0", 'sanders.monitoring.emails=["a@b.c"]', "image=none"]),
      {
        sanders: { network: { natGateways: 0 }, monitoring: { emails: ["a@b.c"] } },
        image: "none",
      },
    );
    assert.deepEqual(readSettings(["a.b="]), { a: { b: "" } });
    assert.deepEqual(readSettings(["a.b=x=y"]), { a: { b: "x=y" } });
  });

  it("are refused when they are none, or contradict each other", () => {
    for (const wrong of [["sanders"], ["=1"], [".a=1"], ["a=1", "a.b=2"]])
      assert.throws(() => readSettings(wrong), UsageError, wrong.join());
  });
});

describe("the stack of a Pulumi command line", () => {
  it("is what its option names", () => {
    assert.equal(stackOf(["up", "-s", "dev"]), "dev");
    assert.equal(stackOf(["up", "--stack=prod", "--yes"]), "prod");
    assert.equal(stackOf(["--stack", "dev", "destroy"]), "dev");
    assert.equal(stackOf(["up", "--yes"]), undefined);
  });
});

describe("the time that an environment has left", () => {
  it("is told in words", () => {
    const now = new Date("2026-02-07T10:00:00Z");
    assert.equal(timeLeft(null, now), "kept");
    assert.equal(timeLeft(new Date("2026-02-07T12:00:00Z"), now), "2 h 00 m");
    assert.equal(timeLeft(new Date("2026-02-07T09:59:59Z"), now), "over");
  });
});

describe("progress", () => {
  const view = (isTerminal: boolean) => {
    const written: string[] = [];
    let now = 0;
    const progress = new ProgressView({
      write: (text) => void written.push(text),
      isTerminal,
      columns: 60,
      now: () => now,
      states: true,
    });
    return { progress, written, pass: (ms: number) => (now += ms) };
  };

  it("gives a sign of life every two seconds where there is no terminal", () => {
    const { progress, written, pass } = view(false);
    const report = progress.task("daily");
    report({ kind: "step", message: "deploying" });
    pass(1900);
    progress.refresh();
    assert.deepEqual(written, []);
    pass(200);
    progress.refresh();
    progress.refresh();
    assert.deepEqual(written, ["daily: … deploying (2.1 s)\n"]);
    progress.stop();
  });

  it("is one line on a terminal, no longer than that, cleared for lines that stay", () => {
    const { progress, written, pass } = view(true);
    for (const name of ["daily", "variants", "refused"])
      progress.task(name)({ kind: "step", message: "deploying with the engine" });
    pass(500);
    progress.refresh();
    assert.ok((written[0] ?? "").length <= 60 + 5, String(written[0]?.length));
    progress.line("daily: failed");
    assert.deepEqual(written.slice(1), ["\r\x1b[2K", "daily: failed\n"]);
    progress.stop();
  });

  it("keeps the states of a workflow on the screen", () => {
    const { progress, written } = view(false);
    const report = progress.task("");
    const state = { name: "Model training", type: "Task", phase: "succeeded" as const, at: new Date(0), seconds: 5.2 };
    report({ kind: "state", workflow: "orchestrator", state });
    assert.deepEqual(written, ["✓ Model training  5.2 s\n"]);
    assert.equal(
      describeState({ ...state, phase: "failed", error: "States.TaskFailed" }),
      "✗ Model training  5.2 s  States.TaskFailed",
    );
    progress.stop();
  });
});
