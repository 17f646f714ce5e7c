import assert from "node:assert/strict";
import { UsageError } from "../../../automation/errors.js";
import type { TestReport } from "../../../automation/report/model.js";
import { defaultConcurrency } from "../../../automation/suites/concurrency.js";
import { type PlannedTest, planTests } from "../../../automation/suites/plan.js";
import { registry } from "../../../automation/suites/registry.js";
import { runName, runPlan } from "../../../automation/suites/run-batch.js";
import { groupTests, wantedOf } from "../../../automation/suites/shared-environment.js";
import type { SuiteTest } from "../../../automation/suites/test.js";

const test = (name: string, suites: string[], dependsOn: string[] = []): SuiteTest => ({
  name,
  suites,
  description: name,
  units: ["sanders"],
  dependsOn,
  run: async () => {},
  verify: async () => [],
});
const REGISTRY = [
  test("score", ["core"], ["train"]),
  test("train", ["core"], ["load"]),
  test("load", ["quick"]),
  test("alone", ["core", "quick"]),
];
const following = (name: string, suites: string[], follows: string[]): SuiteTest => ({
  ...test(name, suites),
  follows,
});
const names = (plan: PlannedTest[]) => plan.map((planned) => planned.test.name);

describe("planning tests", () => {
  it("puts each after what it depends on, and adds what was not asked for", () => {
    const plan = planTests(REGISTRY, ["core"]);
    assert.deepEqual(names(plan), ["load", "train", "score", "alone"]);
    assert.deepEqual(
      plan.map(({ because }) => because),
      [["needed by train"], ["suite core"], ["suite core"], ["suite core"]],
    );
  });

  it("takes suites, names and all, each test once", () => {
    assert.deepEqual(names(planTests(REGISTRY, ["quick"])), ["load", "alone"]);
    assert.deepEqual(names(planTests(REGISTRY, ["alone", "quick", "alone"])), ["load", "alone"]);
    assert.deepEqual(names(planTests(REGISTRY, ["all"])), ["load", "train", "score", "alone"]);
  });

  it("puts a follower behind what it follows where that runs, and does without it otherwise", () => {
    const tests = [following("hotline", ["core", "quick"], ["score"]), ...REGISTRY];
    assert.deepEqual(names(planTests(tests, ["core"])), ["load", "train", "score", "hotline", "alone"]);
    const plan = planTests(tests, ["quick"]);
    assert.deepEqual(names(plan), ["hotline", "load", "alone"]);
    assert.deepEqual(plan[0]?.after, []);
    const circle = [following("a", ["s"], ["b"]), following("b", ["s"], ["a"])];
    assert.throws(() => planTests(circle, ["s"]), /wait for each other in a circle: a, b/);
  });

  it("has tests that build upon each other share an environment, over any number of steps", () => {
    const groups = groupTests(planTests([...REGISTRY, following("more", ["core"], ["alone"])], ["all"]));
    assert.deepEqual(groups.map(names), [
      ["load", "train", "score"],
      ["alone", "more"],
    ]);
  });

  it("gives the environment of a group what all its tests need, and refuses what does not go together", () => {
    const settings = { sanders: { natGateways: 0 } };
    const one = { ...test("one", ["s"]), settings };
    const two = { ...test("two", ["s"]), units: ["sanders", "template"], settings: { ...settings, backend: {} } };
    assert.deepEqual(wantedOf([one, two]), {
      units: ["sanders", "template"],
      environment: "dev",
      settings: { sanders: { natGateways: 0 }, backend: {} },
      program: undefined,
    });
    assert.throws(() => wantedOf([one, { ...two, environment: "prod" }]), /one and two .* different environments/);
    assert.throws(
      () => wantedOf([one, { ...two, settings: { sanders: { natGateways: 1 } } }]),
      /one and two .* different settings of sanders/,
    );
  });

  it("has tests that take turns share an environment, each with settings of its own", () => {
    const turn = (name: string, natGateways: number): SuiteTest => ({
      ...test(name, ["s"]),
      takesTurns: "t",
      settings: { sanders: { natGateways } },
    });
    const tests = [turn("one", 0), test("other", ["s"]), turn("two", 1)];
    const groups = groupTests(planTests(tests, ["s"]));
    assert.deepEqual(groups.map(names), [["one", "two"], ["other"]]);
    assert.deepEqual(wantedOf(groups[0]?.map((planned) => planned.test) ?? []).settings, {});
  });

  it("refuses what does not exist, saying what does", () => {
    assert.throws(
      () => planTests(REGISTRY, ["slow"]),
      (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(
          error.message,
          "There is no suite or test named slow. Suites: core, quick, all. Tests: score, train, load, alone.",
        );
        return true;
      },
    );
  });

  it("refuses a circle", () => {
    const circle = [test("a", ["s"], ["b"]), test("b", ["s"], ["a"])];
    assert.throws(() => planTests(circle, ["s"]), /circle: a → b → a/);
  });

  it("finds the whole registry sound", () => {
    assert.equal(planTests(registry, ["all"]).length, registry.length);
    assert.equal(new Set(registry.map(({ name }) => name)).size, registry.length);
  });
});

