import assert from "node:assert/strict";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { account, at, behaviours } from "./runner.js";

const end = { End: true };
/** Reads a parameter; fails with `Ssm.ParameterNotFoundException` for the name `none`. */
const read = (Name: string, more: object = end) => ({
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
  Parameters: { Name },
  ResultSelector: { "value.$": "$.Parameter.Value" },
  ...more,
});
const choose = (rule: object) => ({
  Choose: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" },
  Yes: { Type: "Pass", Result: true, ...end },
  No: { Type: "Pass", Result: false, ...end },
});

before(async () => {
  const ssm = new SSMClient((await account()).config());
  await ssm.send(new PutParameterCommand({ Name: "there", Value: "v", Type: "String" }));
});

const RULES: [string, object, unknown, boolean][] = [
  [
    "StringMatches takes * for any text, and \\ before a star that is meant",
    { Variable: "$.s", StringMatches: "log-*.\\*" },
    { s: "log-7.*" },
    true,
  ],
  ["StringLessThanPath compares two places", { Variable: "$.a", StringLessThanPath: "$.b" }, { a: "a", b: "b" }, true],
  [
    "NumericEquals does not hold for text that looks like a number",
    { Variable: "$.n", NumericEquals: 1 },
    { n: "1" },
    false,
  ],
  [
    "NumericGreaterThanEquals holds for what is equal",
    { Variable: "$.n", NumericGreaterThanEquals: 1.5 },
    { n: 1.5 },
    true,
  ],
  ['BooleanEquals tells true from "true"', { Variable: "$.b", BooleanEquals: true }, { b: "true" }, false],
  [
    "TimestampLessThan compares times, not texts",
    { Variable: "$.t", TimestampLessThan: "2026-01-01T00:00:00Z" },
    { t: "2025-12-31T23:59:59+00:00" },
    true,
  ],
  ["IsPresent asks for a place that need not be there", { Variable: "$.no.such", IsPresent: false }, {}, true],
  [
    "IsNull, IsString, IsNumeric, IsBoolean ask for the type",
    {
      And: [
        { Variable: "$.x", IsNull: true },
        { Variable: "$.s", IsString: true },
        { Variable: "$.n", IsNumeric: true },
        { Not: { Variable: "$.s", IsBoolean: true } },
      ],
    },
    { x: null, s: "", n: 0 },
    true,
  ],
  ["IsTimestamp holds for RFC 3339 only", { Variable: "$.t", IsTimestamp: true }, { t: "2026-01-01" }, false],
  [
    "And, Or and Not combine",
    {
      And: [
        { Variable: "$.a", NumericEquals: 1 },
        { Or: [{ Variable: "$.b", NumericEquals: 9 }, { Not: { Variable: "$.b", NumericEquals: 1 } }] },
      ],
    },
    { a: 1, b: 2 },
    true,
  ],
];

behaviours("choice", [
  ...RULES.map(([does, rule, input, gives]) => ({ does, states: choose(rule), input, gives })),
  {
    does: "without a match and a default the execution fails",
    states: {
      Choose: { Type: "Choice", Choices: [{ Variable: "$.a", NumericEquals: 1, Next: "Yes" }] },
      Yes: { Type: "Succeed" },
    },
    input: { a: 2 },
    fails: { error: "States.NoChoiceMatched", cause: /^An error occurred while executing the state 'Choose'/ },
  },
  {
    does: "a variable that is not there fails the execution",
    states: choose({ Variable: "$.a", NumericEquals: 1 }),
    fails: {
      error: "States.Runtime",
      cause: /Invalid path '\$\.a': The choice state's condition path references an invalid value\.$/,
    },
  },
]);

behaviours("errors", [
  {
    does: "a catcher puts the error where its ResultPath says, and the first that matches takes it",
    states: {
      Read: read("none", {
        Catch: [
          { ErrorEquals: ["Other"], Next: "No" },
          { ErrorEquals: ["Ssm.ParameterNotFoundException"], ResultPath: "$.error", Next: "Caught" },
          { ErrorEquals: ["States.ALL"], Next: "No" },
        ],
        ...end,
      }),
      Caught: { Type: "Pass", Parameters: { "name.$": "$.error.Error", "kept.$": "$.kept" }, ...end },
      No: { Type: "Fail" },
    },
    input: { kept: 1 },
    gives: { name: "Ssm.ParameterNotFoundException", kept: 1 },
    records: [
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskFailed",
      "TaskStateExited",
      "PassStateEntered",
      "PassStateExited",
    ],
  },
  {
    does: "States.TaskFailed takes any failure of a task but a time-out",
    states: {
      Read: read("none", { Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "Caught" }], ...end }),
      Caught: { Type: "Pass", Result: "caught", ...end },
    },
    gives: "caught",
  },
  {
    does: "a retrier repeats the task, then the catcher has it",
    states: {
      Read: read("none", {
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
        ...end,
      }),
      Caught: { Type: "Pass", Result: "given up", ...end },
    },
    gives: "given up",
    records: [
      "TaskStateEntered",
      ...["TaskScheduled", "TaskStarted", "TaskFailed"],
      ...["TaskScheduled", "TaskStarted", "TaskFailed"],
      "TaskStateExited",
      "PassStateEntered",
      "PassStateExited",
    ],
  },
  {
    does: "a retrier with no attempts repeats nothing",
    states: { Read: read("none", { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }], ...end }) },
    fails: { error: "Ssm.ParameterNotFoundException" },
    records: ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed"],
  },
  {
    does: "an output beyond 256 KiB is refused",
    language: "JSONata",
    states: { Large: { Type: "Pass", Output: "{% $join([1..30000].('0123456789')) %}", ...end } },
    fails: { error: "States.DataLimitExceeded" },
  },
  {
    does: "Fail takes error and cause from the data",
    states: { Fail: { Type: "Fail", ErrorPath: "$.e", CausePath: "States.Format('because of {}', $.c)" } },
    input: { e: "Mine", c: "me" },
    fails: { error: "Mine", cause: "because of me" },
  },
]);

