// What a step may do and what becomes of it: declared paths only, a time limit, locks of its data sets, executors.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openEngine } from "../../../jobs/athanor/engine/open.js";
import { planRun } from "../../../jobs/athanor/engine/plan.js";
import { runWorkflow } from "../../../jobs/athanor/engine/runner.js";
import type { Engine, UnitEvent } from "../../../jobs/athanor/engine/unit.js";
import type { Executor, Executors, StepWork } from "../../../jobs/athanor/executors/executor.js";
import { InProcessExecutor } from "../../../jobs/athanor/executors/inprocess.js";
import { perform } from "../../../jobs/athanor/executors/perform.js";
import { codeDigests } from "../../../jobs/athanor/files/code.js";
import { Digests } from "../../../jobs/athanor/files/digest.js";
import { Locks } from "../../../jobs/athanor/locks/locks.js";
import { thisOwner } from "../../../jobs/athanor/locks/owner.js";
import { defineWorkflow, type Step, type StepContext, type Workflow } from "../../../jobs/athanor/workflow.js";
import { createLogger } from "../../../jobs/lib/log.js";
import { TIMES, World } from "./support.js";

const assets = new URL("./", import.meta.url);
const parameters = z.object({ seed: z.number().default(1) });
type P = z.output<typeof parameters>;

function workflowOf(step: Partial<Step<P>>, ...more: Step<P>[]): Workflow {
  const one: Step<P> = {
    name: "Only",
    description: "",
    inputs: (run) => [run.data("prod/coop/words")],
    outputs: ["out.txt"],
    code: [import.meta.url],
    run: async (context) => {
      writeFileSync(context.output("out.txt"), "out");
      return {};
    },
    ...step,
  };
  const workflow = defineWorkflow({
    name: "one",
    description: "",
    parameters,
    runFolder: (_, id) => `prod/one/${id}`,
    steps: [one, ...more],
  });
  return workflow as unknown as Workflow;
}

