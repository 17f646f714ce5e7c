// Ten thousand random state machines, some stopped, many redriven: none crashes or hangs, every history is well-formed, and a replay
// gives the same.
import assert from "node:assert/strict";
import fc from "fast-check";
import { validateDefinition } from "../../../../localcloud/compute/stepfunctions/definition/validate.js";
import type { HistoryEvent } from "../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import { define, type Ended, play, START_MS } from "./world.js";

const RUNS = 10_000;
/** An execution with more events is not redriven. */
const REDRIVABLE_EVENTS = 24_999;
const ERRORS = ["Boom", "States.TaskFailed", "States.ALL", "States.Timeout"];
const LAMBDA = "arn:aws:states:::lambda:invoke";

const json = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, "", "text", "2026-01-01T00:00:00Z", [], {}),
  fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  fc.record({ a: fc.integer(), list: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }) }),
);
const path = fc.constantFrom(
  "$",
  "$.a",
  "$.list",
  "$.list[0]",
  "$.list[*]",
  "$$.State.Name",
  "$.missing",
  "$x2",
  "$x1",
);
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
const quick = fc.constantFrom(
  "{% $states.input %}",
  "{% $states.input.list %}",
  "{% $states.context.State.Name %}",
  "{% $x2 + 1 %}",
  "{% $count($states.input) %}",
  "{% [1, 2] %}",
  "{% $nothing %}",
  "{% $random() %}",
);
/** One that is evaluated in a thread stands among many that are not. */
const expression = fc.oneof(
  { weight: 40, arbitrary: quick },
  { weight: 1, arbitrary: fc.constant("{% $replace($string($states.input), /[0-9]+/, 'n') %}") },
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
/** Arbitraries of a state's fields. */
type Fields = Record<string, fc.Arbitrary<unknown>>;

const clean = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

/** Retriers, and catchers that do not yet say where they lead. */
const handling = (isJsonata: boolean, variable: string) =>
  fc.record({
    Retry: maybe(
      fc.tuple(
        fc.record({
          ErrorEquals: fc.constantFrom(...ERRORS).map((name) => [name]),
          MaxAttempts: fc.integer({ min: 0, max: 2 }),
          IntervalSeconds: fc.integer({ min: 1, max: 100 }),
        }),
      ),
    ),
    Catch: maybe(
      fc.tuple(
        fc.record<object>({
          ErrorEquals: fc.constantFrom(...ERRORS).map((name) => [name]),
          ...(isJsonata
            ? {
                Output: maybe(fc.constantFrom("{% $states.errorOutput %}", "{% $states.input.a %}")),
                Assign: maybe(fc.record<object>({ [variable]: fc.constant("{% $states.errorOutput.Error %}") })),
              }
            : {
                ResultPath: maybe(fc.constantFrom<unknown>("$", "$.error", null)),
                Assign: maybe(fc.record<object>({ [`${variable}.$`]: fc.constant("$.Error") })),
              }),
        }),
      ),
    ),
  });

/** No heartbeat may be longer than the whole. */
const times = fc
  .record({
    TimeoutSeconds: maybe(fc.integer({ min: 1, max: 100 })),
    HeartbeatSeconds: maybe(fc.integer({ min: 1, max: 100 })),
  })
  .map(({ TimeoutSeconds, HeartbeatSeconds }) => ({
    TimeoutSeconds,
    HeartbeatSeconds: HeartbeatSeconds && Math.min(HeartbeatSeconds, TimeoutSeconds ?? 100),
  }));

/** One state without its transition, in the machine's language or JSONata; `name` gives the states below it names that no other has. */
function state(depth: number, machineLanguage: string, name: () => string): fc.Arbitrary<object> {
  if (machineLanguage === "JSONata") return stateIn("JSONata", depth, machineLanguage, name);
  return fc.oneof(
    { weight: 3, arbitrary: stateIn("JSONPath", depth, machineLanguage, name) },
    {
      weight: 1,
      arbitrary: stateIn("JSONata", depth, machineLanguage, name).map((one) => ({ ...one, QueryLanguage: "JSONata" })),
    },
  );
}

function stateIn(language: string, depth: number, machineLanguage: string, name: () => string): fc.Arbitrary<object> {
  const isJsonata = language === "JSONata";
  /** No inner scope may assign what an outer one does. */
  const variable = `x${depth}`;
  const data: Fields = isJsonata
    ? { Output: maybe(expression) }
    : { ResultPath: maybe(fc.constantFrom<unknown>("$", "$.r", "$.a.b", null)) };
  const assign: Fields = {
    Assign: maybe(
      isJsonata ? fc.record<object>({ [variable]: expression }) : fc.record<object>({ [`${variable}.$`]: path }),
    ),
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
          ...data,
          ...assign,
          ...((isJsonata
            ? { Arguments: maybe(expression) }
            : { Parameters: maybe(template), ResultSelector: maybe(template) }) as Fields),
        }),
        times,
        handling(isJsonata, variable),
      )
      .map(([task, limits, rest]) => ({ ...task, ...limits, ...rest })),
  );
  if (depth === 0) return leaf;
  const inner = () => machine(depth - 1, machineLanguage, name);
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
          handling(isJsonata, variable),
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
          handling(isJsonata, variable),
        )
        .map(([map, rest]) => ({ ...map, ...rest })),
    },
  );
}

