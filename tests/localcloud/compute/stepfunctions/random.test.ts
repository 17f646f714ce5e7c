// Ten thousand random state machines: none crashes or hangs, every history is well-formed, and a replay gives the same.
import assert from "node:assert/strict";
import fc from "fast-check";
import { validateDefinition } from "../../../../localcloud/compute/stepfunctions/definition/validate.js";
import type { HistoryEvent } from "../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import { define, type Ended, play } from "./world.js";

const RUNS = 10_000;
const ERRORS = ["Boom", "States.TaskFailed", "States.ALL", "States.Timeout"];
const LAMBDA = "arn:aws:states:::lambda:invoke";

const json = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, "", "text", "2026-01-01T00:00:00Z", [], {}),
  fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  fc.record({ a: fc.integer(), list: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }) }),
);
const path = fc.constantFrom("$", "$.a", "$.list", "$.list[0]", "$.list[*]", "$$.State.Name", "$.missing", "$x");
const template = fc.oneof(
  fc.record({ "a.$": path, fixed: json }),
  fc.record({
    "f.$": fc.constantFrom(
      "States.Format('{}', $.a)",
      "States.ArrayLength($.list)",
      "States.MathAdd($.a, 1)",
      "States.UUID()",
    ),
  }),
);
const expression = fc.constantFrom(
  "{% $states.input %}",
  "{% $states.input.list %}",
  "{% $states.context.State.Name %}",
  "{% $x + 1 %}",
  "{% $count($states.input) %}",
  "{% [1, 2] %}",
  "{% $nothing %}",
  "{% $random() %}",
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
/** Arbitraries of a state's fields. */
type Fields = Record<string, fc.Arbitrary<unknown>>;

const clean = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

const handling = fc.record({
  Retry: maybe(
    fc.tuple(
      fc.record({
        ErrorEquals: fc.constantFrom(...ERRORS).map((name) => [name]),
        MaxAttempts: fc.integer({ min: 0, max: 2 }),
        IntervalSeconds: fc.integer({ min: 1, max: 100 }),
      }),
    ),
  ),
});

/** One state without its transition; `names` gives the states below it names that no other has. */
function state(depth: number, language: string, name: () => string): fc.Arbitrary<object> {
  const isJsonata = language === "JSONata";
  const data: Fields = isJsonata
    ? { Output: maybe(expression) }
    : { ResultPath: maybe(fc.constantFrom<unknown>("$", "$.r", "$.a.b", null)) };
  const assign: Fields = {
    Assign: maybe(isJsonata ? fc.record<object>({ x: expression }) : fc.record<object>({ "x.$": path })),
  };
  const leaf = fc.oneof(
    fc.record({
      Type: fc.constant("Pass"),
      ...data,
      ...assign,
      ...(isJsonata ? {} : { Parameters: maybe(template), Result: maybe(json) }),
    }),
    fc.record({
      Type: fc.constant("Wait"),
      Seconds: isJsonata ? fc.oneof(fc.integer({ min: 0, max: 1e6 }), expression) : fc.integer({ min: 0, max: 1e6 }),
      ...assign,
    }),
    fc
      .tuple(
        fc.record({
          Type: fc.constant("Task"),
          Resource: fc.constantFrom(
            LAMBDA,
            `${LAMBDA}.waitForTaskToken`,
            "arn:aws:lambda:eu-central-1:123456789012:function:f",
          ),
          TimeoutSeconds: maybe(fc.integer({ min: 1, max: 100 })),
          HeartbeatSeconds: maybe(fc.integer({ min: 1, max: 100 })),
          ...data,
          ...assign,
          ...((isJsonata
            ? { Arguments: maybe(expression) }
            : { Parameters: maybe(template), ResultSelector: maybe(template) }) as Fields),
        }),
        handling,
      )
      .map(([task, rest]) => ({ ...task, ...rest })),
  );
  if (depth === 0) return leaf;
  const inner = () => machine(depth - 1, language, name);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.record({
            Type: fc.constant("Parallel"),
            Branches: fc.array(inner(), { minLength: 1, maxLength: 3 }),
            ...data,
          }),
          handling,
        )
        .map(([parallel, rest]) => ({ ...parallel, ...rest })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.record({
            Type: fc.constant("Map"),
            ItemProcessor: inner(),
            MaxConcurrency: maybe(fc.integer({ min: 0, max: 3 })),
            ...((isJsonata ? { Items: maybe(expression) } : { ItemsPath: maybe(path) }) as Fields),
          }),
          handling,
        )
        .map(([map, rest]) => ({ ...map, ...rest })),
    },
  );
}