describe("running a plan", () => {
  const report = (name: string, verdict: TestReport["verdict"]) => ({ name, verdict }) as TestReport;
  const never = new AbortController().signal;

  it("runs no more than there is room for, and nothing before what it waits for", async () => {
    const log: string[] = [];
    let running = 0;
    let most = 0;
    await runPlan(planTests(REGISTRY, ["all"]), 2, never, async ({ test: { name } }) => {
      running += 1;
      most = Math.max(most, running);
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      running -= 1;
      return report(name, "passed");
    });
    assert.equal(most, 2);
    assert.ok(log.indexOf("load ends") < log.indexOf("train begins"));
    assert.ok(log.indexOf("train ends") < log.indexOf("score begins"));
    assert.ok(log.indexOf("alone begins") < log.indexOf("load ends"));
  });

  it("runs one at a time of those that take turns, beside others, and goes on when one fails", async () => {
    const turn = (name: string): SuiteTest => ({ ...test(name, ["s"]), takesTurns: "t" });
    const log: string[] = [];
    const plan = planTests([turn("one"), turn("two"), test("other", ["s"])], ["s"]);
    const reports = await runPlan(plan, 2, never, async ({ test: { name } }) => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      return report(name, name === "one" ? "failed" : "passed");
    });
    assert.deepEqual(log.slice(0, 2), ["one begins", "other begins"]);
    assert.ok(log.indexOf("one ends") < log.indexOf("two begins"));
    assert.deepEqual(
      reports.map(({ verdict }) => verdict),
      ["failed", "passed", "passed"],
    );
  });

  it("skips only what depends on a test that failed", async () => {
    const reports = await runPlan(planTests(REGISTRY, ["all"]), 1, never, async ({ test: { name } }, skip) =>
      report(name, skip === undefined ? (name === "train" ? "failed" : "passed") : "skipped"),
    );
    assert.deepEqual(
      reports.map(({ name, verdict }) => [name, verdict]),
      [
        ["load", "passed"],
        ["train", "failed"],
        ["score", "skipped"],
        ["alone", "passed"],
      ],
    );
  });

  it("skips the rest after an interrupt", async () => {
    const controller = new AbortController();
    const reports = await runPlan(
      planTests(REGISTRY, ["all"]),
      1,
      controller.signal,
      async ({ test: { name } }, skip) => {
        controller.abort();
        return report(name, skip === undefined ? "failed" : "skipped");
      },
    );
    assert.deepEqual(
      reports.map(({ verdict }) => verdict),
      ["failed", "skipped", "skipped", "skipped"],
    );
  });
});

describe("how many tests run side by side", () => {
  it("is what cores and memory allow, and at least one", () => {
    assert.equal(defaultConcurrency(2, 24_000, 2048), 2);
    assert.equal(defaultConcurrency(16, 8_192, 2048), 2);
    assert.equal(defaultConcurrency(8, 1_000, 2048), 1);
  });
});

describe("the name of a run", () => {
  it("sorts by time and says what was asked for", () => {
    assert.equal(runName(["smoke", "quick"], new Date("2026-02-07T10:11:12.345Z")), "2026-02-07T10-11-12-smoke-quick");
    assert.equal(runName(["../x"], new Date(0)), "1970-01-01T00-00-00-x");
  });
});
