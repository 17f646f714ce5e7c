// The same workflow as states of a state machine: a process per state, driven by variables, partitions at the same time.
import assert from "node:assert/strict";
import { attemptsOf, type Spawned, World } from "./support.js";

const RUN = "prod/grocery/words/exec-1";
const INPUT = JSON.stringify({ title: "GROCERY", hhDate: "2017-11-04", comment: "not a parameter" });

describe("Athanor: as Step Functions states", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  /** What a job of the state machine is: a container's command and its environment. */
  function job(command: string[], env: Record<string, string> = {}): Spawned {
    return world.spawn(command, {
      RUN_ID: "exec-1",
      RUN_INPUT: INPUT,
      AWS_BATCH_JOB_ID: "job-1",
      AWS_BATCH_JOB_ATTEMPT: "1",
      ...env,
    });
  }
  const exitOf = async (spawned: Spawned) => ({ ...(await spawned.exit), log: spawned.lines.join("\n") });
  const child = (index: number, env: Record<string, string> = {}) =>
    job(["step", "words", "Count"], { AWS_BATCH_JOB_ARRAY_INDEX: String(index), PARTITIONS: "3", ...env });

  it("gives what the command line gives, array job and merge included; partitions at a time lose nothing of the journal", async () => {
    assert.equal((await exitOf(job(["step", "words", "Initialize"]))).code, 0);
    assert.equal((await exitOf(job(["step", "words", "Split"]))).code, 0);
    const early = await exitOf(job(["merge", "words", "Count"]));
    assert.equal(early.code, 1);
    assert.match(
      early.log,
      /Count merge cannot run: input .*partition-0000\/outputs\/counts\.json \(made by Count, which has not finished\)/,
    );
    const ends = await Promise.all([0, 1, 2].map((index) => exitOf(child(index))));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [0, 0, 0],
      ends.map(({ log }) => log).join("\n"),
    );
    assert.equal((await exitOf(job(["merge", "words", "Count"]))).code, 0);
    const last = await exitOf(job(["step", "words", "Report"]));
    assert.match(last.log, /"message":"metrics","rowsIn":0,"rowsOut":8,.*"ran":\["Report"\]/);

    const journal = JSON.parse(world.read(`${RUN}/journal.json`));
    assert.deepEqual(await world.journal("exec-1"), journal);
    assert.equal(journal.state, "finished");
    assert.deepEqual(attemptsOf(journal), {
      Initialize: 1,
      Split: 1,
      "Count partition 0 of 3": 1,
      "Count partition 1 of 3": 1,
      "Count partition 2 of 3": 1,
      "Count merge": 1,
      Report: 1,
    });
    assert.deepEqual(journal.steps[0].units[0].attempts[0].batchJob, { id: "job-1", attempt: 1 });

    await world.create("cli-1");
    assert.deepEqual(world.outputs(RUN), world.outputs("prod/grocery/words/cli-1"));
    // One can be looked at and resumed like the other.
    const { code, out } = await world.ath("resume", "exec-1", "--executor", "in-process");
    assert.equal(code, 0);
    assert.match(out, /0 ran, 7 up to date/);
  });

  it("a state that is retried after a crash runs again, one that was done does not", async () => {
    await exitOf(job(["step", "words", "Initialize"]));
    const crashed = await exitOf(job(["step", "words", "Split"], { WORDS_TROUBLE: "Split:crash" }));
    assert.equal(crashed.signal, "SIGKILL");
    const again = await exitOf(job(["step", "words", "Split"]));
    assert.equal(again.code, 0);
    assert.match(again.log, /Split runs: did not finish: attempt 1 was interrupted/);
    assert.match((await exitOf(job(["step", "words", "Split"]))).log, /"message":"Split is up to date"/);
  });

  it("two jobs for the same step: one does it, the other waits and finds it done", async () => {
    await exitOf(job(["step", "words", "Initialize"]));
    const ends = await Promise.all([exitOf(job(["step", "words", "Split"])), exitOf(job(["step", "words", "Split"]))]);
    assert.deepEqual(
      ends.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(attemptsOf(await world.journal("exec-1")).Split, 1);
  });

  it("a step out of turn names the one that has not finished", async () => {
    const { code, log } = await exitOf(job(["step", "words", "Report"]));
    assert.equal(code, 1);
    assert.match(
      log,
      /Report cannot run: input .*counts\.json \(made by Count, which has not finished\), input .*settings\.json \(made by Initialize/,
    );
  });

  it("a failure ends with its reason as the log's last line, and its exit code", async () => {
    await exitOf(job(["step", "words", "Initialize"]));
    const { code, log } = await exitOf(job(["step", "words", "Split"], { WORDS_TROUBLE: "Split:fail" }));
    assert.equal(code, 2, "what the data do not allow, they do not allow at another try either");
    assert.match(
      log.split("\n").at(-1) ?? "",
      /"level":"error".*"message":"The words are not fit to be counted","error":"InputError"/,
    );
    for (const file of ["one", "two"]) world.write(`prod/coop/words/${file}.txt`, "");
    const other = await exitOf(job(["step", "words", "Split"]));
    assert.equal(other.code, 1, "for any other reason another try may help");
    assert.match(other.log.split("\n").at(-1) ?? "", /"message":"There are no words","error":"JobError"/);
    const { units } = (await world.journal("exec-1")).steps[1] ?? { units: [] };
    assert.equal(units[0]?.attempts[0]?.error?.message, "The words are not fit to be counted");
  });

  const wrong: [string, () => Spawned, RegExp][] = [
    ["no run", () => job(["step", "words", "Split"], { RUN_ID: "" }), /Wrong environment: RUN_ID is missing/],
    [
      "input that is not JSON",
      () => job(["step", "words", "Split"], { RUN_INPUT: "{title" }),
      /The run's input is not JSON/,
    ],
    [
      "a wrong input",
      () => job(["step", "words", "Split"], { RUN_INPUT: '{"title":"GROCERY"}' }),
      /Wrong parameters of words: hhDate is missing/,
    ],
    [
      "an unknown workflow",
      () => job(["step", "wrods", "Split"]),
      /There is no workflow 'wrods'\. Workflows: chain, words/,
    ],
    [
      "an unknown step",
      () => job(["step", "words", "Spilt"]),
      /Workflow words has no step 'Spilt'\. Steps: Initialize, Split, Count, Report/,
    ],
    [
      "a merge of what has no partitions",
      () => job(["merge", "words", "Split"]),
      /Step Split of words has no partitions to merge/,
    ],
    [
      "an array job of what has no partitions",
      () => job(["step", "words", "Split"], { AWS_BATCH_JOB_ARRAY_INDEX: "1" }),
      /Step Split of words has no partitions/,
    ],
    [
      "an array of another size",
      () => child(0, { PARTITIONS: "4" }),
      /PARTITIONS=4, but step Count of this run has 3 partitions/,
    ],
    ["an index out of the array", () => child(3), /Step Count of this run has partitions 0 to 2, not 3/],
  ];
  for (const [what, start, message] of wrong)
    it(`refuses ${what} with exit code 2`, async () => {
      const { code, log } = await exitOf(start());
      assert.equal(code, 2, log);
      assert.match(log, message);
    });
});
