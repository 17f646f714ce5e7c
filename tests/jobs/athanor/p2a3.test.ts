// P2A3XGB itself, on the real data: killed in each of its steps in turn, at work and at the worst moment, it ends with the outputs of a run
// left in peace.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJson } from "../../../jobs/athanor/files/atomic.js";
import type { Journal } from "../../../jobs/athanor/run/journal.js";
import { wholeData } from "../backend/data/support.js";
import { attemptsOf, KILLER, outputsIn, Spawned } from "./support.js";

const program = fileURLToPath(new URL("../../../../bin/ath.mjs", import.meta.url));
const CREATE = ["create", "p2a3xgb", "--title", "DRUG GM", "--hh-date", "2017-11-04", "--states", "ca,tx,ny"];
/** Units that are killed, with their folders. Of Score it is a partition: of all steps, the one whose work is spread over units. */
const KILLED = {
  Initialize: "Initialize",
  TrainSelect: "TrainSelect",
  Train: "Train",
  ScoreSelect: "ScoreSelect",
  "Score partition 1 of 4": "Score/partition-0001",
  ReportsSelect: "ReportsSelect",
  Reports: "Reports",
  Finalization: "Finalization",
};
/** What a step says in the middle of its work; of the others it is known by the first file that they write. */
const SAYS: Record<string, string> = { Train: "round 50:" };
/** What is removed at the end. */
const REMOVED = ["train/training.parquet", "score/selection", "steps/Score/partition-0000/outputs/scores.parquet"];

