import { at, behaviours } from "./runner.js";

const end = { End: true };

behaviours("data flow with JSONPath", [
  {
    does: "InputPath picks, Parameters shape, ResultPath puts back, OutputPath picks again",
    states: {
      Shape: {
        Type: "Pass",
        InputPath: "$.order",
        Parameters: { "id.$": "$.id", fixed: [1, { "deep.$": "$.lines[0].sku" }] },
        ResultPath: "$.shaped",
        OutputPath: "$.shaped",
        ...end,
      },
    },
    input: { order: { id: 7, lines: [{ sku: "a" }] } },
    gives: { id: 7, fixed: [1, { deep: "a" }] },
  },
  {
    does: "a null InputPath is an empty object, a null ResultPath drops the result, a null OutputPath drops all",
    states: {
      Empty: { Type: "Pass", InputPath: null, ResultPath: "$.nothing", Next: "Keep" },
      Keep: { Type: "Pass", Result: "dropped", ResultPath: null, Next: "Drop" },
      Drop: { Type: "Pass", OutputPath: null, ...end },
    },
    input: { a: 1 },
    gives: {},
  },
  {
    does: "ResultPath makes the objects on its way, and overwrites what is there",
    states: {
      Put: { Type: "Pass", Result: 1, ResultPath: "$.a.b.c", Next: "Over" },
      Over: { Type: "Pass", Result: 2, ResultPath: "$.x", ...end },
    },
    input: { x: { y: 1 } },
    gives: { x: 2, a: { b: { c: 1 } } },
  },
  {
    does: "a path that leads nowhere fails the execution, named with its state",
    states: { Gone: { Type: "Pass", InputPath: "$.no.such", ...end } },
    input: { a: 1 },
    fails: {
      error: "States.Runtime",
      cause: `${at("Gone", 2)}Invalid path '$.no.such' : Missing property in path $['no']`,
    },
  },
  {
    does: "a template's path that leads nowhere fails the execution, named with its field",
    states: { Gone: { Type: "Pass", Parameters: { "value.$": "$.no" }, ...end } },
    input: { a: 1 },
    fails: {
      error: "States.Runtime",
      cause: `${at("Gone", 2)}The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{"a":1}'`,
    },
  },
  {
    does: "States.ALL does not catch a runtime error",
    states: {
      Task: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
        Parameters: { "Name.$": "$.no" },
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
        ...end,
      },
      Caught: { Type: "Succeed" },
    },
    fails: { error: "States.Runtime" },
    through: ["Task"],
  },
  {
    does: "the Context object tells execution, machine and state",
    states: {
      Tell: {
        Type: "Pass",
        Parameters: {
          "state.$": "$$.State.Name",
          "input.$": "$$.Execution.Input",
          "redrives.$": "$$.Execution.RedriveCount",
        },
        ...end,
      },
    },
    input: { n: 1 },
    gives: { state: "Tell", input: { n: 1 }, redrives: 0 },
  },
  {
    does: "paths take slices, wildcards, descendants and filters",
    states: {
      Pick: {
        Type: "Pass",
        Parameters: {
          "slice.$": "$.list[1:3]",
          "last.$": "$.list[-1:]",
          "names.$": "$.people[*].name",
          "all.$": "$..name",
          "old.$": "$.people[?(@.age > 30)].name",
        },
        ...end,
      },
    },
    input: {
      list: [1, 2, 3, 4],
      people: [
        { name: "a", age: 30 },
        { name: "b", age: 31 },
      ],
    },
    gives: { slice: [2, 3], last: [4], names: ["a", "b"], all: ["a", "b"], old: ["b"] },
  },
]);

