// P2A3XGB itself, on the real data: killed in each of its steps in turn, it ends with the outputs of a run left in peace.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readJson } from "../../../jobs/athanor/files/atomic.js";
import type { Journal } from "../../../jobs/athanor/run/journal.js";
import { wholeData } from "../backend/data/support.js";
import { attemptsOf, outputsIn, Spawned } from "./support.js";

const program = fileURLToPath(new URL("../../../../bin/ath.mjs", import.meta.url));
const CREATE = ["create", "p2a3xgb", "--title", "DRUG GM", "--hh-date", "2017-11-04", "--states", "ca,tx,ny"];
/** Score is killed in a partition; of all steps, the one whose work is spread over units. */
const KILLED = [
  "Initialize",
  "TrainSelect",
  "Train",
  "ScoreSelect",
  "Score partition 1 of 4",
  "ReportsSelect",
  "Reports",
  "Finalization",
];

describe("Athanor: P2A3XGB killed in each of its steps", function () {
  this.timeout(600_000);

  it("runs no finished step again, and its outputs are byte for byte those of a run left in peace", async () => {
    const { dataRoot } = await wholeData();
    const ath = (...args: string[]) =>
      new Spawned(
        spawn(process.execPath, [program, ...args], {
          env: { ...process.env, DATA_ROOT: dataRoot },
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
    const journal = async (run: string) =>
      (await readJson(`${dataRoot}/prod/drug-gm/p2a3/${run}/journal.json`)) as Journal;
    const peace = ath(...CREATE, "--run", "peace");
    assert.equal((await peace.exit).code, 0, peace.lines.join("\n"));

    for (const [index, unit] of KILLED.entries()) {
      const run = index === 0 ? ath(...CREATE, "--run", "killed") : ath("resume", "killed");
      await run.says(`${unit}  runs:`);
      run.child.kill("SIGKILL");
      assert.equal((await run.exit).signal, "SIGKILL");
    }
    const last = ath("resume", "killed");
    assert.equal((await last.exit).code, 0, last.lines.join("\n"));
    assert.equal(last.lines.filter((line) => line.includes("runs:")).length, 1);

    const attempts = attemptsOf(await journal("killed"));
    const expected = Object.keys(attemptsOf(await journal("peace"))).map((unit) => [
      unit,
      KILLED.includes(unit) ? 2 : 1,
    ]);
    assert.deepEqual(attempts, Object.fromEntries(expected));
    const outputs = outputsIn(`${dataRoot}/prod/drug-gm/p2a3/peace`);
    assert.ok(Object.keys(outputs).some((name) => name.endsWith("scores.parquet")));
    assert.deepEqual(outputsIn(`${dataRoot}/prod/drug-gm/p2a3/killed`), outputs);
  });
});