describe("Athanor: P2A3XGB killed in each of its steps", function () {
  this.timeout(600_000);
  let dataRoot: string;
  let inPeace: { attempts: Record<string, number>; outputs: Record<string, string> };

  const ath = (args: string[], env: Record<string, string> = {}) =>
    new Spawned(
      spawn(process.execPath, [program, ...args], {
        env: { ...process.env, DATA_ROOT: dataRoot, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  const folderOf = (run: string) => `${dataRoot}/prod/drug-gm/p2a3/${run}`;
  const filesOf = (run: string) => readdirSync(folderOf(run), { recursive: true }).map(String);
  const outcomeOf = async (run: string) => ({
    attempts: attemptsOf((await readJson(`${folderOf(run)}/journal.json`)) as Journal),
    outputs: outputsIn(folderOf(run)),
  });

  before(async () => {
    dataRoot = (await wholeData()).dataRoot;
    const peace = ath([...CREATE, "--run", "peace"]);
    assert.equal((await peace.exit).code, 0, peace.lines.join("\n"));
    inPeace = await outcomeOf("peace");
    assert.ok(Object.keys(inPeace.outputs).some((name) => name.endsWith("scores.parquet")));
    for (const name of REMOVED) assert.ok(!filesOf("peace").includes(name), `${name} is still there`);
  });

  /** Goes on until it has got to the end, and compares. @param killed units that were killed once @param ran how many had to run at last */
  async function endsAlike(run: string, killed: string[], ran: number): Promise<void> {
    const last = ath(["resume", run]);
    assert.equal((await last.exit).code, 0, last.lines.join("\n"));
    assert.equal(last.lines.filter((line) => line.includes("runs:")).length, ran, last.lines.join("\n"));
    const { attempts, outputs } = await outcomeOf(run);
    const expected = Object.keys(inPeace.attempts).map((unit) => [unit, killed.includes(unit) ? 2 : 1]);
    assert.deepEqual(attempts, Object.fromEntries(expected));
    assert.deepEqual(outputs, inPeace.outputs);
    const own = (name: string) => !/(^|\/)(attempt-\d+\.(json|log)|\.digests.*)$/.test(name);
    assert.deepEqual(filesOf(run).filter(own).sort(), filesOf("peace").filter(own).sort(), "nothing is left behind");
  }

  it("at work: runs no finished step again, and its outputs are byte for byte those of a run left in peace", async () => {
    for (const [index, [unit, folder]] of Object.entries(KILLED).entries()) {
      const args = index === 0 ? [...CREATE, "--run", "killed"] : ["resume", "killed"];
      const run = ath([...args, "--verbose"]);
      await run.says(`${unit}  runs:`);
      const says = SAYS[unit];
      if (says) await run.says(says);
      else await writes(join(folderOf("killed"), "steps", folder), run);
      run.child.kill("SIGKILL");
      assert.equal((await run.exit).signal, "SIGKILL");
    }
    await endsAlike("killed", Object.keys(KILLED), 1);
  });

  it("between its outputs' being put in place and the record of it: the same", async () => {
    const killed = async (args: string[], place: string) => {
      const run = ath(args, { NODE_OPTIONS: `--import=${KILLER}`, KILL_BEFORE: place });
      assert.equal((await run.exit).signal, "SIGKILL", run.lines.join("\n"));
    };
    for (const [index, folder] of Object.values(KILLED).entries())
      await killed(index === 0 ? [...CREATE, "--run", "placed"] : ["resume", "placed"], `steps/${folder}/done.json`);
    // And while it cleans up: the training set is gone, the households that were scored are not.
    await killed(["resume", "placed"], "score/selection");
    assert.deepEqual(
      REMOVED.map((name) => filesOf("placed").includes(name)),
      [false, true, true],
    );
    await endsAlike("placed", Object.keys(KILLED), 0);
  });

  it("makes again what it has removed, for a step that has to run, with the same results", async () => {
    const scores = join(folderOf("peace"), "score", "scores.parquet");
    rmSync(scores);
    const resumed = ath(["resume", "peace"]);
    assert.equal((await resumed.exit).code, 0, resumed.lines.join("\n"));
    const ran = resumed.lines.flatMap((line) => /\] (.*) {2}runs:/.exec(line)?.[1] ?? []);
    const partitions = [0, 1, 2, 3].map((index) => `Score partition ${index} of 4`);
    assert.deepEqual(ran, ["ScoreSelect", ...partitions, "Score merge"]);
    assert.deepEqual((await outcomeOf("peace")).outputs, inPeace.outputs);
    for (const name of REMOVED) assert.ok(!filesOf("peace").includes(name), `${name} is still there`);
  });

  it("publishes its model again when it is lost, and nothing else", async () => {
    const models = `${dataRoot}/prod/drug-gm/models`;
    const before = outputsIn(models);
    for (const lost of [models, join(models, "latest.json"), join(models, Object.keys(before)[0] as string)]) {
      rmSync(lost, { recursive: true });
      const resumed = ath(["resume", "peace"]);
      assert.equal((await resumed.exit).code, 0, resumed.lines.join("\n"));
      const ran = resumed.lines.filter((line) => line.includes("runs:"));
      assert.equal(ran.length, 1, ran.join("\n"));
      assert.match(ran[0] as string, /Finalization {2}runs: published prod\/drug-gm\/models\//);
      assert.deepEqual(outputsIn(models), before);
    }
  });

  const refused: [string, string[], number, RegExp][] = [
    ["an unknown title", ["--title", "NAPKINS"], 1, /^ath: There is no title 'NAPKINS'\. Titles: .*DRUG GM/],
    ["unknown states", ["--states", "ca,zz"], 2, /^ath: No state has the code 'zz'; states are written as ca, tx, ny/],
    [
      "a day after the data",
      ["--hh-date", "2019-01-01"],
      1,
      /^ath: hhDate 2019-01-01 is after the co-operative's data/,
    ],
    ["a day too early", ["--hh-date", "2017-03-01"], 1, /^ath: hhDate 2017-03-01 is too early/],
  ];
  for (const [what, args, code, message] of refused)
    it(`refuses to plan ${what} as it would be refused to run`, async () => {
      const plan = ath([...CREATE, ...args, "--dry-run"]);
      assert.equal((await plan.exit).code, code, plan.lines.join("\n"));
      assert.match(plan.lines[0] as string, message);
      assert.equal(plan.lines.length, code, "one line, and for wrong usage where help is");
    });
});

/** Waits until an attempt has begun to write an output aside. @param folder of a unit that has been started */
async function writes(folder: string, run: Spawned): Promise<void> {
  const aside = join(folder, "aside");
  const written = () => {
    try {
      return readdirSync(aside, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
    } catch {
      // Not made yet, or moved while it was read.
      return false;
    }
  };
  const stop = new AbortController();
  const seen = new Promise<void>((resolve) => {
    const look = () => written() && resolve();
    watch(folder, { recursive: true, signal: stop.signal }, look);
    look();
  });
  const ended = run.exit.then(() => {
    throw new Error(`It ended before it was seen to write into ${aside}:\n${run.lines.join("\n")}`);
  });
  await Promise.race([seen, ended]).finally(() => stop.abort());
}
