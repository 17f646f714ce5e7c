import assert from "node:assert/strict";
import type { Unit } from "../../stacks/unit.js";
import { selectUnits, units, unitsFor } from "../../stacks/units.js";

const unit = (name: string, ...dependsOn: string[]): Unit => ({
  name,
  system: name,
  description: "",
  dependsOn,
  defaultRegion: "eu-central-1",
  workflows: {},
});

describe("Units", () => {
  it("have unique names, a region and a workflow's output", () => {
    assert.equal(new Set(units.map(({ name }) => name)).size, units.length);
    const sanders = units.find(({ name }) => name === "sanders");
    assert.equal(sanders?.defaultRegion, "eu-central-1");
    assert.deepEqual(sanders?.workflows, { orchestrator: "StepFunctionsStateMachineARN" });
  });

  it("do not depend on what a setting takes the place of", () => {
    const registry = [unit("a"), { ...unit("b", "a", "c"), instead: { a: "bucket.name" } }, unit("c")];
    const needs = (systems: Record<string, Record<string, unknown>>) =>
      unitsFor(systems, registry).find(({ name }) => name === "b")?.dependsOn;
    assert.deepEqual(needs({}), ["a", "c"]);
    assert.deepEqual(needs({ b: { bucket: {} }, a: { bucket: { name: "x" } } }), ["a", "c"]);
    assert.deepEqual(needs({ b: { bucket: { name: "x" } } }), ["c"]);
  });

  it("come with what they depend on, each once and after it", () => {
    const registry = [unit("c", "b", "a"), unit("b", "a"), unit("a"), unit("d")];
    assert.deepEqual(
      selectUnits(["c"], registry).map(({ name }) => name),
      ["a", "b", "c"],
    );
    assert.deepEqual(
      selectUnits(undefined, registry).map(({ name }) => name),
      ["a", "b", "c", "d"],
    );
  });

  it("leave out those of other stacks, with what only they depend on", () => {
    const registry = [unit("c", "b", "x"), unit("b", "a"), unit("a"), unit("x")];
    const names = (chosen: string[] | undefined, ...elsewhere: string[]) =>
      selectUnits(chosen, registry, (name) => elsewhere.includes(name)).map(({ name }) => name);
    assert.deepEqual(names(["c"], "b"), ["x", "c"]);
    assert.deepEqual(names(["c"], "b", "x"), ["c"]);
    assert.deepEqual(names(undefined, "a"), ["b", "x", "c"]);
  });

  it("are refused when they are unknown or go in circles", () => {
    assert.throws(() => selectUnits(["sandres"]), /There is no unit 'sandres'; there are sanders, /);
    assert.throws(() => selectUnits(["a"], [unit("a", "x")]), /There is no unit 'x' \(needed by a\); there are a/);
    assert.throws(() => selectUnits(["a"], [unit("a", "b"), unit("b", "a")]), /in a circle: a → b → a/);
  });
});
