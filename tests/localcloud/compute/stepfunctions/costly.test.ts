// Expressions, patterns and paths that would never end: each ends, and nothing else waits for it.
import assert from "node:assert/strict";
import { matches } from "../../../../localcloud/compute/stepfunctions/language/choice.js";
import type { StatesError } from "../../../../localcloud/compute/stepfunctions/language/errors.js";
import type { Json } from "../../../../localcloud/compute/stepfunctions/language/json.js";
import { evaluateExpression } from "../../../../localcloud/compute/stepfunctions/language/jsonata.js";
import { evaluatePath, parsePath } from "../../../../localcloud/compute/stepfunctions/language/jsonPath.js";
import { define, outputOf, play } from "./world.js";

/** The longest that the event loop may stand still, milliseconds; far below the five seconds of an expression. */
const STANDSTILL_MS = 2000;
const ENDLESS = `${"a".repeat(40)}!`;

let uuids = 0;
const evaluate = (source: string, input: Json = {}): Promise<Json> =>
  evaluateExpression(`{% ${source} %}`, "Output", {
    states: { input },
    variables: new Map<string, Json>([["base", 2]]),
    nowMs: 0,
    chance: { random: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(uuids++).padStart(12, "0")}` },
  });

/** Does the work, and tells for how long the event loop stood still at most. */
async function standstillMs(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  await work();
  clearInterval(beat);
  return longest;
}

describe("states language: costly expressions", () => {
  it("ends a pattern that would match for ever, while everything else goes on", async () => {
    const blocked = await standstillMs(() =>
      assert.rejects(evaluate("$contains($states.input.s, /^(a+)+$/)", { s: ENDLESS }), (error: StatesError) => {
        assert.equal(error.error, "States.QueryEvaluationError");
        assert.match(
          error.cause ?? "",
          /specified for the field 'Output' threw an error during evaluation: Expression evaluation timeout: Check for/,
        );
        return true;
      }),
    );
    assert.ok(blocked < STANDSTILL_MS, `everything stood still for ${blocked} ms`);
  });

  it("ends a function that calls itself for ever, and what follows it is evaluated", async () => {
    const blocked = await standstillMs(() =>
      Promise.all([
        assert.rejects(
          evaluate("($f := function($n) { $f($n + 1) }; $f(1))"),
          /evaluation: Expression evaluation timeout: Check for infinite loop$/,
        ),
        evaluate("$replace('aba', /a/, 'c')").then((value) => assert.equal(value, "cbc")),
      ]),
    );
    assert.ok(blocked < STANDSTILL_MS, `everything stood still for ${blocked} ms`);
  });

  it("gives the same for patterns, ranges and variables as anywhere", async () => {
    assert.deepEqual(await evaluate("$match('ab12', /[a-z]+/).match"), "ab");
    assert.deepEqual(await evaluate("[1..$base]"), [1, 2]);
    assert.equal(await evaluate("$count([1..5000])"), 5000);
    assert.deepEqual(await evaluate("$distinct($states.input)", [1, 1, 2]), [1, 2]);
    await assert.rejects(evaluate("$match('a', /b/).match"), /returned nothing \(undefined\)/);
    await assert.rejects(evaluate("[1..$base].function($x) { $x }"), /returned an unsupported result type/);
    await assert.rejects(evaluate("$number(/a/)"), /threw an error during evaluation. T0410: /);
  });

  it("bounds lists, and results", async () => {
    const memory = /evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage$/;
    await assert.rejects(evaluate("[1..873783]"), memory);
    await assert.rejects(evaluate("$count($range(1, 360146, 1))"), memory);
    assert.equal(await evaluate("$count($range(1, 5000, 1))"), 5000);
    await assert.rejects(evaluate("[1..800000]"), { error: "States.DataLimitExceeded" });
  });

  it("bounds how deep an expression is", async () => {
    assert.equal(await evaluate(Array(100).fill("1").join("+")), 100);
    const deep =
      /evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as/;
    await assert.rejects(evaluate(Array(101).fill("1").join("+")), deep);
    await assert.rejects(evaluate("($f := function($n) { 1 + $f($n + 1) }; $f(1))"), deep);
  });

  it("draws the same chance from the same seed in either place", async () => {
    const draw = async (expression: string) => {
      uuids = 7;
      return (await evaluate(expression)) as Json[];
    };
    const here = await draw("[$uuid(), $random()]");
    assert.match(here[0] as string, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(await draw("($match('a', /a/); [$uuid(), $random()])"), here);
  });

  it("runs an execution's state with such an expression", async () => {
    const definition = define({
      QueryLanguage: "JSONata",
      StartAt: "Split",
      States: { Split: { Type: "Pass", Output: "{% $split($states.input.s, /,\\s*/) %}", End: true } },
    });
    assert.deepEqual(outputOf(await play(definition, { input: { s: "a, b,c" } })), ["a", "b", "c"]);
  });
});

describe("states language: StringMatches", () => {
  it("takes a star as any text", () => {
    const cases: [string, string, boolean][] = [
      ["foo23.log", "foo*.log", true],
      ["foobar.zebra", "foo*.*", true],
      ["foo", "foo*", true],
      ["a", "a*a", false],
      ["abab", "*ab*ab*", true],
      ["ab", "*ab*ab*", false],
      ["line\nbreak", "line*break", true],
      ["", "*", true],
      ["x.y", "x?y", false],
    ];
    for (const [text, pattern, expected] of cases)
      assert.equal(matches(text, pattern), expected, `${text} ~ ${pattern}`);
  });

  it("takes an escaped star and backslash as themselves", () => {
    assert.equal(matches("a*b", "a\\*b"), true);
    assert.equal(matches("axb", "a\\*b"), false);
    assert.equal(matches("a\\b", "a\\\\b"), true);
    assert.equal(matches("a\\xyz", "a\\\\*"), true);
  });

  it("is done at once however many stars there are", () => {
    const startedMs = performance.now();
    assert.equal(matches(`${"a".repeat(200_000)}!`, `${"*a".repeat(50)}*b`), false);
    assert.ok(performance.now() - startedMs < 20_000);
  });
});

describe("states language: costly paths", () => {
  const scope = (data: Json) => ({ data, context: {}, variable: () => undefined });

  it("fails where a filter's pattern would match for ever", () => {
    assert.throws(() => evaluatePath(parsePath("$.xs[?(@.s =~ /(a+)+/)]"), scope({ xs: [{ s: ENDLESS }] })), {
      error: "States.Runtime",
      cause: "The JSONPath '$.xs[?(@.s =~ /(a+)+/)]' could not be evaluated within 500 milliseconds",
    });
  });

  it("finds what a filter's pattern matches", () => {
    const xs = [{ s: "aa" }, { s: "ab" }];
    assert.deepEqual(evaluatePath(parsePath("$.xs[?(@.s =~ /a+/)]"), scope({ xs })), [{ s: "aa" }]);
  });
});