describe("Athanor: steps", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  async function engineOf(
    workflow: Workflow,
    more: { executors?: Executors; onEvent?: (event: UnitEvent) => void } = {},
  ): Promise<Engine> {
    return openEngine({
      registered: { workflow, assets },
      dataRoot: world.dataRoot,
      runId: "r1",
      input: {},
      executors: { local: new InProcessExecutor(workflow, { assets, graceMs: 100 }) },
      log: createLogger({ job: "test", out: () => undefined, err: () => undefined }),
      signal: new AbortController().signal,
      env: {},
      lockTimes: TIMES,
      ...more,
    });
  }
  const run = async (step: Partial<Step<P>>) => runWorkflow(await engineOf(workflowOf(step)));
  const attempt = () => JSON.parse(world.read("prod/one/r1/steps/Only/attempt-0001.json"));

  it("fails when it reads or writes what it has not declared, or leaves an output out", async () => {
    await assert.rejects(
      run({ run: async (context) => ({ figures: { path: context.input("/etc/hosts") } }) }),
      /Only reads \/etc\/hosts, which is not among its inputs/,
    );
    await assert.rejects(
      run({ run: async (context) => ({ figures: { path: context.output("other.txt") } }) }),
      /Only has no output 'other.txt'; it has out.txt/,
    );
    await assert.rejects(run({ run: async () => ({}) }), /Only did not write its output out.txt/);
    assert.equal(existsSync(world.path("prod/one/r1/steps/Only/aside")), false);
  });

  it("is stopped when it takes longer than its time limit, whether it heeds that or not", async () => {
    const heeding = run({
      timeoutSeconds: 0.1,
      run: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    await assert.rejects(heeding, { name: "JobError", message: "Only took longer than its 0.1 s" });
    const deaf = run({ timeoutSeconds: 0.1, run: () => new Promise(() => undefined) });
    await assert.rejects(deaf, /Only took longer than its 0\.1 s \(it did not stop when asked to\)/);
    assert.equal(attempt().outcome, "failed");
    assert.ok(attempt().seconds < 5);
  });

  it("does not put its outputs in place once one of its locks was lost", async () => {
    const locks = new Locks(world.dataRoot, TIMES);
    const set = world.path("prod/coop/words");
    const losing = run({
      locks: () => [{ path: set, mode: "SHARED" }],
      run: async (context) => {
        writeFileSync(context.output("out.txt"), "too late");
        await locks.unlock(set, true);
        return {};
      },
    });
    await assert.rejects(losing, { name: "LockLostError", message: /The SHARED lock on prod\/coop\/words was lost/ });
    assert.equal(existsSync(world.path("prod/one/r1/out.txt")), false);
  });

  it("waits for the data set that another holds, and says who that is and since when", async () => {
    const set = world.path("prod/coop/words");
    const other = await new Locks(world.dataRoot, TIMES).acquire(set, "EXCLUSIVE", {
      owner: thisOwner("prepare-1", "prepare"),
    });
    const waited: UnitEvent[] = [];
    const workflow = workflowOf({ locks: () => [{ path: set, mode: "SHARED" }] });
    const engine = await engineOf(workflow, {
      onEvent: (event) => {
        if (event.type !== "waiting") return;
        waited.push(event);
        world.write("prod/coop/words/one.txt", "what the other makes of it");
        void other.release();
      },
    });
    await runWorkflow(engine);
    assert.equal(waited.length, 1);
    const [event] = waited;
    assert.ok(
      event?.type === "waiting" &&
        event.blockers[0]?.owner.run === "prepare-1" &&
        event.blockers[0].since <= new Date().toISOString(),
    );
    // Inputs are looked at under the lock: what is recorded is what was read.
    assert.deepEqual((await runWorkflow(await engineOf(workflow))).skipped, ["Only"]);
  });

  it("runs where it asks to: another executor gets plain data, enough to do the work elsewhere", async () => {
    const workflow = workflowOf({ executor: "emr" });
    await assert.rejects(
      engineOf(workflow).then(runWorkflow),
      /Only runs on 'emr', for which there is no executor here/,
    );
    const works: StepWork[] = [];
    const emr: Executor = {
      name: "elsewhere",
      submit: async (work) => {
        const there = JSON.parse(JSON.stringify(work)) as StepWork;
        works.push(there);
        const signal = new AbortController().signal;
        return {
          id: "s-1",
          outcome: perform(there, { workflow, assets, signal }).then((result) => ({ result })),
          cancel: async () => undefined,
        };
      },
    };
    const local = new InProcessExecutor(workflow, { assets });
    await runWorkflow(await engineOf(workflow, { executors: { local, emr } }));
    assert.equal(works.length, 1);
    assert.equal(readFileSync(world.path("prod/one/r1/out.txt"), "utf8"), "out");
    assert.equal(attempt().executor, "elsewhere");
  });

  it("has for its code its module and those that this imports, and other files by their paths", async () => {
    const code = await codeDigests([import.meta.url, "words.js"], assets);
    assert.ok(code["steps.test.js"] && code["words.js"]);
    assert.ok(code["../../../jobs/athanor/engine/runner.js"], "imported");
    assert.ok(code["../../../jobs/athanor/locks/claim.js"], "imported by what is imported");
    await assert.rejects(codeDigests(["python/none.py"], assets), /The code of python\/none.py cannot be read: ENOENT/);
  });

  const after: Step<P> = {
    name: "After",
    description: "",
    inputs: (run) => [run.file("out/half")],
    outputs: [],
    code: [import.meta.url],
    run: async () => ({}),
  };

  it("publishes again what was lost or changed, but not what others may change", async () => {
    const own = world.path("prod/published/own");
    const shared = world.path("prod/published/latest.txt");
    const workflow = workflowOf({
      run: async (context) => {
        writeFileSync(context.output("out.txt"), "out");
        mkdirSync(own, { recursive: true });
        writeFileSync(join(own, "one.txt"), "one");
        if (!existsSync(shared)) writeFileSync(shared, "mine");
        return { published: [{ path: own }, { path: shared, shared: true }] };
      },
    });
    const reasons = async () => {
      const { attempts } = await runWorkflow(await engineOf(workflow));
      return attempts.flatMap((one) => one.reasons);
    };
    assert.deepEqual(await reasons(), ["has not run yet"]);
    assert.deepEqual(await reasons(), []);
    writeFileSync(shared, "another's");
    assert.deepEqual(await reasons(), []);
    writeFileSync(join(own, "one.txt"), "two");
    assert.deepEqual(await reasons(), ["published prod/published/own is not as it was written"]);
    rmSync(world.path("prod/published"), { recursive: true });
    const lost = ["own", "latest.txt"].map((name) => `published prod/published/${name} is missing`);
    const plan = await planRun(workflow, (await engineOf(workflow)).open.info, new Digests(), assets);
    assert.deepEqual(
      plan.map((step) => [step.action, step.reasons]),
      [["run", lost]],
    );
    assert.deepEqual(await reasons(), lost);
    assert.equal(readFileSync(join(own, "one.txt"), "utf8"), "one");
    assert.deepEqual(await reasons(), []);
    const nothing = workflowOf({
      run: async (context) => {
        writeFileSync(context.output("out.txt"), "out");
        return { published: [{ path: world.path("prod/published/none") }] };
      },
      parameters: [],
    });
    await assert.rejects(
      engineOf(nothing).then(runWorkflow),
      /Only says that it has published .*none, but there is nothing/,
    );
  });

  it("may not read a part of what is removed as a whole", async () => {
    const folder = {
      outputs: ["out"],
      run: async (context: StepContext<P>) => {
        mkdirSync(context.output("out"));
        writeFileSync(join(context.output("out"), "half"), "half");
        return {};
      },
    };
    const last: Step<P> = { ...after, name: "Last", inputs: () => [], releases: [{ step: "Only", outputs: ["out"] }] };
    await assert.rejects(
      engineOf(workflowOf(folder, after, last)).then(runWorkflow),
      /prod\/one\/r1\/out cannot be released: After reads .*out\/half, not it as a whole/,
    );
    assert.ok(existsSync(world.path("prod/one/r1/out/half")));
  });

  it("must be described rightly", () => {
    const wrong: [Partial<Step<P>>, RegExp][] = [
      [{ name: "two words" }, /a name is a letter, then letters and digits/],
      [{ code: [] }, /code is empty/],
      [{ outputs: ["../out"] }, /must be a relative path/],
      [{ outputs: ["/out"] }, /must be a relative path/],
      [{ outputs: ["journal.json"] }, /is Athanor's own/],
      [{ outputs: ["a", "a/b"] }, /the same or one inside the other/],
      [{ partitions: () => 2 }, /belong together/],
    ];
    for (const [step, message] of wrong) assert.throws(() => workflowOf(step), message);
    const releases: [Step<P>["releases"], RegExp][] = [
      [[{ step: "Later", outputs: ["later.txt"] }], /releases outputs of Later, which is no step before it/],
      [[{ step: "Only", outputs: ["none.txt"] }], /releases none.txt, which Only does not make/],
      [[{ step: "Only", partitions: true }], /releases partitions of Only, which has none/],
    ];
    for (const [released, message] of releases)
      assert.throws(() => workflowOf({}, { ...after, outputs: ["after.txt"], releases: released }), message);
    const twin: Step<P> = {
      name: "Only",
      description: "",
      inputs: () => [],
      outputs: [],
      code: [import.meta.url],
      run: async () => ({}),
    };
    assert.throws(() => workflowOf({}, twin), /there are two of this name/);
  });
});
