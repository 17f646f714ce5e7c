// `kill -9` in each step in turn, then resume: nothing that was finished runs again, and the outputs are those of a run left in peace.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { attemptsOf, CREATE, type Spawned, World } from "./support.js";

const RUN = "prod/grocery/words/r1";
const UNITS = [
  ["Initialize", "Initialize"],
  ["Split", "Split"],
  ["Count/0", "Count partition 0 of 3"],
  ["Count/2", "Count partition 2 of 3"],
  ["Count/merge", "Count merge"],
  ["Report", "Report"],
] as const;
const NOT_IN_ORDER = CREATE.filter((arg) => arg !== "--executor" && arg !== "in-process");

/** Fields of /proc/<pid>/stat from the state on; undefined when the process has ended, waited for or not. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields;
  } catch {
    return undefined;
  }
}

const parentOf = (pid: number): number => Number(statOf(pid)?.[1]);

/** Waits until a process that is nobody's child here has ended; nothing but looking tells. @throws when it takes longer than 5 s */
async function ended(pid: number): Promise<void> {
  const untilMs = performance.now() + 5_000;
  while (statOf(pid)) {
    if (performance.now() > untilMs) {
      process.kill(pid, "SIGKILL");
      throw new Error(`Process ${pid} lives on`);
    }
    await delay(20);
  }
}

describe("Athanor: killed and resumed", () => {
  let undisturbed: Record<string, string>;
  let world: World;
  before(async () => {
    world = new World();
    await world.create("r1");
    undisturbed = world.outputs(RUN);
    world.remove();
    assert.ok(Object.keys(undisturbed).length >= 10);
  });
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  for (const executor of ["in-process", "child-process"])
    for (const [place, unit] of UNITS) {
      // Which process is killed matters, not at which step: two of them show it.
      if (executor === "child-process" && place !== "Split" && place !== "Count/2") continue;
      it(`in ${unit}, ${executor}`, async () => {
        const run = world.spawn([...NOT_IN_ORDER, "--run", "r1", "--executor", executor, "--verbose"], {
          WORDS_TROUBLE: `${place}:hang`,
        });
        await run.says("at the place of trouble");
        const trouble = await world.journal("r1");
        assert.equal(trouble.state, "running");
        run.child.kill("SIGKILL");
        assert.equal((await run.exit).signal, "SIGKILL");

        const killed = await world.journal("r1");
        assert.equal(killed.state, "interrupted");
        const finished = Object.keys(attemptsOf(killed)).slice(
          0,
          UNITS.findIndex(([, name]) => name === unit),
        );
        const { code, err } = await world.ath("resume", "r1", "--executor", "in-process");
        assert.equal(code, 0, err);

        const journal = await world.journal("r1");
        const attempts = attemptsOf(journal);
        assert.equal(attempts[unit], 2);
        delete attempts[unit];
        for (const [name, count] of Object.entries(attempts)) assert.equal(count, 1, `${name} ran ${count} times`);
        for (const name of finished) if (name !== unit) assert.match(err, new RegExp(`${name} {2}up to date`));
        const first = journal.steps.flatMap(({ units }) => units).find((candidate) => candidate.unit === unit)
          ?.attempts[0];
        assert.equal(first?.outcome, "interrupted");
        assert.deepEqual(world.outputs(RUN), undisturbed);
      });
    }

  it("a step that fails leaves what was finished, and says why it failed", async () => {
    const failing = world.spawn([...NOT_IN_ORDER, "--run", "r1"], { WORDS_TROUBLE: "Count/merge:fail" });
    assert.equal((await failing.exit).code, 1);
    assert.match(failing.lines.join("\n"), /ath: The words are not fit to be counted/);
    assert.match(failing.lines.join("\n"), /Resume with: ath resume r1/);
    const journal = await world.journal("r1");
    assert.equal(journal.state, "failed");
    const merge = journal.steps[2]?.units.at(-1)?.attempts[0];
    assert.deepEqual(merge?.error, { name: "InputError", message: "The words are not fit to be counted" });
    assert.equal(merge?.exitCode, 1);
    const { err } = await world.ath("resume", "r1", "--executor", "in-process");
    assert.match(err, /Count merge {2}runs: did not finish: attempt 1 failed: The words are not fit to be counted/);
    assert.deepEqual(world.outputs(RUN), undisturbed);
  });

  it("a step whose own process crashes, or takes too much memory, fails and not the run's process", async () => {
    const crashing = world.spawn([...NOT_IN_ORDER, "--run", "r1"], { WORDS_TROUBLE: "Split:crash" });
    assert.equal((await crashing.exit).code, 1);
    assert.match(crashing.lines.join("\n"), /ath: The step's process was ended by SIGKILL/);
    const hoarding = world.spawn(["resume", "r1", "--memory", "256"], { WORDS_TROUBLE: "Split:memory" });
    assert.equal((await hoarding.exit).code, 1);
    assert.match(hoarding.lines.join("\n"), /ath: Out of memory: \d+ MiB of 256 MiB/);
    const { units } = (await world.journal("r1")).steps[1] ?? { units: [] };
    assert.deepEqual(
      units[0]?.attempts.map(({ outcome, error }) => [outcome, error?.name]),
      [
        ["failed", "ExecutorError"],
        ["failed", "ExecutorError"],
      ],
    );
  });

  it("what a step has started ends with it: too much memory, a crash, the end of the run's process", async () => {
    const ends: [string, string[], (run: Spawned, step: number) => void][] = [
      ["memory", ["--memory", "256"], () => undefined],
      ["crash of the step's process", [], (_, step) => process.kill(step, "SIGKILL")],
      ["crash of the run's process", [], (run) => run.child.kill("SIGKILL")],
    ];
    for (const [index, [what, args, end]] of ends.entries()) {
      const command = index === 0 ? [...NOT_IN_ORDER, "--run", "r1"] : ["resume", "r1"];
      const run = world.spawn([...command, "--verbose", ...args], { WORDS_TROUBLE: "Split:program" });
      await run.says("program ");
      const program = Number(/program (\d+) runs/.exec(run.lines.join("\n"))?.[1]);
      end(run, parentOf(program));
      await run.exit;
      await ended(program);
      if (what === "memory") assert.match(run.lines.join("\n"), /ath: Out of memory: \d+ MiB of 256 MiB/);
    }
  });

  it("a run that is stopped says so, and gives its locks back", async () => {
    const run = world.spawn([...NOT_IN_ORDER, "--run", "r1", "--verbose"], { WORDS_TROUBLE: "Split:hang" });
    await run.says("at the place of trouble");
    run.child.kill("SIGTERM");
    assert.equal((await run.exit).code, 143);
    assert.equal((await world.journal("r1")).state, "stopped");
    assert.match((await world.ath("unlock")).out, /Nothing is locked/);
  });
});