behaviours("intrinsic functions", [
  {
    does: "text: Format, StringToJson, JsonToString, StringSplit, Base64, Hash",
    states: {
      Text: {
        Type: "Pass",
        Parameters: {
          "format.$": "States.Format('{} has \\'{}\\'', $.name, $.n)",
          "parsed.$": "States.StringToJson($.json)",
          "printed.$": "States.JsonToString($.object)",
          "split.$": "States.StringSplit('a,b;c', ',;')",
          "decoded.$": "States.Base64Decode(States.Base64Encode($.name))",
          "hash.$": "States.Hash('x', 'MD5')",
        },
        ...end,
      },
    },
    input: { name: "Ann", n: 2, json: '{"a":[1]}', object: { b: 1 } },
    gives: {
      format: "Ann has '2'",
      parsed: { a: [1] },
      printed: '{"b":1}',
      split: ["a", "b", "c"],
      decoded: "Ann",
      hash: "9dd4e461268c8034f5c8564e155c67a6",
    },
  },
  {
    does: "lists: Array, ArrayPartition, ArrayContains, ArrayRange, ArrayGetItem, ArrayLength, ArrayUnique, JsonMerge, MathAdd",
    states: {
      Lists: {
        Type: "Pass",
        Parameters: {
          "array.$": "States.Array(1, 'b', $.n)",
          "parts.$": "States.ArrayPartition($.list, 2)",
          "contains.$": "States.ArrayContains($.list, 3)",
          "range.$": "States.ArrayRange(1, 9, 4)",
          "item.$": "States.ArrayGetItem($.list, 1)",
          "length.$": "States.ArrayLength($.list)",
          "unique.$": "States.ArrayUnique(States.Array(1, 1, 2))",
          "merged.$": "States.JsonMerge($.left, $.right, false)",
          "sum.$": "States.MathAdd($.n, -1)",
        },
        ...end,
      },
    },
    input: { n: 5, list: [1, 2, 3], left: { a: 1, b: 1 }, right: { b: 2 } },
    gives: {
      array: [1, "b", 5],
      parts: [[1, 2], [3]],
      contains: true,
      range: [1, 5, 9],
      item: 2,
      length: 3,
      unique: [1, 2],
      merged: { a: 1, b: 2 },
      sum: 4,
    },
  },
  {
    does: "arguments that do not fit are an intrinsic failure",
    states: { Bad: { Type: "Pass", Parameters: { "x.$": "States.ArrayLength($.n)" }, ...end } },
    input: { n: 1 },
    fails: { error: "States.IntrinsicFailure" },
  },
]);

behaviours("variables", [
  {
    does: "are assigned when a state is left, from its input, and seen by those after it",
    states: {
      Set: { Type: "Pass", Assign: { "first.$": "$.n", both: { "twice.$": "States.MathAdd($.n, $.n)" } }, Next: "Use" },
      Use: { Type: "Pass", Parameters: { "first.$": "$first", "twice.$": "$both.twice" }, ...end },
    },
    input: { n: 4 },
    gives: { first: 4, twice: 8 },
  },
  {
    does: "are all evaluated before any takes its value",
    states: {
      Set: { Type: "Pass", Assign: { a: 1, b: 2 }, Next: "Swap" },
      Swap: { Type: "Pass", Assign: { "a.$": "$b", "b.$": "$a" }, Next: "Tell" },
      Tell: { Type: "Pass", Parameters: { "a.$": "$a", "b.$": "$b" }, ...end },
    },
    gives: { a: 2, b: 1 },
  },
  {
    does: "of a branch end with it, and those outside are seen inside",
    states: {
      Set: { Type: "Pass", Assign: { outer: "o" }, Next: "Both" },
      Both: {
        Type: "Parallel",
        Branches: [
          {
            StartAt: "In",
            States: {
              In: { Type: "Pass", Assign: { inner: "i" }, Next: "Tell" },
              Tell: { Type: "Pass", Parameters: { "outer.$": "$outer", "inner.$": "$inner" }, ...end },
            },
          },
        ],
        Next: "After",
      },
      After: { Type: "Pass", Parameters: { "missing.$": "$inner" }, ...end },
    },
    fails: { error: "States.Runtime" },
    through: ["Set", "Both", "In", "Tell", "After"],
  },
]);
