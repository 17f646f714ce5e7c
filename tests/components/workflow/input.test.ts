import assert from "node:assert/strict";
import fc from "fast-check";
import jsonata from "jsonata";
import { type InputSchema, inputExpression, problemsExpression } from "../../../components/workflow/input.js";

const SCHEMA: InputSchema = {
  title: { type: "text", pattern: "[A-Z][A-Z &/-]*", description: "the department" },
  kind: { type: "text", values: ["full", "sample"], default: "full", description: "how much" },
  hhDate: { type: "date", description: "the day" },
  states: { type: "list", pattern: "[a-z]{2}", optional: true, description: "the states" },
  partitions: { type: "integer", min: 2, max: 64, default: 4, description: "the parts" },
  dry: { type: "flag", optional: true, description: "whether nothing is written" },
};

/** Evaluates `{% … %}` for a state's input. */
const evaluate = (expression: string, input: unknown) =>
  jsonata(expression.slice(2, -2)).evaluate(undefined, { states: { input } });
const problems = async (input: unknown, schema = SCHEMA): Promise<string[]> => [
  ...((await evaluate(problemsExpression(schema), input)) as string[]),
];

const good = { title: "DRUG GM", hhDate: "2017-11-04" };

describe("The input of a workflow", () => {
  it("is good when all that must be given is there", async () => {
    assert.deepEqual(await problems(good), []);
    assert.deepEqual(
      await problems({ ...good, title: "MEAT/FISH", states: ["ca"], partitions: 64, dry: false, kind: "sample" }),
      [],
    );
  });

  const wrong: [string, unknown, string | RegExp][] = [
    [
      "a member is missing",
      { hhDate: "2017-11-04" },
      "'title' is missing: it must be text like [A-Z][A-Z &/-]* (the department)",
    ],
    ["a text does not fit", { ...good, title: "drug gm" }, /^'title' must be text like .*, but it is "drug gm"$/],
    ["only a part of a text fits", { ...good, title: "GROCERY; rm" }, /^'title' must be .*, but it is "GROCERY; rm"$/],
    ["a text is a number", { ...good, title: 7 }, /^'title' must be .*, but it is 7$/],
    ["a text is null", { ...good, title: null }, /^'title' must be .*, but it is null$/],
    [
      "a value is not among those allowed",
      { ...good, kind: "half" },
      /^'kind' must be one of full, sample \(how much\), but it is "half"$/,
    ],
    ["a day is none", { ...good, hhDate: "2017-13-04" }, /^'hhDate' must be a day as YYYY-MM-DD .*"2017-13-04"$/],
    ["a month is too short", { ...good, hhDate: "2017-04-31" }, /^'hhDate' must be /],
    ["a day has a time", { ...good, hhDate: "2017-11-04T00:00:00Z" }, /^'hhDate' must be /],
    [
      "a list is a text",
      { ...good, states: "ca" },
      /^'states' must be a list of texts like \[a-z\]\{2\}, at least one .*but it is "ca"$/,
    ],
    ["a list is empty", { ...good, states: [] }, /^'states' must be /],
    ["one of a list does not fit", { ...good, states: ["ca", "TX"] }, /^'states' must be .*\["ca","TX"\]$/],
    ["one of a list is no text", { ...good, states: ["ca", 5] }, /^'states' must be /],
    [
      "a number is too large",
      { ...good, partitions: 65 },
      "'partitions' must be a whole number from 2 to 64 (the parts), but it is 65",
    ],
    ["a number is broken", { ...good, partitions: 2.5 }, /^'partitions' must be /],
    ["a number is a text", { ...good, partitions: "4" }, /^'partitions' must be .*, but it is "4"$/],
    ["a flag is a text", { ...good, dry: "yes" }, /^'dry' must be true or false .*"yes"$/],
    [
      "a member is not known",
      { ...good, hhdate: 1 },
      "'hhdate' is not known: the input has title, kind, hhDate, states, partitions, dry",
    ],
    ["it is a text", "GROCERY", 'the input must be an object, but it is "GROCERY"'],
    ["it is a list", [good], /^the input must be an object, but it is \[\{/],
    ["it is null", null, "the input must be an object, but it is null"],
  ];
  for (const [when, input, expected] of wrong)
    it(`is refused when ${when}`, async () => {
      const found = await problems(input);
      assert.equal(found.length, 1, JSON.stringify(found));
      if (typeof expected === "string") assert.equal(found[0], expected);
      else assert.match(found[0] ?? "", expected);
    });

  it("has every problem named, in the order of the schema", async () => {
    const found = await problems({ title: "x", partitions: 1, colour: "red", size: 1 });
    assert.deepEqual(
      found.map((problem) => /'(\w+)'/.exec(problem)?.[1]),
      ["title", "hhDate", "partitions", "colour", "size"],
    );
  });

  it("shows a value no longer than 200 characters", async () => {
    const [problem = ""] = await problems({ ...good, title: "x".repeat(5000) });
    assert.ok(problem.length < 300, `${problem.length}`);
  });

  it("may be empty where nothing is asked for", async () => {
    assert.deepEqual(await problems({}, {}), []);
    assert.deepEqual(await problems({ a: 1 }, {}), ["'a' is not known: the input takes no members"]);
  });

  it("gets the defaults of what was left out, and is nothing when it is no object", async () => {
    const expression = inputExpression(SCHEMA);
    const filled = async (input: unknown) => ({ ...((await evaluate(expression, input)) as object) });
    assert.deepEqual(await filled(good), { kind: "full", partitions: 4, ...good });
    assert.deepEqual(await filled({ partitions: 8 }), { kind: "full", partitions: 8 });
    assert.deepEqual(await filled("text"), {});
  });

  it("never breaks the state that checks it, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom(...Object.keys(SCHEMA)), async (value, name) => {
        for (const input of [value, { ...good, [name]: value }]) {
          const found = await problems(input);
          assert.ok(found.every((problem) => typeof problem === "string"));
          await evaluate(inputExpression(SCHEMA), input);
        }
      }),
      { numRuns: 200 },
    );
  });
});
