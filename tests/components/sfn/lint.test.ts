import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Definition, State } from "../../../components/sfn/asl.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { sequence } from "../../../components/sfn/sequence.js";

const pass: State = { Type: "Pass" };
const task: State = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Arguments: {}, End: true };
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
    assert.deepEqual(lint({ A: { ...pass, End: true }, B: { ...pass, End: true } }), [
      '/States/B: State "B" is not reachable.',
    ]);
  });

  it("finds transitions to nowhere, from Next, Default, choices, catchers and StartAt", () => {
    const end: State = { Type: "Succeed" };
    const missing = "Missing 'Next' target: Z";
    assert.ok(lint({ A: { ...pass, Next: "Z" }, B: end }).includes(`/States/A/Next: ${missing}`));
    const choice: State = { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "Z" }], Default: "Z" };
    const found = lint({ A: choice, B: end });
    assert.ok(found.includes(`/States/A/Choices[0]/Next: ${missing}`), found.join());
    assert.ok(found.includes(`/States/A/Default: ${missing}`), found.join());
    const caught = { ...task, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Z" }] };
    assert.deepEqual(lint({ A: caught }), [`/States/A/Catch[0]/Next: ${missing}`]);
    assert.deepEqual(lint({ A: { ...pass, End: true } }, "Z"), [
      `/StartAt: ${missing}`,
      '/States/A: State "A" is not reachable.',
    ]);
  });

  it("finds a missing Next, and a Next beside an End", () => {
    const [neither] = lint({ A: pass, B: { Type: "Succeed" } });
    assert.equal(neither, "/States/A: This object should have only one of the following fields: [Next, End]");
    const [both] = lint({ A: { ...pass, Next: "B", End: true }, B: { Type: "Succeed" } });
    assert.equal(both, "/States/A: There should only be one of the following fields: [Next, End]");
  });

  it("finds a machine that never ends", () => {
    assert.deepEqual(lint({ A: { ...pass, Next: "B" }, B: { ...pass, Next: "A" } }), [
      "Workflow has no terminal state",
    ]);
  });

  it("looks into branches and items, where names must be unique too", () => {
    const parallel: State = {
      Type: "Parallel",
      End: true,
      Branches: [sequence({ A: pass }), { StartAt: "B", States: { B: { ...pass, Next: "C" } } }],
    };
    assert.deepEqual(lint({ A: parallel }), [
      "/States/A/Branches[0]/States/A: Duplicate State name: A",
      "/States/A/Branches[1]/States/B/Next: Missing 'Next' target: C",
      "Workflow has no terminal state",
    ]);
    const late: State = { ...task, Resource: "arn:aws:states:::glue:startJobRun.sync" };
    const map: State = { Type: "Map", End: true, ItemProcessor: { StartAt: "X", States: { X: late } } };
    assert.deepEqual(lint({ M: map }), [
      "/States/M/ItemProcessor/States/X: waits without a TimeoutSeconds, up to a year",
    ]);
  });

  it("finds error handlers that never act or are refused", () => {
    const retrying = (Retry: object[]): State => ({ ...task, Retry: Retry as never });
    assert.deepEqual(lint({ A: retrying([{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["X"] }]) }), [
      "/States/A/Retry[0]/ErrorEquals: States.ALL must appear alone and at end of list",
    ]);
    assert.deepEqual(lint({ A: retrying([{ ErrorEquals: ["X", "States.ALL"], BackoffRate: 0.5 }]) }).length, 2);
    assert.deepEqual(lint({ A: retrying([{ ErrorEquals: ["X"], IntervalSeconds: 9, MaxDelaySeconds: 9 }]) }), [
      "/States/A/Retry[0]/MaxDelaySeconds: 'MaxDelaySeconds' must be greater than 'IntervalSeconds'",
    ]);
  });

  it("finds waiting without an end, choices without a default, and states that lack what they need", () => {
    assert.deepEqual(lint({ A: { ...task, Resource: "arn:aws:states:::batch:submitJob.sync" } }), [
      "/States/A: waits without a TimeoutSeconds, up to a year",
    ]);
    const [found] = lint({
      A: { Type: "Choice", Choices: [{ Condition: true, Next: "B" }] },
      B: { Type: "Succeed" },
    });
    assert.match(found ?? "", /^\/States\/A: has no Default/);
    assert.deepEqual(lint({ A: { Type: "Wait", End: true } }), [
      "/States/A: This object should have only one of the following fields: [Seconds, Timestamp]",
    ]);
    assert.deepEqual(lint({ A: { Type: "Parallel", Branches: [], End: true } }), [
      "/States/A/Branches: Value cannot be empty",
    ]);
  });

  it("finds expressions that are not JSONata, or that are part of a longer text", () => {
    const [broken] = lint({ A: { ...pass, End: true, Output: { x: "{% $sum( %}" } } });
    assert.match(broken ?? "", /^\/States\/A\/Output\/x: Expected "\)" before end of expression/);
    assert.equal(lint({ A: { ...pass, End: true, Output: "Hello {% $name %}" } }).length, 1);
  });

  it("passes over values that are not known yet", () => {
    const output = pulumi.output("later") as unknown as string;
    assert.deepEqual(lint({ A: { ...task, Resource: output, Arguments: { FunctionName: output } } }), []);
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
