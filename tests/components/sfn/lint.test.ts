import assert from "node:assert/strict";
import type { Definition, State } from "../../../components/sfn/asl.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { sequence } from "../../../components/sfn/sequence.js";

const pass: State = { Type: "Pass" };
const machine = (states: Record<string, State>, startAt = Object.keys(states)[0] as string): Definition => ({
  QueryLanguage: "JSONata",
  StartAt: startAt,
  States: states,
});
const lint = (states: Record<string, State>, startAt?: string) => lintDefinition(machine(states, startAt));

describe("The linter of state machines", () => {
  it("finds nothing in a sound one", () => {
    assert.deepEqual(lintDefinition({ QueryLanguage: "JSONata", ...sequence({ A: pass, B: pass }) }), []);
  });

  it("finds states that are never reached", () => {
    assert.deepEqual(lint({ A: { ...pass, End: true }, B: { ...pass, End: true } }), ["B is never reached"]);
  });

  it("finds transitions to nowhere, from Next, Default, choices, catchers and StartAt", () => {
    assert.deepEqual(lint({ A: { ...pass, Next: "Z" }, B: { Type: "Succeed" } }), [
      "B is never reached",
      "A: goes to 'Z', which is not there",
    ]);
    const choice: State = { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "Y" }], Default: "Z" };
    const found = lint({ A: choice, B: { Type: "Succeed" } });
    assert.ok(
      found.includes("A: goes to 'Y', which is not there") && found.includes("A: goes to 'Z', which is not there"),
    );
    const caught: State = {
      Type: "Task",
      Resource: "r",
      End: true,
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Z" }],
    };
    assert.deepEqual(lint({ A: caught }), ["A: goes to 'Z', which is not there"]);
    assert.deepEqual(lint({ A: { ...pass, End: true } }, "Z"), [
      "the state machine starts at 'Z', which is not one of its states",
      "A is never reached",
    ]);
  });

  it("finds a missing Next, and a Next beside an End", () => {
    assert.ok(lint({ A: pass, B: { Type: "Succeed" } }).includes("A: has neither Next nor End"));
    assert.ok(lint({ A: { ...pass, Next: "A", End: true } }).includes("A: has both Next and End"));
  });

  it("finds a machine that never ends", () => {
    assert.deepEqual(lint({ A: { ...pass, Next: "B" }, B: { ...pass, Next: "A" } }), ["the state machine never ends"]);
  });

  it("looks into branches and items, where names must be unique too", () => {
    const parallel: State = {
      Type: "Parallel",
      End: true,
      Branches: [sequence({ A: pass }), { StartAt: "B", States: { B: { ...pass, Next: "C" } } }],
    };
    assert.deepEqual(lint({ A: parallel }), [
      "A/0/A has the name of A; names are unique in a state machine",
      "A/1/ never ends",
      "A/1/B: goes to 'C', which is not there",
    ]);
    const map: State = { Type: "Map", End: true, ItemProcessor: { StartAt: "X", States: { X: pass } } };
    assert.deepEqual(lint({ M: map }), ["M/0/ never ends", "M/0/X: has neither Next nor End"]);
  });

  it("finds error handlers that never act or are refused", () => {
    const task = (Retry: object[]): State => ({ Type: "Task", Resource: "r", End: true, Retry: Retry as never });
    assert.deepEqual(lint({ A: task([{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["X"] }]) }), [
      "A: Retry 1 catches all, so those after it never act",
    ]);
    assert.deepEqual(lint({ A: task([{ ErrorEquals: ["X", "States.ALL"], BackoffRate: 0.5 }]) }), [
      "A: Retry 1 names States.ALL beside others",
      "A: Retry 1: BackoffRate is at least 1",
    ]);
    assert.deepEqual(lint({ A: task([{ ErrorEquals: ["X"], IntervalSeconds: 9, MaxDelaySeconds: 9 }]) }), [
      "A: Retry 1: MaxDelaySeconds is more than IntervalSeconds",
    ]);
  });

  it("finds waiting without an end, choices without a default, and empty parallels", () => {
    assert.deepEqual(lint({ A: { Type: "Task", Resource: "arn:aws:states:::batch:submitJob.sync", End: true } }), [
      "A: waits without a TimeoutSeconds, up to a year",
    ]);
    assert.ok(
      lint({ A: { Type: "Choice", Choices: [{ Condition: true, Next: "B" }] }, B: { Type: "Succeed" } })[0]?.startsWith(
        "A: has no Default",
      ),
    );
    assert.deepEqual(lint({ A: { Type: "Parallel", Branches: [], End: true } }), ["A: has no branch"]);
    assert.deepEqual(lint({ A: { Type: "Wait", End: true } }), ["A: waits for either Seconds or a Timestamp"]);
  });

  it("finds expressions that are not JSONata, or that are part of a longer text", () => {
    const [broken] = lint({ A: { ...pass, End: true, Output: { x: "{% $sum( %}" } } });
    assert.match(broken ?? "", /^States\.A\.Output\.x: '\{% \$sum\( %\}' is not JSONata: /);
    assert.deepEqual(lint({ A: { ...pass, End: true, Output: "Hello {% $name %}" } }), [
      "States.A.Output: 'Hello {% $name %}' is text, not an expression",
    ]);
  });
});

describe("A sequence", () => {
  it("goes from each state to the one after it, and ends with the last", () => {
    assert.deepEqual(sequence({ A: pass, B: pass }), {
      StartAt: "A",
      States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", End: true } },
    });
  });

  it("leaves what a state says itself, and states that cannot go on", () => {
    const { States } = sequence({ A: { ...pass, Next: "C" }, B: { Type: "Fail" }, C: pass });
    assert.deepEqual(States, {
      A: { Type: "Pass", Next: "C" },
      B: { Type: "Fail" },
      C: { Type: "Pass", End: true },
    });
  });

  it("refuses to be empty and to have a name twice", () => {
    assert.throws(() => sequence({}), /at least one state/);
    assert.throws(() => sequence({ A: pass }, sequence({ A: pass })), /Two states are named 'A'/);
  });
});