behaviours("waits and time-outs", [
  {
    does: "a wait for a time that is past does not wait",
    states: { Wait: { Type: "Wait", TimestampPath: "$.until", ...end } },
    input: { until: "2020-01-01T00:00:00Z" },
    gives: { until: "2020-01-01T00:00:00Z" },
  },
  {
    does: "seconds that are no number fail the execution",
    states: { Wait: { Type: "Wait", SecondsPath: "$.s", ...end } },
    input: { s: "1" },
    fails: {
      error: "States.Runtime",
      cause: `${at("Wait", 2)}The SecondsPath parameter cannot be parsed as a long value: $.s == 1`,
    },
  },
  {
    does: "a machine's time-out ends it without an error's name",
    timeoutSeconds: 1,
    states: { Wait: { Type: "Wait", Seconds: 600, ...end } },
    status: "TIMED_OUT",
    records: ["WaitStateEntered", "WaitStateAborted"],
  },
]);

behaviours("Parallel and Map", [
  {
    does: "branches get the same input, and their outputs stand in order",
    states: {
      Both: {
        Type: "Parallel",
        Branches: [
          {
            StartAt: "Slow",
            States: { Slow: { Type: "Wait", Seconds: 1, Next: "A" }, A: { Type: "Pass", Result: "a", ...end } },
          },
          { StartAt: "B", States: { B: { Type: "Pass", ...end } } },
        ],
        ResultSelector: { "first.$": "$[0]", "second.$": "$[1]" },
        ResultPath: "$.both",
        ...end,
      },
    },
    input: { n: 1 },
    gives: { n: 1, both: { first: "a", second: { n: 1 } } },
  },
  {
    does: "the first branch that fails aborts the others, and the Parallel state can catch it",
    states: {
      Both: {
        Type: "Parallel",
        Branches: [
          { StartAt: "Long", States: { Long: { Type: "Wait", Seconds: 600, ...end } } },
          { StartAt: "Bad", States: { Bad: { Type: "Fail", Error: "Bad", Cause: "branch" } } },
        ],
        Catch: [{ ErrorEquals: ["Bad"], Next: "Caught" }],
        ...end,
      },
      Caught: { Type: "Pass", ...end },
    },
    gives: { Error: "Bad", Cause: "branch" },
  },
  {
    does: "a Map gives each item's processor its shape, and keeps the order",
    states: {
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemSelector: { "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "all.$": "$.factor" },
        ItemProcessor: {
          StartAt: "Times",
          States: {
            Times: {
              Type: "Pass",
              QueryLanguage: "JSONata",
              Output: "{% $states.input.value * $states.input.all + $states.input.index %}",
              ...end,
            },
          },
        },
        ...end,
      },
    },
    input: { items: [1, 2, 3], factor: 10 },
    gives: [10, 21, 32],
  },
  {
    does: "a Map over what is no list fails the execution",
    states: {
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: { StartAt: "Item", States: { Item: { Type: "Pass", ...end } } },
        ...end,
      },
    },
    input: { items: 3 },
    fails: { error: "States.Runtime", cause: `${at("Each", 2)}Reference path "$.items" must point to array.` },
  },
  {
    does: "a Map over no items gives an empty list",
    states: {
      Each: { Type: "Map", ItemProcessor: { StartAt: "Item", States: { Item: { Type: "Pass", ...end } } }, ...end },
    },
    input: [],
    gives: [],
    records: ["MapStateEntered", "MapStateStarted", "MapStateSucceeded", "MapStateExited"],
  },
  {
    does: "Maps and Parallels stand in each other",
    states: {
      Outer: {
        Type: "Map",
        ItemProcessor: {
          StartAt: "Both",
          States: {
            Both: {
              Type: "Parallel",
              Branches: [
                { StartAt: "Read", States: { Read: read("there") } },
                {
                  StartAt: "Inner",
                  States: {
                    Inner: {
                      Type: "Map",
                      ItemProcessor: { StartAt: "Leaf", States: { Leaf: { Type: "Pass", ...end } } },
                      ...end,
                    },
                  },
                },
              ],
              ...end,
            },
          },
        },
        ...end,
      },
    },
    input: [[1, 2], [3]],
    gives: [
      [{ value: "v" }, [1, 2]],
      [{ value: "v" }, [3]],
    ],
  },
]);

describe("states language: the course of a failure in a Parallel state", () => {
  it("tells what was aborted before the state fails", async () => {
    const states = await account();
    const { executionArn = "" } = await states.run({
      StartAt: "Both",
      States: {
        Both: {
          Type: "Parallel",
          Branches: [
            { StartAt: "Long", States: { Long: { Type: "Wait", Seconds: 600, End: true } } },
            { StartAt: "Pause", States: { Pause: { Type: "Wait", Seconds: 1, Next: "Bad" }, Bad: { Type: "Fail" } } },
          ],
          End: true,
        },
      },
    });
    const types = (await states.history(executionArn)).map(({ type }) => type);
    assert.deepEqual(types.slice(-4), [
      "FailStateEntered",
      "WaitStateAborted",
      "ParallelStateFailed",
      "ExecutionFailed",
    ]);
  });
});