/** A state with its transition; its catchers lead where it leads. */
const leading = (one: { Catch?: object[] }, Next: string): object => ({
  ...one,
  ...(one.Catch ? { Catch: one.Catch.map((catcher) => ({ ...catcher, Next })) } : {}),
  Next,
});

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
        leading(clean(one), names[index + 1] ?? end),
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
    stopAfterMs: maybe(fc.integer({ min: 0, max: 1_000_000 })),
    replies: fc.array(fc.constantFrom("ok", "Boom", "late", "silent", "beats"), { minLength: 1, maxLength: 8 }),
  });
});

const FINAL = new Set(["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]);

/** @param before events of the run that this one continues */
function assertWellFormed(ended: Ended, before: HistoryEvent[] = []): void {
  const { events } = ended;
  assert.equal(events[0]?.type, before.length > 0 ? "ExecutionRedriven" : "ExecutionStarted");
  assert.ok(ended.outcome, "it ended");
  events.forEach((event: HistoryEvent, index: number) => {
    assert.equal(event.id, before.length + index + 1, "ids count from 1");
    assert.ok(event.previousEventId < event.id, "an event refers to an earlier one");
    assert.equal(FINAL.has(event.type), index === events.length - 1, "the last event, and only it, is final");
    assert.ok(index === 0 || event.timestampMs >= (events[index - 1]?.timestampMs ?? 0), "time does not run backwards");
  });
  const count = (pattern: RegExp) => [...before, ...events].filter(({ type }) => pattern.test(type)).length;
  assert.ok(count(/StateExited$/) <= count(/StateEntered$/), "what is left was entered");
  if (before.length === 0)
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
      fc.asyncProperty(scenario, async ({ definition, input, seed, stopAfterMs, replies }) => {
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
        const stopAtMs = stopAfterMs === undefined ? undefined : START_MS + stopAfterMs;
        const first = await play(parsed, { input: input as never, seed, task, stopAtMs });
        assertWellFormed(first);
        const second = await play(parsed, { input: input as never, seed, task, stopAtMs, answers: first.answers });
        assert.deepEqual(second.events, first.events);
        assert.deepEqual(second.outcome, first.outcome);
        const checkpoint = first.run.root.checkpoint();
        if (first.outcome?.status === "SUCCEEDED" || !checkpoint || first.events.length >= REDRIVABLE_EVENTS) return;
        const redrive = { checkpoint, nextEventId: first.events.length + 1, count: 1 };
        assertWellFormed(await play(parsed, { input: input as never, seed, task, redrive }), first.events);
      }),
      { numRuns: RUNS },
    );
  });
});
