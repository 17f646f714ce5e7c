// `ath` as it is typed: plans, lists, journals, logs, locks, and what it says to wrong arguments.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Locks } from "../../../jobs/athanor/locks/locks.js";
import { thisOwner } from "../../../jobs/athanor/locks/owner.js";
import { CREATE, TIMES, World } from "./support.js";

const RUN = "prod/grocery/words/r1";

describe("Athanor: ath", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  it("create --dry-run prints each step with its reason and changes nothing", async () => {
    const { code, out } = await world.ath(
      "create",
      "words",
      "--title",
      "GROCERY",
      "--hh-date",
      "2017-11-04",
      "--states",
      "ca,tx,ny",
      "--dry-run",
    );
    assert.equal(code, 0);
    assert.match(out, /title=GROCERY hhDate=2017-11-04 states=ca,tx,ny seed=1 partitions=3/);
    assert.match(out, / 1 {2}Initialize {2}S {4}run {2}has not run yet\n/);
    assert.match(out, / 3 {2}Count {7}XXL {2}run {2}has not run yet \[3 of 3 partitions\]\n/);
    assert.deepEqual(readdirSync(world.dataRoot), ["prod"]);
    assert.deepEqual(readdirSync(world.path("prod")), ["coop"]);
  });

  it("resume --dry-run tells what will run, what may, and what will not", async () => {
    await world.create("r1");
    const before = world.outputs(RUN);
    const plan = async (...args: string[]) => {
      const { code, out } = await world.ath("resume", "r1", "--dry-run", "--json", ...args);
      assert.equal(code, 0);
      return (JSON.parse(out) as { steps: { step: string; action: string; reasons: string[] }[] }).steps.map(
        ({ step, action, reasons }) => [step, action, reasons.join("; ")],
      );
    };
    assert.deepEqual(
      await plan(),
      ["Initialize", "Split", "Count", "Report"].map((step) => [step, "skip", ""]),
    );
    assert.deepEqual(await plan("--title", "GROCERY", "--states", "ny", "--seed", "7"), [
      ["Initialize", "run", 'parameter states changed none → ["ny"]'],
      ["Split", "depends", "if what Initialize makes comes out otherwise"],
      ["Count", "run", "parameter seed changed 1 → 7"],
      ["Report", "depends", "if what Initialize, Count makes comes out otherwise"],
    ]);
    assert.deepEqual(world.outputs(RUN), before);
    assert.equal(JSON.parse(world.read(`${RUN}/run.json`)).input.seed, undefined);
  });

  it("a plan that cannot be carried out says what is missing, as does the run", async () => {
    const empty = new World();
    try {
      rmSync(empty.path("prod/coop"), { recursive: true });
      const plan = await empty.ath(...CREATE, "--dry-run");
      assert.equal(plan.code, 1);
      assert.match(plan.err, /It could not run: Split: input prod\/coop\/words is missing/);
      const run = await empty.ath(...CREATE, "--run", "r1");
      assert.equal(run.code, 1);
      assert.match(run.err, /ath: Split cannot run: input prod\/coop\/words is missing below/);
    } finally {
      empty.remove();
    }
  });

  it("create runs all steps, ls, show and log tell of them", async () => {
    const { code, out, err } = await world.ath(...CREATE, "--run", "r1");
    assert.equal(code, 0, err);
    assert.match(out, /words run r1 finished in [\d.]+ s: 7 ran, 0 up to date/);
    assert.match(err, /\[1\/4\] Initialize {2}runs: has not run yet\n\[1\/4\] Initialize {2}done \(/);
    await world.create("r2", "--states", "ca");
    const list = await world.ath("ls");
    assert.match(
      list.out,
      /^RUN +WORKFLOW +STATE +STEPS +CREATED +FOLDER\nr2 +words +finished +4\/4 .*\nr1 +words +finished +4\/4 .*prod\/grocery\/words\/r1\n$/,
    );
    const json = JSON.parse((await world.ath("ls", "--json")).out) as { id: string; steps: { state: string }[] }[];
    assert.deepEqual(
      json.map(({ id, steps }) => [id, steps.length]),
      [
        ["r2", 4],
        ["r1", 4],
      ],
    );
    assert.match(
      (await world.ath("show", "r1")).out,
      /run r1 of words: finished\n[\s\S]* {2}Count merge: finished\n {4}attempt 1 succeeded in [\d.]+ s, \d+ MiB \(has not run yet\)/,
    );
    assert.match((await world.ath("log", "r1", "Count")).out, /^== Count partition 0 of 3: attempt 1 succeeded/);
  });

  it("create without an id makes one, and prints the way to go on when a step fails", async () => {
    world.write("prod/coop/words/one.txt", "");
    world.write("prod/coop/words/two.txt", "");
    const { code, err } = await world.ath(...CREATE);
    assert.equal(code, 1);
    const id = /Resume with: ath resume (words-\d{8}-\d{6}-[0-9a-f]{4})\n/.exec(err)?.[1];
    assert.ok(id, err);
    assert.match(err, /ath: There are no words\n/);
    assert.match((await world.ath("log", id, "Split")).out, /"message":"There are no words"/);
    world.write("prod/coop/words/one.txt", "now there are");
    assert.equal((await world.ath("resume", id, "--executor", "in-process")).code, 0);
  });

  const wrong: [string, string[], RegExp][] = [
    ["no command", [], /^ath: Say what to do: create, resume/],
    ["an unknown command", ["make"], /^ath: Unknown (argument|command): make/],
    ["an unknown workflow", ["create", "wrods"], /^ath: There is no workflow 'wrods'\. Workflows: chain, words\n/],
    ["an unknown parameter", [...CREATE, "--colour", "red"], /^ath: Unknown argument: colour\n/],
    [
      "a missing parameter",
      ["create", "words", "--title", "GROCERY"],
      /^ath: Wrong parameters of words: --hh-date is missing\n/,
    ],
    [
      "a wrong date",
      [...CREATE, "--hh-date", "2017-02-30"],
      /^ath: Wrong parameters of words: --hh-date=2017-02-30: Invalid ISO date\n/,
    ],
    [
      "a wrong state",
      [...CREATE, "--states", "ca,Texas"],
      /--states=\["ca","Texas"\]: is not a state of two lower-case letters\n/,
    ],
    [
      "a wrong choice",
      [...CREATE, "--title", "TOYS"],
      /--title=TOYS: Invalid option: expected one of "GROCERY"\|"DRUG GM"\n/,
    ],
    ["a number that is none", [...CREATE, "--seed", "x1"], /--seed=x1: Invalid input: expected number/],
    ["a wrong id", [...CREATE, "--run", "../x"], /^ath: '\.\.\/x' cannot be a run's id/],
    ["an unknown run", ["resume", "r9"], /^ath: There is no run 'r9' below /],
    ["an unknown run to show", ["show", "r9"], /^ath: There is no run 'r9' below /],
    ["a wrong option's value", [...CREATE, "--parallel", "0"], /^ath: --parallel=0 is not a whole number from 1\n/],
    [
      "a wrong executor",
      ["create", "words", "--executor", "moon"],
      /^ath: Invalid values:[\s\S]*Choices: "child-process", "in-process"/,
    ],
  ];
  for (const [what, args, message] of wrong)
    it(`refuses ${what} with one clear error and exit code 2`, async () => {
      const { code, out, err } = await world.ath(...args);
      assert.equal(code, 2, err);
      assert.match(err, message);
      assert.equal(out, "");
      assert.equal(existsSync(world.path(".athanor/runs")), false);
    });

  it("refuses a run's id that is taken, an unknown step, and parameters that would move the run", async () => {
    await world.create("r1");
    const taken = await world.ath(...CREATE, "--run", "r1");
    assert.equal(taken.code, 2);
    assert.match(taken.err, /There is a run 'r1' of words already: ath resume r1/);
    const step = await world.ath("log", "r1", "Cuont");
    assert.equal(step.code, 2);
    assert.match(step.err, /has no step 'Cuont'\. Steps: Initialize, Split, Count, Report/);
    const moved = await world.ath("resume", "r1", "--title", "DRUG GM", "--executor", "in-process");
    assert.equal(moved.code, 2);
    assert.match(
      moved.err,
      /Run r1 of words is in prod\/grocery\/words\/r1; with these parameters it would be in prod\/drug-gm\/words\/r1/,
    );
    const planned = await world.ath("resume", "r1", "--title", "DRUG GM", "--dry-run");
    assert.deepEqual(planned, moved);
  });

  it("refuses to plan what the data do not allow, for the same reason as the run", async () => {
    const { code, out, err } = await world.ath("create", "chain", "--words", "nothing but blue", "--dry-run");
    assert.deepEqual([code, out, err], [1, "", "ath: The word 'nothing' means nothing\n"]);
  });

  it("finds a run again whose place was lost, by its own folder", async () => {
    await world.create("r1");
    const index = world.path(".athanor/runs/words/r1.json");
    const before = readFileSync(index, "utf8");
    rmSync(world.path(".athanor/runs"), { recursive: true });
    assert.equal((await world.ath(...CREATE, "--run", "r1")).code, 2, "its id is still taken");
    assert.equal(existsSync(index), false);
    const { code, out } = await world.ath("resume", "r1", "--executor", "in-process");
    assert.equal(code, 0);
    assert.match(out, /0 ran, 7 up to date/);
    assert.equal(readFileSync(index, "utf8"), before);
    rmSync(index);
    assert.match((await world.ath("ls")).out, /\nr1 +words +finished/);
    assert.equal(readFileSync(index, "utf8"), before);
  });

  it("ends quietly when nobody reads on", async () => {
    await world.create("r1");
    const log = world.path(`${RUN}/steps/Report/attempt-0001.log`);
    // Much more than a pipe holds.
    writeFileSync(log, "a line of the log\n".repeat(200_000));
    const reader = world.spawn(["log", "r1"]);
    await reader.says("== Initialize");
    reader.child.stdout?.destroy();
    assert.deepEqual(await reader.exit, { code: 0, signal: null });
    assert.doesNotMatch(reader.lines.join("\n"), /EPIPE|Error/);
  });

  it("--help names the workflow's parameters, from its schema, and examples", async () => {
    const { code, out } = await world.ath("create", "words", "--help");
    assert.equal(code, 0);
    assert.match(out, /--hh-date +Day as of which words are counted \[required\]/);
    assert.match(out, /--states +States \[a list with commas\]/);
    assert.match(out, /--seed +Seed \[default: 1\]/);
    assert.match(
      (await world.ath("--help")).out,
      /ath create <workflow>[\s\S]*Workflows: chain, words\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 or 143 stopped/,
    );
  });

  it("unlock lists locks, refuses a live one and says who holds it, takes it by force, removes a stale one", async () => {
    const locks = new Locks(world.dataRoot, TIMES);
    const live = await locks.acquire(world.path("prod/coop"), "EXCLUSIVE", { owner: thisOwner("r7", "Train") });
    const list = await world.ath("unlock");
    assert.match(
      list.out,
      new RegExp(`^prod/coop {2}held EXCLUSIVE by run r7, step Train, pid ${process.pid} on .*, since `),
    );
    const refused = await world.ath("unlock", "prod/coop");
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /prod\/coop stays locked, its owner is alive \(--force takes it all the same\): prod\/coop {2}held EXCLUSIVE by run r7/,
    );
    const forced = await world.ath("unlock", "prod/coop", "--force");
    assert.equal(forced.code, 0);
    assert.match(forced.out, /^Removed:\nprod\/coop {2}held EXCLUSIVE by run r7/);
    await assert.rejects(live.assertHeld());
    await live.release();
    assert.match((await world.ath("unlock", "prod/coop")).out, /prod\/coop is not locked/);
    assert.equal((await world.ath("unlock", "/elsewhere")).code, 2);
  });
});
