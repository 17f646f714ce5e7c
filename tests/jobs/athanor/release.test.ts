// What nobody needs any more is removed at the end, stays known, and is made again for who needs it.
import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { Locks } from "../../../jobs/athanor/locks/locks.js";
import { thisOwner } from "../../../jobs/athanor/locks/owner.js";
import { attemptsOf, KILLER, reasonsOf, TIMES, World } from "./support.js";

const RUN = "prod/chain/r1";
const CREATE = ["create", "chain", "--run", "r1", "--executor", "in-process"];
const REMOVED = [
  "cut/words",
  "lengths.json",
  "steps/Weigh/partition-0000/outputs/part.json",
  "steps/Weigh/partition-0001/outputs/part.json",
];
const PAGE = "hello\n3\n5\n4\n";

describe("Athanor: what nobody needs any more", () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    const { code, err } = await world.ath(...CREATE);
    assert.equal(code, 0, err);
  });
  afterEach(() => world.remove());

  const there = () => REMOVED.filter((name) => existsSync(world.path(`${RUN}/${name}`)));
  async function resumed(...args: string[]): Promise<Record<string, string[]>> {
    const before = attemptsOf(await world.journal("r1"));
    const { code, err } = await world.ath("resume", "r1", "--executor", "in-process", ...args);
    assert.equal(code, 0, err);
    const journal = await world.journal("r1");
    const [after, reasons] = [attemptsOf(journal), reasonsOf(journal)];
    assert.equal(journal.state, "finished");
    const ran = Object.keys(after).filter((unit) => after[unit] !== before[unit]);
    return Object.fromEntries(ran.map((unit) => [unit, reasons[unit] ?? []]));
  }
  const plan = async (...args: string[]) => {
    const { out } = await world.ath("resume", "r1", "--dry-run", "--json", ...args);
    const { steps } = JSON.parse(out) as { steps: { step: string; action: string; reasons: string[] }[] };
    return steps.map(({ step, action, reasons }) => [step, action, ...reasons]);
  };

  it("is removed when the last step is done, and everything is up to date all the same", async () => {
    assert.deepEqual(there(), []);
    assert.equal(world.read(`${RUN}/page.txt`), PAGE);
    assert.deepEqual(Object.keys(world.outputs(RUN)), ["cut/count.json", "page.txt", "weights.json"]);
    const done = JSON.parse(world.read(`${RUN}/steps/Cut/done.json`));
    assert.deepEqual(done.released, ["cut/words"]);
    assert.match(done.outputs["cut/words"].digest, /^sha256:/);
    assert.deepEqual(
      await plan(),
      ["Cut", "Measure", "Weigh", "Tell"].map((step) => [step, "skip"]),
    );
    assert.deepEqual(await resumed(), {});
  });

  it("is made again for a step that has to run, back to where it comes from, and removed again", async () => {
    const needed = (what: string, by: string) => `output ${what}, which was removed, is needed by ${by}`;
    assert.deepEqual(await plan("--factor", "2"), [
      ["Cut", "run", needed("cut/words", "Measure")],
      ["Measure", "run", needed("lengths.json", "Weigh merge")],
      ["Weigh", "run", "parameter factor changed 1 → 2"],
      ["Tell", "depends", "if what Weigh makes comes out otherwise"],
    ]);
    assert.deepEqual(await resumed("--factor", "2"), {
      Cut: [needed("cut/words", "Measure")],
      Measure: [needed("lengths.json", "Weigh partition 0 of 2")],
      "Weigh partition 0 of 2": ["parameter factor changed 1 → 2"],
      "Weigh partition 1 of 2": ["parameter factor changed 1 → 2"],
      "Weigh merge": [
        ...REMOVED.slice(2).map((part) => `input ${RUN}/${part} changed`),
        "parameter factor changed 1 → 2",
      ],
      Tell: [`input ${RUN}/weights.json changed`],
    });
    assert.equal(world.read(`${RUN}/page.txt`), "hello\n6\n10\n8\n");
    assert.deepEqual(there(), []);
  });

  it("is left alone by a step that does not need it", async () => {
    assert.deepEqual(await resumed("--greeting", "good day"), {
      Tell: ["parameter greeting changed hello → good day"],
    });
    assert.deepEqual(there(), []);
  });

  it("a lost output is made of what is made again for it", async () => {
    rmSync(world.path(`${RUN}/weights.json`));
    const ran = await resumed();
    assert.deepEqual(Object.keys(ran), [
      "Cut",
      "Measure",
      "Weigh partition 0 of 2",
      "Weigh partition 1 of 2",
      "Weigh merge",
    ]);
    assert.deepEqual(ran["Weigh merge"], ["output weights.json is missing"]);
    assert.equal(world.read(`${RUN}/page.txt`), PAGE);
    assert.deepEqual(there(), []);
  });

  it("what would have come out otherwise is not up to date", async () => {
    const ran = await resumed("--words", "red green blue yellow");
    assert.deepEqual(ran.Cut, ["parameter words changed red green blue → red green blue yellow"]);
    assert.equal(world.read(`${RUN}/page.txt`), "hello\n3\n5\n4\n6\n");
  });

  for (const [place, left] of [
    ["steps/Tell/done.json", REMOVED],
    ["steps/Cut/done.json", REMOVED],
    ["cut/words", REMOVED],
    ["lengths.json", REMOVED.slice(1)],
    ["partition-0001/outputs/part.json", REMOVED.slice(3)],
  ] as const)
    it(`goes on with the removal after a crash just before ${place} is moved`, async () => {
      // All of it is there again, and the last step has to run.
      rmSync(world.path(RUN), { recursive: true });
      rmSync(world.path(".athanor/runs"), { recursive: true });
      const making = world.spawn([...CREATE, "--verbose"], { CHAIN_STOP: "Tell" });
      await making.says("Tell  runs:");
      making.child.kill("SIGKILL");
      await making.exit;
      assert.deepEqual(there(), REMOVED);

      const killed = world.spawn(["resume", "r1", "--executor", "in-process"], {
        NODE_OPTIONS: `--import=${KILLER}`,
        KILL_BEFORE: place,
      });
      assert.equal((await killed.exit).signal, "SIGKILL", killed.lines.join("\n"));
      assert.deepEqual(there(), left);
      const ran = Object.keys(await resumed());
      assert.deepEqual(ran, place === "steps/Tell/done.json" ? ["Tell"] : []);
      assert.deepEqual(there(), []);
      assert.equal(existsSync(world.path(`${RUN}/steps/Cut/aside`)), false);
      assert.equal(world.read(`${RUN}/page.txt`), PAGE);
    });

  it("is not taken from who reads it", async () => {
    // Made again, as after a crash: the next one to find the last step done removes it, once the reader has ended.
    rmSync(world.path(`${RUN}/weights.json`));
    const half = world.spawn(["resume", "r1", "--executor", "in-process"], {
      NODE_OPTIONS: `--import=${KILLER}`,
      KILL_BEFORE: "steps/Weigh/merge/done.json",
    });
    assert.equal((await half.exit).signal, "SIGKILL");
    const locks = new Locks(world.dataRoot, TIMES);
    const reader = await locks.acquire(world.path(`${RUN}/steps/Measure`), "EXCLUSIVE", {
      owner: thisOwner("r1", "Measure"),
    });
    const cleaning = world.spawn(["step", "chain", "Weigh"], { RUN_ID: "r1", RUN_INPUT: "{}" });
    assert.equal((await cleaning.exit).code, 0, cleaning.lines.join("\n"));
    const last = world.spawn(["step", "chain", "Tell"], { RUN_ID: "r1", RUN_INPUT: "{}" });
    await last.says("waits for EXCLUSIVE on prod/chain/r1/steps/Measure");
    assert.equal(existsSync(world.path(`${RUN}/cut/words`)), true);
    await reader.release();
    assert.equal((await last.exit).code, 0);
    assert.deepEqual(there(), []);
  });
});