/** A chain of states; some are followed by a choice that may go back to the beginning, so that there are loops. */
function machine(depth: number, language: string, name: () => string): fc.Arbitrary<object> {
  return fc
    .tuple(
      fc.array(state(depth, language, name), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom("Succeed", "Fail", "End"),
    )
    .map(([states, hasLoop, last]) => {
      const names = states.map(() => name());
      const end = name();
      const entries = states.map((one, index): [string, object] => [
        names[index] as string,
        { ...clean(one), Next: names[index + 1] ?? end },
      ]);
      const choice =
        language === "JSONata"
          ? { Condition: "{% $random() < 0.3 %}", Next: names[0] }
          : { Variable: "$.a", NumericGreaterThan: 3, Next: names[0] };
      const closing = {
        Succeed: { Type: "Succeed" },
        Fail: { Type: "Fail", Error: "Boom" },
        End: { Type: "Pass", End: true },
      }[last];
      if (!hasLoop) return { StartAt: names[0], States: Object.fromEntries([...entries, [end, closing]]) };
      const final = name();
      return {
        StartAt: names[0],
        States: Object.fromEntries([
          ...entries,
          [end, { Type: "Choice", Choices: [choice], Default: final }],
          [final, closing],
        ]),
      };
    });
}

const scenario = fc.constantFrom("JSONPath", "JSONata").chain((language) => {
  let count = 0;
  return fc.record({
    definition: machine(2, language, () => `S${count++}`).map((one) => ({
      ...one,
      QueryLanguage: language,
      TimeoutSeconds: 10_000_000,
    })),
    input: json,
    seed: fc.integer({ min: 0, max: 1e6 }),
    replies: fc.array(fc.constantFrom("ok", "Boom", "late", "silent", "beats"), { minLength: 1, maxLength: 8 }),
  });
});

const FINAL = new Set(["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]);

function assertWellFormed(ended: Ended): void {
  const { events } = ended;
  assert.equal(events[0]?.type, "ExecutionStarted");
  assert.ok(ended.outcome, "it ended");
  events.forEach((event: HistoryEvent, index: number) => {
    assert.equal(event.id, index + 1, "ids count from 1");
    assert.ok(event.previousEventId < event.id, "an event refers to an earlier one");
    assert.equal(FINAL.has(event.type), index === events.length - 1, "the last event, and only it, is final");
    assert.ok(index === 0 || event.timestampMs >= (events[index - 1]?.timestampMs ?? 0), "time does not run backwards");
  });
  const count = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type)).length;
  assert.ok(count(/StateExited$/) <= count(/StateEntered$/), "what is left was entered");
  assert.ok(count(/Iteration(Succeeded|Failed|Aborted)$/) <= count(/IterationStarted$/), "what ended had begun");
  const open = new Set<string>();
  for (const effect of ended.effects) if (effect.kind === "task" || effect.kind === "timer") open.add(effect.id);
  for (const id of ended.cancelled) open.delete(id);
  for (const { id, reply } of ended.answers)
    if (reply.kind === "fired" || reply.kind === "succeeded" || reply.kind === "failed") open.delete(id);
  assert.deepEqual([...open], [], "nothing is left running");
}

describe("random state machines", () => {
  it(`end, with a well-formed history, and replay the same (${RUNS} of them)`, async function () {
    this.timeout(600_000);
    await fc.assert(
      fc.asyncProperty(scenario, async ({ definition, input, seed, replies }) => {
        const { diagnostics } = validateDefinition(JSON.stringify(definition));
        assert.deepEqual(
          diagnostics.filter(({ severity }) => severity === "ERROR"),
          [],
        );
        const parsed = define(definition);
        const task = (_effect: unknown, call: number) => {
          const reply = replies[call % replies.length];
          if (reply === "ok") return [{ kind: "succeeded" as const, output: { a: call, list: [call % 3] } }];
          if (reply === "Boom") return [{ kind: "failed" as const, error: "Boom", cause: "by chance" }];
          if (reply === "late") return [{ kind: "succeeded" as const, output: call, afterMs: 50_000 }];
          if (reply === "beats")
            return [
              { kind: "heartbeat" as const, afterMs: 500 },
              { kind: "succeeded" as const, output: call, afterMs: 900 },
            ];
          return [];
        };
        const first = await play(parsed, { input: input as never, seed, task });
        assertWellFormed(first);
        const second = await play(parsed, { input: input as never, seed, task, answers: first.answers });
        assert.deepEqual(second.events, first.events);
        assert.deepEqual(second.outcome, first.outcome);
      }),
      { numRuns: RUNS },
    );
  });
});
