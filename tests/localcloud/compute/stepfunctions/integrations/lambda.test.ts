import assert from "node:assert/strict";
import { LambdaClient, PublishVersionCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { functionError } from "../../../../../localcloud/compute/stepfunctions/integrations/function.js";
import type { JsonObject } from "../../../../../localcloud/compute/stepfunctions/language/json.js";
import { type IntegrationCloud, integrationCloud } from "./fixture.js";

const INVOKE = "arn:aws:states:::lambda:invoke";

const PYTHON = `
import time

class CustomException(Exception):
    pass

def helper(event):
    raise CustomException("went wrong: " + event["why"])

def handler(event, context):
    if isinstance(event, dict) and "why" in event:
        helper(event)
    if isinstance(event, dict) and "sleep" in event:
        time.sleep(event["sleep"])
    return {"got": event, "version": context.function_version, "float": 1.0}
`;
const NODE = `
class CustomError extends Error {
  constructor(message) { super(message); this.name = "CustomError"; }
}
export const handler = async (event) => {
  if (event.text) throw event.text;
  throw new CustomError("no " + event.what);
};
`;

describe("Lambda functions as tasks", () => {
  let cloud: IntegrationCloud;
  let python: string;
  let node: string;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    python = await cloud.function("python", "python3.12", PYTHON, 2);
    node = await cloud.function("node", "nodejs20.x", NODE);
  });
  after(() => cloud.stop());

  it("a function's ARN gets the input and gives what it returns, as it stands", async () => {
    const { output, text } = await cloud.run(python, { a: [1, null] });
    assert.deepEqual(output, { got: { a: [1, null] }, version: "$LATEST", float: 1 });
    assert.match(text ?? "", /"float": 1\.0/);
  });

  it("lambda:invoke gives the parsed payload with version, status and metadata", async () => {
    const { output } = await cloud.run(INVOKE, { FunctionName: "python", Payload: { a: 1 } });
    const { SdkHttpMetadata, SdkResponseMetadata, ...rest } = output as JsonObject;
    assert.deepEqual(rest, {
      ExecutedVersion: "$LATEST",
      Payload: { got: { a: 1 }, version: "$LATEST", float: 1 },
      StatusCode: 200,
    });
    const http = SdkHttpMetadata as { HttpStatusCode: number; HttpHeaders: Record<string, string> };
    assert.equal(http.HttpStatusCode, 200);
    assert.equal(http.HttpHeaders["X-Amz-Executed-Version"], "$LATEST");
    assert.equal((SdkResponseMetadata as JsonObject).RequestId, http.HttpHeaders["x-amzn-RequestId"]);
    assert.deepEqual(Object.keys(output as JsonObject), Object.keys(output as JsonObject).sort());
  });

  it("invokes the version that the ARN or the qualifier names", async () => {
    await new LambdaClient(cloud.config()).send(new PublishVersionCommand({ FunctionName: "python" }));
    const direct = await cloud.run(`${python}:1`, {});
    assert.equal((direct.output as JsonObject).version, "1");
    const { output } = await cloud.run(INVOKE, { FunctionName: "python", Qualifier: "1", Payload: {} });
    assert.equal((output as JsonObject).ExecutedVersion, "1");
  });

  it("an error is named by the Python class that was raised, and its cause has message and stack trace", async () => {
    for (const [resource, parameters] of [
      [python, { why: "reasons" }],
      [INVOKE, { FunctionName: "python", Payload: { why: "reasons" } }],
    ] as const) {
      const { error, cause } = await cloud.run(resource, parameters);
      assert.equal(error, "CustomException");
      const { requestId, stackTrace, ...rest } = JSON.parse(cause ?? "");
      assert.deepEqual(rest, { errorMessage: "went wrong: reasons", errorType: "CustomException" });
      assert.match(requestId, /^[0-9a-f-]{36}$/);
      assert.deepEqual(stackTrace, [
        '  File "/var/task/handler.py", line 12, in handler\n    helper(event)\n',
        '  File "/var/task/handler.py", line 8, in helper\n    raise CustomException("went wrong: " + event["why"])\n',
      ]);
    }
  });

  it("an error is named by the name that a JavaScript error has", async () => {
    const { error, cause } = await cloud.run(node, { what: "luck" });
    const { trace, ...rest } = JSON.parse(cause ?? "");
    assert.deepEqual([error, rest], ["CustomError", { errorType: "CustomError", errorMessage: "no luck" }]);
    assert.match(trace[0], /no luck$/);
    assert.match(trace[1], /at .*\/var\/task\/handler\.mjs:7:/);
    const thrown = await cloud.run(node, { text: "a text" });
    assert.deepEqual([thrown.error, JSON.parse(thrown.cause ?? "").errorMessage], ["string", "a text"]);
  });

  it("a function that does not end in time is Sandbox.Timedout", async () => {
    const { error, cause } = await cloud.run(python, { sleep: 30 });
    assert.equal(error, "Sandbox.Timedout");
    assert.match(JSON.parse(cause ?? "").errorMessage, /Task timed out after 2\.00 seconds/);
  });

  it("a function that does not exist is Lambda.ResourceNotFoundException", async () => {
    const arn = `arn:aws:lambda:eu-central-1:${cloud.account}:function:none`;
    for (const [resource, parameters] of [
      [INVOKE, { FunctionName: "none", Payload: null }],
      [arn, {}],
    ] as const) {
      const { error, cause } = await cloud.run(resource, parameters);
      assert.equal(error, "Lambda.ResourceNotFoundException");
      const text = cause ?? "";
      assert.ok(text.startsWith(`Function not found: ${arn}:$LATEST (`), text);
      assert.match(
        text,
        / \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
      );
    }
  });

  it("a function without concurrency is Lambda.TooManyRequestsException", async () => {
    await cloud.function("throttled", "python3.12", PYTHON);
    await new LambdaClient(cloud.config()).send(
      new PutFunctionConcurrencyCommand({ FunctionName: "throttled", ReservedConcurrentExecutions: 0 }),
    );
    const { error, cause } = await cloud.run(INVOKE, { FunctionName: "throttled", Payload: {} });
    assert.equal(error, "Lambda.TooManyRequestsException");
    assert.match(cause ?? "", /Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException;/);
  });

  it("an error without a type is Lambda.Unknown", () => {
    const text = '{"errorMessage":"2026-02-07 Task timed out after 3.00 seconds"}';
    const { error, cause } = functionError(JSON.parse(text), text);
    assert.equal(error, "Lambda.Unknown");
    assert.equal(
      cause,
      `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
    );
  });

  it("a role that may not invoke is told so by Lambda", async () => {
    const powerless = await cloud.role("powerless");
    const { error, cause } = await cloud.run(INVOKE, { FunctionName: "python" }, powerless);
    assert.equal(error, "Lambda.AWSLambdaException");
    assert.match(
      cause ?? "",
      /^User: .*:assumed-role\/powerless\/.* is not authorized to perform: lambda:InvokeFunction/,
    );
    assert.match(cause ?? "", /\(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; /);
  });

  it("a role that cannot be assumed fails the task", async () => {
    const { error } = await cloud.run(python, {}, `arn:aws:iam::${cloud.account}:role/none`);
    assert.equal(error, "States.TaskFailed");
  });

  it("shows the response and leaves the end to the token's holder with .waitForTaskToken", async () => {
    const task = cloud.start(
      `${INVOKE}.waitForTaskToken`,
      { FunctionName: "python", Payload: { token: "t" } },
      {
        taskToken: "t",
      },
    );
    const { output } = await task.reply("submitted");
    assert.deepEqual((output as { Payload: JsonObject }).Payload.got, { token: "t" });
    assert.deepEqual(
      task.replies.map(({ kind }) => kind),
      ["submitted"],
    );
  });
});
