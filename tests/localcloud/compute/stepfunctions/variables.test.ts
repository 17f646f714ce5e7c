import assert from "node:assert/strict";
import { define, outputOf, play } from "./world.js";

const KIB = 1024;
/** A text whose JSON takes so many bytes. */
const text = (bytes: number) => "x".repeat(bytes - 2);

describe("the size of variables", () => {
  const assign = (Assign: object, more: object = {}) =>
    define({
      StartAt: "Set",
      States: { Set: { Type: "Pass", Assign, End: true, ...more } },
    });

  it("is at most 256 KiB for one Assign, however many there are", async () => {
    const half = { a: text(128 * KIB), b: text(128 * KIB) };
    assert.equal((await play(assign(half))).outcome?.status, "SUCCEEDED");
    const ended = await play(assign({ ...half, c: 1 }));
    assert.deepEqual(ended.outcome, {
      status: "FAILED",
      error: "States.DataLimitExceeded",
      cause:
        "The state 'Set' assigned variables with a size exceeding the maximum number of bytes service limit (262144).",
    });
    assert.ok(!ended.events.some(({ type }) => type === "PassStateExited"));
  });

  it("counts what an expression gives, in bytes of UTF-8", async () => {
    const machine = assign({ a: "{% $states.input.text %}" }, { QueryLanguage: "JSONata", Output: "done" });
    assert.equal(outputOf(await play(machine, { input: { text: "é".repeat(131_071) } })), "done");
    const { outcome } = await play(machine, { input: { text: "é".repeat(131_072) } });
    assert.equal(outcome?.status === "FAILED" && outcome.error, "States.DataLimitExceeded");
  });

  it("holds in a Catch too", async () => {
    const machine = define({
      QueryLanguage: "JSONata",
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          Items: [1],
          ItemProcessor: { StartAt: "Bad", States: { Bad: { Type: "Fail", Error: "Bad" } } },
          Catch: [{ ErrorEquals: ["Bad"], Assign: { a: text(200 * KIB), b: text(200 * KIB) }, Next: "End" }],
          End: true,
        },
        End: { Type: "Succeed" },
      },
    });
    const { outcome } = await play(machine);
    assert.equal(outcome?.status === "FAILED" && outcome.error, "States.DataLimitExceeded");
  });

  describe("in all", () => {
    /** States that assign `count` variables of 256 KiB, one after the other. */
    const chain = (count: number, name = (index: number) => `v${index}`) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `S${index}`,
          {
            Type: "Pass",
            Assign: { [name(index)]: text(256 * KIB) },
            ...(index === count - 1 ? { End: true } : { Next: `S${index + 1}` }),
          },
        ]),
      );

    it("is at most 10 MiB for an execution", async () => {
      assert.equal((await play(define({ StartAt: "S0", States: chain(40) }))).outcome?.status, "SUCCEEDED");
      const { outcome } = await play(define({ StartAt: "S0", States: chain(41) }));
      assert.deepEqual(outcome, {
        status: "FAILED",
        error: "States.DataLimitExceeded",
        cause:
          "With the state 'S40' the execution stored variables with a size exceeding the maximum number of bytes service limit (10485760).",
      });
    });

    it("counts a variable that is assigned again once", async () => {
      const machine = define({ StartAt: "S0", States: chain(60, () => "same") });
      assert.equal((await play(machine)).outcome?.status, "SUCCEEDED");
    });

    it("counts those of branches and iterations together, until these end", async () => {
      const each = (MaxConcurrency: number) =>
        define({
          StartAt: "Each",
          States: {
            Each: {
              Type: "Map",
              ItemsPath: "$",
              MaxConcurrency,
              ItemProcessor: {
                StartAt: "Set",
                States: {
                  Set: { Type: "Pass", Assign: { own: text(256 * KIB) }, Next: "Wait" },
                  Wait: { Type: "Wait", Seconds: 1, End: true },
                },
              },
              ResultPath: null,
              End: true,
            },
          },
        });
      const input = Array.from({ length: 41 }, (_, index) => index);
      assert.equal((await play(each(40), { input })).outcome?.status, "SUCCEEDED", "forty at once");
      const branches = define({
        StartAt: "All",
        States: {
          All: {
            Type: "Parallel",
            Branches: Array.from({ length: 41 }, (_, index) => ({
              StartAt: `Set${index}`,
              States: {
                [`Set${index}`]: { Type: "Pass", Assign: { [`v${index}`]: text(256 * KIB) }, Next: `Wait${index}` },
                [`Wait${index}`]: { Type: "Wait", Seconds: 1, End: true },
              },
            })),
            ResultPath: null,
            End: true,
          },
        },
      });
      const { outcome } = await play(branches, { input });
      assert.equal(outcome?.status === "FAILED" && outcome.error, "States.DataLimitExceeded");
    });

    it("leaves out what a branch that was given up had, when the state is tried again", async () => {
      const big = (index: number) => ({
        StartAt: `Set${index}`,
        States: {
          [`Set${index}`]: { Type: "Pass", Assign: { [`v${index}`]: text(256 * KIB) }, Next: `Wait${index}` },
          [`Wait${index}`]: { Type: "Wait", Seconds: 60, End: true },
        },
      });
      const call = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Parameters: {}, End: true };
      const machine = define({
        StartAt: "All",
        States: {
          All: {
            Type: "Parallel",
            Branches: [
              ...Array.from({ length: 15 }, (_, index) => big(index)),
              { StartAt: "Call", States: { Call: call } },
            ],
            Retry: [{ ErrorEquals: ["Again"], MaxAttempts: 5, BackoffRate: 1 }],
            ResultPath: null,
            End: true,
          },
        },
      });
      const { outcome } = await play(machine, {
        task: (_effect, number) => [
          number < 4 ? { kind: "failed", error: "Again" } : { kind: "succeeded", output: {} },
        ],
      });
      assert.equal(outcome?.status, "SUCCEEDED");
    });

    it("goes on from where it was after a redrive", async () => {
      const States = {
        ...chain(40),
        S39: { Type: "Pass", Assign: { v39: text(256 * KIB) }, Next: "Last" },
        Last: {
          Type: "Task",
          Resource: "arn:aws:states:::sqs:sendMessage",
          Parameters: {},
          Assign: { w: 1 },
          End: true,
        },
      };
      const machine = define({ StartAt: "S0", States });
      const failed = await play(machine, { task: () => [{ kind: "failed", error: "Bad" }] });
      const checkpoint = failed.run.root.checkpoint();
      assert.ok(checkpoint);
      const again = await play(machine, {
        redrive: { checkpoint, nextEventId: failed.events.length + 1, count: 1 },
        task: () => [{ kind: "succeeded", output: {} }],
      });
      assert.equal(again.outcome?.status === "FAILED" && again.outcome.error, "States.DataLimitExceeded");
    });
  });
});
