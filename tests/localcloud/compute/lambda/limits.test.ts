import assert from "node:assert/strict";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Functions, functions, packageOf } from "./fixture.js";

describe("Lambda: what it refuses", () => {
  let world: Functions;
  let silent: string;
  before(async () => {
    world = await functions();
    silent = await world.role("silent", { Action: "logs:*", Resource: "*" });
    await world.create("plain", { "index.js": "exports.handler = async (event) => event;" }, { Role: silent });
  });

  const refused = async (attempt: Promise<unknown>, name: string, message: RegExp, status = 400) => {
    await assert.rejects(attempt, (error: Error & { $metadata: { httpStatusCode: number } }) => {
      assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status], error.message);
      assert.match(error.message, message);
      return true;
    });
  };
  const make = (settings: object) =>
    world.lambda.send(
      new CreateFunctionCommand({
        FunctionName: "refused",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: silent,
        Code: { ZipFile: packageOf({ "index.js": "" }) },
        ...settings,
      }),
    );
  const change = (settings: object) =>
    world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "plain", ...settings }));

  it("limits of a function, when it is made and when it is changed", async () => {
    const layer = `arn:aws:lambda:eu-central-1:${world.account}:layer:none:1`;
    const cases: [object, string, RegExp][] = [
      [{ Timeout: 901 }, "ValidationException", /Value '901' at 'timeout' .* less than or equal to 900$/],
      [{ Timeout: 0 }, "ValidationException", /Value '0' at 'timeout' .* greater than or equal to 1$/],
      [{ MemorySize: 10_241 }, "ValidationException", /'memorySize' .* less than or equal to 10240$/],
      [
        { Timeout: -1, MemorySize: 1 },
        "ValidationException",
        /^2 validation errors detected: .*'timeout'.*; .*'memorySize'/,
      ],
      [
        { Runtime: "nodejs99.x" },
        "InvalidParameterValueException",
        /Value nodejs99\.x at 'runtime' .* or be a valid ARN/,
      ],
      [{ Runtime: "nodejs8.10" }, "InvalidParameterValueException", /nodejs8\.10 is no longer supported/],
      [
        { Environment: { Variables: { AWS_REGION: "eu-west-1", MINE: "1", _HANDLER: "x" } } },
        "InvalidParameterValueException",
        /Reserved keys used in this request: AWS_REGION, _HANDLER$/,
      ],
      [
        { Environment: { Variables: { LONG: "é".repeat(2050) } } },
        "InvalidParameterValueException",
        /exceeded the 4KB limit\. String measured: \{"LONG":"é/,
      ],
      [{ Layers: Array(6).fill(layer) }, "InvalidParameterValueException", /^Cannot reference more than 5 layers\.$/],
    ];
    for (const [settings, name, message] of cases) {
      await refused(make(settings), name, message);
      await refused(change(settings), name, message);
    }
    await change({ Timeout: 900, MemorySize: 10_240, Environment: { Variables: { LONG: "e".repeat(4085) } } });
  });

  it("payloads that are too large or no JSON", async () => {
    const invoke = (Payload: Buffer, InvocationType: "Event" | "RequestResponse" = "RequestResponse") =>
      world.lambda.send(new InvokeCommand({ FunctionName: "plain", InvocationType, Payload }));
    const text = (bytes: number) => Buffer.from(`"${"x".repeat(bytes - 2)}"`);
    const most = 6 * 1024 * 1024;
    const large = /^6291457 byte payload is too large for the RequestResponse invocation type \(limit 6291456 bytes\)$/;
    await refused(invoke(text(most + 1)), "RequestTooLargeException", large, 413);
    await refused(invoke(text(1024 * 1024 + 1), "Event"), "RequestTooLargeException", /for the Event/, 413);
    for (const body of ["{oops", "{'a': 1}"])
      await refused(
        invoke(Buffer.from(body)),
        "InvalidRequestContentException",
        /^Could not parse request body into json/,
      );
    assert.equal((await invoke(Buffer.from(""))).FunctionError, undefined);
    assert.equal((await invoke(text(most - 100_000))).FunctionError, undefined);
  });

  it("destinations and dead-letter queues that are not there or out of the role's reach", async () => {
    const sqs = new SQSClient(world.config());
    await sqs.send(new CreateQueueCommand({ QueueName: "there" }));
    const [there, missing] = ["there", "missing"].map((name) => `arn:aws:sqs:eu-central-1:${world.account}:${name}`);
    const send = (FunctionName: string, Destination: string | undefined, more: object = {}) => {
      const DestinationConfig = { OnFailure: { Destination } };
      return world.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig, ...more }));
    };
    const wrong = "InvalidParameterValueException";
    await refused(send("plain", missing), wrong, /^The destination ARN arn:aws:sqs:.*:missing is invalid\.$/);
    await refused(
      send("plain", there),
      wrong,
      /execution role does not have permissions to call SendMessage on arn:.*:there$/,
    );
    await refused(make({ DeadLetterConfig: { TargetArn: there } }), wrong, /permissions to call SendMessage on SQS$/);
    await refused(change({ DeadLetterConfig: { TargetArn: missing } }), wrong, /:missing is invalid/);
    const Role = await world.role("sends", { Action: "sqs:SendMessage", Resource: there ?? "" });
    await make({ FunctionName: "sends", Role, DeadLetterConfig: { TargetArn: there } });
    await send("sends", there);
    await refused(
      send("sends", there, { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 59 }),
      "ValidationException",
      /'maximumRetryAttempts' .* less than or equal to 2; .*'maximumEventAgeInSeconds' .* greater than or equal to 60$/,
    );
  });

  it("aliases of versions that are not there", async () => {
    const alias = { FunctionName: "plain", Name: "live" };
    const missing = /^Function not found: arn:aws:lambda:.*:function:plain:7$/;
    const make = (more: object) =>
      world.lambda.send(new CreateAliasCommand({ ...alias, FunctionVersion: "$LATEST", ...more }));
    await refused(make({ FunctionVersion: "7" }), "ResourceNotFoundException", missing, 404);
    const { Version } = await world.lambda.send(new PublishVersionCommand({ FunctionName: "plain" }));
    await make({ FunctionVersion: Version });
    const moved = world.lambda.send(new UpdateAliasCommand({ ...alias, FunctionVersion: "7" }));
    await refused(moved, "ResourceNotFoundException", missing, 404);
    await refused(make({ Name: "12" }), "ValidationException", /'name' .* regular expression pattern/);
  });

  it("reservations that leave less than 100 of an account's concurrency", async () => {
    await world.create("second", { "index.js": "" });
    const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
      world.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
    const below = /decreases account's UnreservedConcurrentExecution below its minimum value of \[100\]\.$/;
    await refused(reserve("plain", 901), "InvalidParameterValueException", below);
    await reserve("plain", 900);
    await reserve("plain", 600);
    await refused(reserve("second", 301), "InvalidParameterValueException", below);
    await reserve("second", 300);
    const kept = await world.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: "plain" }));
    assert.equal(kept.ReservedConcurrentExecutions, 600);
    await refused(reserve("second", -1), "ValidationException", /'reservedConcurrentExecutions' .* equal to 0$/);
  });
});
