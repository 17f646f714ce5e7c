// What runs again, and why: content decides, not time; everything else is left as it is.
import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { attemptsOf, reasonsOf, World } from "./support.js";

const RUN = "prod/grocery/words/r1";

describe("Athanor: resume", () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.create("r1");
  });
  afterEach(() => world.remove());

  /** Resumes and tells which units ran, with the reasons. */
  async function resumed(...args: string[]): Promise<Record<string, string[]>> {
    const before = attemptsOf(await world.journal("r1"));
    const { code, err } = await world.ath("resume", "r1", "--executor", "in-process", ...args);
    assert.equal(code, 0, err);
    const journal = await world.journal("r1");
    const after = attemptsOf(journal);
    const reasons = reasonsOf(journal);
    return Object.fromEntries(
      Object.keys(after).flatMap((unit) => (after[unit] === before[unit] ? [] : [[unit, reasons[unit] ?? []]])),
    );
  }

  it("runs nothing when nothing has changed", async () => {
    assert.match(world.read(`${RUN}/report.txt`), /^GROCERY\na 3\nb 2\nc 3\n/);
    assert.deepEqual(await resumed(), {});
  });

  it("counts an input's content, not its time", async () => {
    utimesSync(world.path("prod/coop/words/one.txt"), new Date(), new Date());
    assert.deepEqual(await resumed(), {});
  });

  it("runs what a changed input reaches, and stops where results come out the same", async () => {
    // The same words in other files: Split makes the same of them, so that nothing after it has to run.
    world.write("prod/coop/words/two.txt", "bee cow fox goat hen\n");
    assert.deepEqual(await resumed(), { Split: ["input prod/coop/words changed"] });
    world.write("prod/coop/words/three.txt", "cormorant\n");
    assert.deepEqual(await resumed(), {
      Split: ["input prod/coop/words changed"],
      "Count partition 0 of 3": [`input ${RUN}/split/letters changed`],
      "Count partition 1 of 3": [`input ${RUN}/split/letters changed`],
      "Count partition 2 of 3": [`input ${RUN}/split/letters changed`],
      "Count merge": [
        `input ${RUN}/split/letters changed`,
        `input ${RUN}/steps/Count/partition-0002/outputs/counts.json changed`,
      ],
      Report: [`input ${RUN}/counts.json changed`],
    });
    assert.match(world.read(`${RUN}/report.txt`), /\nc 4\n/);
  });

  it("notices a change of the same length within the same moment", async () => {
    const time = new Date("2017-11-04T00:00:00Z");
    world.write("prod/coop/words/one.txt", "apple ant bear cat crow dog eel Apple\n");
    utimesSync(world.path("prod/coop/words/one.txt"), time, time);
    await resumed();
    world.write("prod/coop/words/one.txt", "apple ant bear cat brow dog eel Apple\n");
    utimesSync(world.path("prod/coop/words/one.txt"), time, time);
    assert.ok("Split" in (await resumed()));
    assert.match(world.read(`${RUN}/report.txt`), /\nb 3\nc 2\n/);
  });

  it("runs the steps that a changed parameter matters to", async () => {
    assert.deepEqual(await resumed("--seed", "2"), {
      "Count partition 0 of 3": ["parameter seed changed 1 → 2"],
      "Count partition 1 of 3": ["parameter seed changed 1 → 2"],
      "Count partition 2 of 3": ["parameter seed changed 1 → 2"],
      "Count merge": ["parameter seed changed 1 → 2"],
      Report: [`input ${RUN}/counts.json changed`],
    });
    assert.deepEqual(await resumed("--states", "ca,tx"), {
      Initialize: ['parameter states changed none → ["ca","tx"]'],
      Split: [`input ${RUN}/settings.json changed`],
      Report: [`input ${RUN}/settings.json changed`],
    });
  });

  it("counts partitions anew when there are more of them", async () => {
    const ran = await resumed("--partitions", "4");
    assert.deepEqual(ran["Count partition 1 of 4"], ["partitions changed 3 → 4"]);
    assert.deepEqual(ran["Count partition 3 of 4"], ["has not run yet"]);
    assert.equal("Report" in ran, false, "the merged counts came out the same");
  });

  it("makes an output again that is missing, or not as it was written", async () => {
    rmSync(world.path(`${RUN}/split/summary.json`));
    assert.deepEqual(await resumed(), { Split: ["output split/summary.json is missing"] });
    world.write(`${RUN}/split/letters/z`, "zebra\n");
    assert.deepEqual(await resumed(), { Split: ["output split/letters is not as it was written"] });
    assert.equal(existsSync(world.path(`${RUN}/split/letters/z`)), false);
    rmSync(world.path(`${RUN}/steps/Count/partition-0001/outputs/counts.json`));
    assert.deepEqual(await resumed(), { "Count partition 1 of 3": ["output counts.json is missing"] });
  });

  it("runs a step again whose record says that its code was another", async () => {
    const done = `${RUN}/steps/Report/done.json`;
    world.write(done, world.read(done).replace(/("words\.js": "sha256:)[0-9a-f]{8}/, "$100000000"));
    assert.deepEqual(await resumed(), { Report: ["code changed: words.js"] });
  });

  it("makes the outputs of a step whole that was killed between putting two of them in place", async () => {
    const before = world.outputs(RUN);
    // As it is then: the first output is the new one, the second the old one, and nothing says that the step is done.
    world.write(`${RUN}/split/summary.json`, "of an earlier attempt");
    rmSync(world.path(`${RUN}/steps/Split/done.json`));
    const attempt = JSON.parse(world.read(`${RUN}/steps/Split/attempt-0001.json`));
    attempt.owner.pid = 2 ** 22 - 1;
    world.write(`${RUN}/steps/Split/attempt-0001.json`, JSON.stringify({ ...attempt, outcome: "running" }));
    world.write(`${RUN}/steps/Split/aside/attempt-1/split/summary.json`, "left behind");
    assert.equal((await world.journal("r1")).state, "interrupted");
    assert.deepEqual(await resumed(), { Split: ["did not finish: attempt 1 was interrupted"] });
    assert.deepEqual(world.outputs(RUN), before);
    assert.equal(existsSync(world.path(`${RUN}/steps/Split/aside`)), false);
  });

  it("writes a journal that has every attempt, and nothing else writes into outputs", async () => {
    await resumed("--seed", "2");
    const journal = JSON.parse(world.read(`${RUN}/journal.json`));
    assert.deepEqual(await world.journal("r1"), journal);
    assert.equal(journal.state, "finished");
    const report = journal.steps.at(-1).units[0].attempts[0];
    assert.equal(report.outcome, "succeeded");
    assert.equal(report.exitCode, 0);
    assert.deepEqual(report.figures, { letters: 8 });
    assert.ok(report.seconds > 0 && report.peakMemoryMiB > 10);
    assert.match(report.outputs["report.txt"].digest, /^sha256:[0-9a-f]{64}$/);
    const own = readdirSync(world.path(RUN)).sort();
    assert.deepEqual(own, ["counts.json", "journal.json", "report.txt", "run.json", "settings.json", "split", "steps"]);
  });
});
