// What is said of definitions before they run: refusals as AWS words them, and warnings.
import assert from "node:assert/strict";
import {
  describeErrors,
  validateDefinition,
} from "../../../../localcloud/compute/stepfunctions/definition/validate.js";

const JSONATA = { QueryLanguage: "JSONata" };
const PASS = { Type: "Pass" };
const TASK = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke" };
const READ = { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b", Key: "k" } };

/** A machine of one state. */
const one = (state: object, more: object = {}) => ({ StartAt: "A", ...more, States: { A: { End: true, ...state } } });
const output = (expression: string) => one({ ...PASS, Output: `{% ${expression} %}` }, JSONATA);
/** A machine of one Map state, distributed unless the configuration says something else. */
const map = (fields: object, config: object = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, item = "Item") =>
  one({
    Type: "Map",
    ItemProcessor: { ProcessorConfig: config, StartAt: item, States: { [item]: { ...PASS, End: true } } },
    ...fields,
  });
const parallel = (...branches: object[]) => one({ Type: "Parallel", Branches: branches });

/** Every diagnostic as one line: severity but for errors, code but for the schema's, message, place. */
const found = (definition: object | string, type?: "EXPRESS"): string[] =>
  validateDefinition(typeof definition === "string" ? definition : JSON.stringify(definition), type).diagnostics.map(
    ({ severity, code, message, location }) =>
      [
        ...(severity === "ERROR" ? [] : [severity]),
        ...(code === "SCHEMA_VALIDATION_FAILED" ? [] : [code]),
        message.split("\n")[0],
        ...(location?.startsWith("/") ? [location] : []),
      ].join(" · "),
  );

const nested = (depth: number): object =>
  depth === 0
    ? { ...PASS, End: true }
    : {
        Type: "Parallel",
        End: true,
        Branches: [{ StartAt: `S${depth}`, States: { [`S${depth}`]: nested(depth - 1) } }],
      };

describe("validation of definitions", () => {
  const refused: [string, object | string, string[]][] = [
    ["nothing at all", "", ["Definition must be a valid JSON object"]],
    [
      "what is no JSON",
      "not a definition",
      [
        "INVALID_JSON_DESCRIPTION · Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      ],
    ],
    [
      "names without double quotes",
      "{'StartAt':1}",
      [
        "INVALID_JSON_DESCRIPTION · Unexpected character (''' (code 39)): was expecting double-quote to start field name",
      ],
    ],
    [
      "a field twice in the text",
      '{"StartAt":"A","StartAt":"B"}',
      ["INVALID_JSON_DESCRIPTION · Duplicate field 'StartAt'"],
    ],
    [
      "a state twice in the text",
      '{"StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Fail"}}}',
      ["DUPLICATE_STATE_NAME · Duplicate State name: A · /States/A"],
    ],
    ["no states", {}, ["These fields are required: [States, StartAt] · /"]],
    ["another version", one(PASS, { Version: "9.9" }), ["Value should be one of the following: [1.0] · /Version"]],
    ["a field of another type", one({ ...PASS, Seconds: 1 }), ["Field 'Seconds' is not supported · /States/A"]],
    [
      "no way on",
      { StartAt: "A", States: { A: PASS } },
      ["This object should have only one of the following fields: [Next, End] · /States/A"],
    ],
    [
      "a beginning that is not there",
      one(PASS, { StartAt: "B" }),
      [
        "MISSING_TRANSITION_TARGET · Missing 'Next' target: B · /StartAt",
        'MISSING_TRANSITION_TARGET · State "A" is not reachable. · /States/A',
      ],
    ],
    [
      "no end",
      { StartAt: "A", States: { A: { ...PASS, Next: "A" } } },
      ["MISSING_END_STATE · Workflow has no terminal state"],
    ],
    [
      "a resource that is no ARN",
      one({ ...TASK, Resource: "f" }),
      ["Value is not a valid resource ARN · /States/A/Resource"],
    ],
    ["too long a time", one({ Type: "Wait", Seconds: 1e9 }), ["Maximum value is 99999999 · /States/A/Seconds"]],
    [
      "heartbeats above the time-out",
      one({ ...TASK, TimeoutSeconds: 5, HeartbeatSeconds: 10 }),
      ["'HeartbeatSeconds' must be smaller than 'TimeoutSeconds' · /States/A/HeartbeatSeconds"],
    ],
    [
      "a state's name in another branch",
      parallel({ StartAt: "A", States: { A: { ...PASS, End: true } } }),
      ["DUPLICATE_STATE_NAME · Duplicate State name: A · /States/A/Branches[0]/States/A"],
    ],
    [
      "a language of a branch's own",
      parallel({ ...JSONATA, StartAt: "B", States: { B: { ...PASS, End: true } } }),
      ["Field 'QueryLanguage' is not supported · /States/A/Branches[0]"],
    ],
    [
      "the other language's fields",
      one({ ...PASS, Output: 1 }),
      [
        "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage · /States/A",
      ],
    ],
    [
      "an expression with an error",
      output("1 +"),
      ["INVALID_JSONATA_EXPRESSION · Unexpected end of expression · /States/A/Output"],
    ],
    [
      "names that nothing gives",
      output("[phone, $map($states.input.a, function($x) { b })]"),
      [
        "UNSUPPORTED_JSONATA_EXPRESSION · Reference to 'phone' at the top level is not supported. · /States/A/Output",
        "UNSUPPORTED_JSONATA_EXPRESSION · Reference to 'b' at the top level is not supported. · /States/A/Output",
      ],
    ],
    ["$$", output("$$"), ["UNSUPPORTED_JSONATA_EXPRESSION · Reference to '$$' is not supported. · /States/A/Output"]],
    [
      "an error where there is none",
      output("$states.errorOutput"),
      ["UNSUPPORTED_JSONATA_EXPRESSION · Field '$states.errorOutput' does not exist. · /States/A/Output"],
    ],
    [
      "a result before there is one",
      one({ ...TASK, Arguments: "{% $states.result %}" }, JSONATA),
      ["UNSUPPORTED_JSONATA_EXPRESSION · Field '$states.result' does not exist. · /States/A/Arguments"],
    ],
    [
      "names that no variable may have",
      one({ ...PASS, Assign: { states: 1, "1 x": 2 } }),
      [
        "RESERVED_VARIABLE_NAME · Cannot assign to reserved variable '$states'. · /States/A/Assign/states",
        "INVALID_VARIABLE_NAME · Invalid variable name '1 x': the variable name contains invalid characters. · /States/A/Assign/1 x",
      ],
    ],
    [
      "a variable of an outer scope assigned inside",
      {
        StartAt: "X",
        States: {
          X: { ...PASS, Assign: { x: 1 }, Next: "P" },
          P: {
            Type: "Parallel",
            End: true,
            Branches: [{ StartAt: "B", States: { B: { ...PASS, Assign: { "x.$": "$" }, End: true } } }],
          },
        },
      },
      [
        "DUPLICATE_VARIABLE_NAME · The variable name 'x' was already defined in a parent scope. · /States/P/Branches[0]/States/B/Assign/x.$",
      ],
    ],
    [
      "an unknown kind of child",
      map({}, { Mode: "DISTRIBUTED", ExecutionType: "FOO" }),
      [
        "Value should be one of the following: [STANDARD, EXPRESS] · /States/A/ItemProcessor/ProcessorConfig/ExecutionType",
      ],
    ],
    [
      "a reader in an inline map",
      map({ ItemReader: READ }, { Mode: "INLINE" }),
      ["Field 'ItemReader' is not supported · /States/A"],
    ],
    [
      "a reader of nothing",
      map({ ItemReader: { Foo: 1 } }),
      [
        "Field 'Foo' is not supported · /States/A/ItemReader",
        "These fields are required: [Resource] · /States/A/ItemReader",
      ],
    ],
    [
      "an unknown format",
      map({ ItemReader: { ...READ, ReaderConfig: { InputType: "XYZ" } } }),
      [
        "Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST] · /States/A/ItemReader/ReaderConfig/InputType",
      ],
    ],
    [
      "headers that are given and are not",
      map({ ItemReader: { ...READ, ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "GIVEN" } } }),
      ["These fields are required: [CSVHeaders] · /States/A/ItemReader/ReaderConfig"],
    ],
    [
      "batches and results of no kind",
      map({ ItemBatcher: {}, ResultWriter: {} }),
      [
        "This object should have at least one of the following fields: [MaxItemsPerBatch, MaxInputBytesPerBatch] · /States/A/ItemBatcher",
        "These fields are required: [Resource, Parameters] · /States/A/ResultWriter",
      ],
    ],
    [
      "a label with a blank",
      map({ Label: "a b" }),
      ["INVALID_LABEL_NAME · Invalid Label name: Label 'a b' contains invalid characters · /States/A/Label"],
    ],
    [
      "a label twice",
      parallel(
        { StartAt: "B", States: { B: map({ Label: "L" }, undefined, "I").States.A } },
        { StartAt: "C", States: { C: map({ Label: "L" }, undefined, "J").States.A } },
      ),
      ["DUPLICATE_LABEL_NAME · Duplicate Label name: L · /States/A/Branches[1]/States/C/Label"],
    ],
  ];
  for (const [what, definition, expected] of refused)
    it(`refuses ${what}`, () => assert.deepEqual(found(definition), expected));

  it("refuses names that are too long", () => {
    const long = "n".repeat(81);
    const [state] = found({ StartAt: long, States: { [long]: { ...PASS, End: true } } });
    assert.match(
      state ?? "",
      /^INVALID_STATE_NAME · Invalid State name: State 'n+' exceeds the 80-character limit allowed by/,
    );
    assert.match(found(one({ ...PASS, Assign: { [long]: 1 } }))[0] ?? "", /^INVALID_VARIABLE_NAME · /);
    assert.match(
      found(map({ Label: "l".repeat(41) }))[0] ?? "",
      /exceeds the 40-character limit allowed by the service/,
    );
  });

  it("refuses states that are too deeply nested, and texts", () => {
    assert.deepEqual(found({ StartAt: "A", States: { A: nested(20) } }), []);
    assert.match(found({ StartAt: "A", States: { A: nested(60) } })[0] ?? "", /^TOO_DEEPLY_NESTED · /);
    assert.match(found("[".repeat(100_000))[0] ?? "", /^INVALID_JSON_DESCRIPTION · Document nesting depth/);
  });

  it("takes what reads only what there is", () => {
    const caught = { ErrorEquals: ["States.ALL"], Next: "B", Output: "{% $states.errorOutput.Cause %}" };
    const States = {
      A: { ...TASK, Arguments: {}, Output: "{% $states.result.Payload %}", Catch: [caught], Next: "B" },
      B: { ...PASS, Output: "{% $states.input.items[price > 3].(name)^(>name) %}", End: true },
    };
    assert.deepEqual(found({ ...JSONATA, StartAt: "A", States }), []);
    assert.deepEqual(found(map({ ResultWriter: { WriterConfig: { OutputType: "JSONL" } } })), []);
  });

  it("warns of texts that look like paths", () => {
    const States = {
      T: { ...TASK, Parameters: { FunctionName: "f", Payload: { id: "$.id", at: "States.UUID()" } }, Next: "P" },
      P: { ...PASS, Result: { value: "$.x" }, Next: "C" },
      C: { Type: "Choice", Choices: [{ Variable: "$.a", StringEquals: "$.b", Next: "F" }] },
      F: { Type: "Fail", Cause: "$.cause" },
    };
    const { definition, diagnostics } = validateDefinition(JSON.stringify({ StartAt: "T", States }));
    assert.ok(definition, "warnings prevent nothing");
    assert.deepEqual(
      diagnostics.map(({ severity, code, location }) => [severity, code, location]),
      [
        ["WARNING", "NO_DOLLAR", "/States/T/Parameters/Payload/id"],
        ["WARNING", "NO_DOLLAR", "/States/T/Parameters/Payload/at"],
        ["WARNING", "PASS_RESULT_IS_STATIC", "/States/P/Result"],
        ["WARNING", "NO_PATH", "/States/C/Choices[0]/StringEquals"],
        ["WARNING", "NO_PATH", "/States/F/Cause"],
      ],
    );
  });

  it("prints errors as InvalidDefinition does", () => {
    assert.equal(
      describeErrors(validateDefinition('{"StartAt":"A"}').diagnostics),
      "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /",
    );
  });
});
