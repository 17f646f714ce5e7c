import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListLayersCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Role } from "@pulumi/aws/iam/role.js";
import { Alias } from "@pulumi/aws/lambda/alias.js";
import { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import { FunctionEventInvokeConfig } from "@pulumi/aws/lambda/functionEventInvokeConfig.js";
import { FunctionRecursionConfig } from "@pulumi/aws/lambda/functionRecursionConfig.js";
import { LayerVersion } from "@pulumi/aws/lambda/layerVersion.js";
import { Permission } from "@pulumi/aws/lambda/permission.js";
import { Queue } from "@pulumi/aws/sqs/queue.js";
import { asset, type CustomResource, jsonStringify, type Output } from "@pulumi/pulumi";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";
import { arn, by, steady } from "../versions.js";

const folder = mkdtempSync(join(tmpdir(), "provider-lambda-"));
/** An archive of a folder with one file. */
function archive(path: string, text: string): asset.FileArchive {
  const root = join(
    folder,
    createHash("sha256")
      .update(path + text)
      .digest("hex")
      .slice(0, 8),
  );
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return new asset.FileArchive(root);
}

async function answerOf(name: string, { client }: Surroundings): Promise<unknown> {
  const { Payload } = await new LambdaClient(client).send(new InvokeCommand({ FunctionName: name }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

const lives: Life[] = [
  {
    name: "role",
    declare: (_version, options) =>
      new Role(
        "role",
        {
          name: "role",
          assumeRolePolicy: jsonStringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
          }),
          inlinePolicies: [
            {
              name: "everything",
              policy: jsonStringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
              }),
            },
          ],
        },
        options,
      ),
    ...steady,
  },
  { name: "queue", declare: (_version, options) => new Queue("queue", { name: "queue" }, options), ...steady },
  {
    name: "layer",
    declare: (version, options) =>
      new LayerVersion(
        "layer",
        {
          layerName: "layer",
          code: archive("nodejs/node_modules/words/index.js", `exports.word = "${by(version, "one", "two")}";`),
          compatibleRuntimes: ["nodejs20.x"],
        },
        options,
      ),
    // Whatever changes, a version is another one.
    updated: "replace",
    replaced: "same",
    drifting: ["code"],
    unimportable: ["code", "sourceCodeHash"],
    outputs: {
      created: ({ version, layerArn, arn: versionArn }) => {
        assert.equal(version, "1");
        assert.equal(versionArn, `${layerArn}:1`);
      },
    },
  },
  {
    name: "function",
    declare: (version, options, others) =>
      new LambdaFunction(
        "function",
        {
          name: by(version, "function", "function", "function-2"),
          role: arn(others, "role"),
          runtime: "nodejs20.x",
          handler: "index.handler",
          code: archive(
            "index.js",
            `exports.handler = async () => [require("words").word, process.env.A, ${by(version, 1, 2)}];`,
          ),
          layers: [arn(others, "layer")],
          memorySize: by(version, 128, 256),
          environment: { variables: { A: by(version, "a", "b") } },
          reservedConcurrentExecutions: by(version, 5, 7),
          deadLetterConfig: by(
            version,
            { targetArn: arn(others, "queue") } as { targetArn: Output<string> } | undefined,
            undefined,
          ),
          publish: true,
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    // The engine keeps of an archive that it read again nothing but its hash.
    drifting: ["lastModified", "code"],
    unimportable: ["code", "publish", "sourceCodeHash"],
    outputs: {
      created: ({ version, qualifiedArn, arn: functionArn }) => {
        assert.equal(version, "1");
        assert.equal(qualifiedArn, `${functionArn}:1`);
      },
    },
    verify: {
      created: async (name, surroundings) => assert.deepEqual(await answerOf(name, surroundings), ["one", "a", 1]),
      updated: async (name, surroundings) => {
        assert.deepEqual(await answerOf(name, surroundings), ["two", "b", 2]);
        const found = await new LambdaClient(surroundings.client).send(new GetFunctionCommand({ FunctionName: name }));
        assert.deepEqual([found.Tags, found.Concurrency?.ReservedConcurrentExecutions], [{ a: "2" }, 7]);
        assert.ok(!found.Configuration?.DeadLetterConfig?.TargetArn);
      },
    },
    disturb: async (FunctionName, { client }) => {
      await new LambdaClient(client).send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 60 }));
    },
  },
  {
    name: "alias",
    declare: (version, options, others) =>
      new Alias(
        "alias",
        {
          name: by(version, "live", "live", "other"),
          functionName: (others.function as LambdaFunction).name,
          functionVersion: "1",
          description: by(version, "first", "second"),
        },
        options,
      ),
    importId: ({ functionName, name }) => `${functionName}/${name}`,
    disturb: async (_id, { client }, { functionName, name }) => {
      const change = { FunctionName: String(functionName), Name: String(name), Description: "moved" };
      await new LambdaClient(client).send(new UpdateAliasCommand(change));
    },
  },
  {
    name: "permission",
    declare: (version, options, others) =>
      new Permission(
        "permission",
        {
          function: (others.function as LambdaFunction).name,
          statementId: "events",
          action: "lambda:InvokeFunction",
          principal: by(version, "events.amazonaws.com", "s3.amazonaws.com"),
          sourceArn: by(version, "arn:aws:events:eu-central-1:123456789012:rule/a", "arn:aws:s3:::a"),
        },
        options,
      ),
    updated: "replace",
    importId: ({ function: name, statementId }) => `${name}/${statementId}`,
    disturb: async (_id, { client }, { function: name, statementId }) => {
      const statement = { FunctionName: String(name), StatementId: String(statementId) };
      await new LambdaClient(client).send(new RemovePermissionCommand(statement));
    },
  },
  {
    name: "async",
    declare: (version, options, others) =>
      new FunctionEventInvokeConfig(
        "async",
        {
          functionName: (others.function as LambdaFunction).name,
          maximumRetryAttempts: by(version, 0, 1),
          maximumEventAgeInSeconds: by<number | undefined>(version, 60, undefined),
          destinationConfig: { onFailure: { destination: arn(others, "queue") } },
        },
        options,
      ),
    disturb: async (_id, { client }, { functionName }) => {
      const change = { FunctionName: String(functionName), MaximumRetryAttempts: 2 };
      await new LambdaClient(client).send(new PutFunctionEventInvokeConfigCommand(change));
    },
  },
  {
    name: "recursion",
    declare: (version, options, others) =>
      new FunctionRecursionConfig(
        "recursion",
        { functionName: (others.function as LambdaFunction).name, recursiveLoop: by(version, "Allow", "Terminate") },
        options,
      ),
    disturb: async (_id, { client }, { functionName }) => {
      const change = { FunctionName: String(functionName), RecursiveLoop: "Allow" } as const;
      await new LambdaClient(client).send(new PutFunctionRecursionConfigCommand(change));
    },
  },
  {
    name: "mapping",
    declare: (version, options, others) =>
      new EventSourceMapping(
        "mapping",
        {
          eventSourceArn: arn(others, "queue"),
          functionName: (others.function as CustomResource & { arn: Output<string> }).arn,
          batchSize: by(version, 1, 5),
          enabled: by(version, true, false),
          filterCriteria: by<{ filters: { pattern: string }[] } | undefined>(
            version,
            { filters: [{ pattern: '{"body":{"a":[1]}}' }] },
            undefined,
          ),
        },
        options,
      ),
    replaced: "update",
    drifting: ["lastModified"],
    disturb: async (UUID, { client }) => {
      await new LambdaClient(client).send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 9 }));
    },
  },
];

after(() => rmSync(folder, { recursive: true, force: true }));

testLives("provider: lambda", lives, async ({ client }) => {
  const lambda = new LambdaClient(client);
  const [functions, layers, mappings, queues] = await Promise.all([
    lambda.send(new ListFunctionsCommand({})),
    lambda.send(new ListLayersCommand({})),
    lambda.send(new ListEventSourceMappingsCommand({})),
    new SQSClient(client).send(new ListQueuesCommand({})),
  ]);
  return [
    ...(functions.Functions ?? []).map(({ FunctionName = "" }) => FunctionName),
    ...(layers.Layers ?? []).map(({ LayerName = "" }) => LayerName),
    ...(mappings.EventSourceMappings ?? []).map(({ UUID = "" }) => UUID),
    ...(queues.QueueUrls ?? []),
  ];
});
