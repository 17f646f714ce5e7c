import { behaviours } from "./runner.js";

const end = { End: true };

behaviours("JSONata", [
  {
    does: "Output and Assign see input and result, and whole texts are expressions",
    language: "JSONata",
    states: {
      Sum: {
        Type: "Pass",
        Assign: { total: "{% $sum($states.input.lines.price) %}" },
        Output: { count: "{% $count($states.input.lines) %}", text: "plain {} text" },
        Next: "Tell",
      },
      Tell: { Type: "Pass", Output: "{% $merge([$states.input, {'total': $total}]) %}", ...end },
    },
    input: { lines: [{ price: 2 }, { price: 3 }] },
    gives: { count: 2, text: "plain {} text", total: 5 },
  },
  {
    does: "has AWS's own functions",
    language: "JSONata",
    states: {
      Call: {
        Type: "Pass",
        Output: {
          partition: "{% $partition([1,2,3], 2) %}",
          range: "{% $range(1, 5, 2) %}",
          hash: "{% $hash('x', 'MD5') %}",
          parsed: "{% $parse('{\"a\":1}') %}",
          seeded: "{% $random(7) = $random(7) %}",
          uuid: "{% $length($uuid()) %}",
        },
        ...end,
      },
    },
    gives: {
      partition: [[1, 2], [3]],
      range: [1, 3, 5],
      hash: "9dd4e461268c8034f5c8564e155c67a6",
      parsed: { a: 1 },
      seeded: true,
      uuid: 36,
    },
  },
  {
    does: "fails where an expression throws, with the field and the expression, and records that",
    language: "JSONata",
    states: { Bad: { Type: "Pass", Output: { x: "{% 'a' + 1 %}" }, ...end } },
    fails: {
      error: "States.QueryEvaluationError",
      cause:
        /The JSONata expression ''a' \+ 1' specified for the field 'Output\/x' threw an error during evaluation\. T2001: /,
    },
    records: ["PassStateEntered", "EvaluationFailed"],
  },
  {
    does: "fails where an expression gives nothing, or something of another type",
    language: "JSONata",
    states: { Bad: { Type: "Pass", Output: "{% $states.input.missing %}", ...end } },
    fails: { error: "States.QueryEvaluationError", cause: /returned nothing \(undefined\)\.$/ },
  },
  {
    does: "errors of evaluation can be caught",
    language: "JSONata",
    states: {
      Task: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
        Arguments: { Name: "{% $states.input.missing %}" },
        Catch: [
          { ErrorEquals: ["States.QueryEvaluationError"], Output: "{% $states.errorOutput.Error %}", Next: "Caught" },
        ],
        ...end,
      },
      Caught: { Type: "Succeed" },
    },
    gives: "States.QueryEvaluationError",
    through: ["Task", "Caught"],
  },
  {
    does: "stands beside JSONPath, state by state",
    states: {
      Path: { Type: "Pass", Parameters: { "n.$": "$.n" }, Next: "Expression" },
      Expression: { Type: "Pass", QueryLanguage: "JSONata", Output: { n: "{% $states.input.n + 1 %}" }, Next: "Back" },
      Back: { Type: "Pass", Parameters: { "twice.$": "States.MathAdd($.n, $.n)" }, ...end },
    },
    input: { n: 1 },
    gives: { twice: 4 },
  },
  {
    does: "gives Succeed an output, and Fail an error and a cause",
    language: "JSONata",
    states: {
      Choose: { Type: "Choice", Choices: [{ Condition: "{% $states.input.n > 1 %}", Next: "Good" }], Default: "Bad" },
      Good: { Type: "Succeed", Output: "{% $states.input.n %}" },
      Bad: { Type: "Fail", Error: "{% 'E' & $states.input.n %}", Cause: "{% $string($states.input) %}" },
    },
    input: { n: 1 },
    fails: { error: "E1", cause: '{"n":1}' },
  },
  {
    does: "a rule of a Choice can assign and shape the output",
    language: "JSONata",
    states: {
      Choose: {
        Type: "Choice",
        Choices: [{ Condition: "{% true %}", Assign: { way: "rule" }, Output: { from: "rule" }, Next: "Tell" }],
        Default: "Tell",
        Output: { from: "state" },
      },
      Tell: { Type: "Pass", Output: { way: "{% $way %}", from: "{% $states.input.from %}" }, ...end },
    },
    gives: { way: "rule", from: "rule" },
  },
]);
