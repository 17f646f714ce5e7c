import assert from "node:assert/strict";
import {
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type Functions, functions, packageOf } from "./fixture.js";

describe("Lambda: what a function finds", () => {
  let world: Functions;
  before(async () => {
    world = await functions();
  });

  it("has AWS's variables and context, its own variables, and nothing of the machine's", async () => {
    const index = `exports.handler = async (event, context) => ({
      event, env: process.env, remaining: context.getRemainingTimeInMillis(),
      context: [context.functionName, context.functionVersion, context.memoryLimitInMB, context.awsRequestId,
        context.invokedFunctionArn, context.logGroupName] });`;
    const arn = await world.create(
      "surroundings",
      { "index.js": index },
      { MemorySize: 256, Timeout: 7, Environment: { Variables: { STAGE: "test" } } },
    );
    const { payload, status, version } = await world.invoke("surroundings", { some: ["thing", null, 1.5] });
    const { event, env, remaining, context } = payload as {
      event: unknown;
      env: Record<string, string>;
      remaining: number;
      context: string[];
    };
    assert.deepEqual([status, version, event], [200, "$LATEST", { some: ["thing", null, 1.5] }]);
    assert.ok(remaining > 3000 && remaining <= 7000, `${remaining} ms remain of 7 s`);
    assert.match(context[3] ?? "", /^[0-9a-f-]{36}$/);
    const rest = context.filter((_, at) => at !== 3);
    assert.deepEqual(rest, ["surroundings", "$LATEST", "256", arn, "/aws/lambda/surroundings"]);
    const wanted = { STAGE: "test", AWS_REGION: "eu-central-1", AWS_LAMBDA_FUNCTION_NAME: "surroundings", TZ: ":UTC" };
    for (const [name, value] of Object.entries(wanted)) assert.equal(env[name], value, name);
    assert.match(env.AWS_ACCESS_KEY_ID ?? "", /^ASIA/);
    for (const name of ["STATE_DIR", "AUTH", "GATEWAY_PORT", "S3_DATA_DIR"]) assert.equal(env[name], undefined, name);
  });

  it("has the AWS SDK, from CommonJS and from ES modules", async () => {
    const s3 = new S3Client(world.config());
    await s3.send(
      new CreateBucketCommand({
        Bucket: `lambda-sdk-${world.account}`,
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    const body = `const client = new S3Client({});
      const { Buckets } = await client.send(new ListBucketsCommand({}));
      return Buckets.map(({ Name }) => Name);`;
    await world.create(
      "cjs",
      {
        "index.js": `const { S3Client, ListBucketsCommand } = require("@aws-sdk/client-s3");
        require("@aws-sdk/lib-dynamodb");
        exports.handler = async () => { ${body} };`,
      },
      { Timeout: 20, MemorySize: 512 },
    );
    await world.create(
      "esm",
      {
        "index.mjs": `import { S3Client, ListBucketsCommand } from "@aws-sdk/client-s3";
        export const handler = async () => { ${body} };`,
      },
      { Timeout: 20, MemorySize: 512 },
    );
    for (const name of ["cjs", "esm"]) {
      const { payload, error, log } = await world.invoke(name);
      assert.equal(error, undefined, log);
      assert.deepEqual(payload, [`lambda-sdk-${world.account}`]);
    }
  });

  it("finds no package of the project that the cloud belongs to, in whichever way it asks", async () => {
    const { LayerVersionArn } = await world.lambda.send(
      new PublishLayerVersionCommand({
        LayerName: "asks",
        Content: {
          ZipFile: packageOf({
            "nodejs/node_modules/asks/index.js": `exports.ask = () => require("of-the-project").found;`,
            "nodejs/node20/node_modules/versioned/index.js": `exports.text = "of Node 20";`,
            "nodejs/node22/node_modules/versioned/index.js": `exports.text = "of Node 22";`,
          }),
        },
      }),
    );
    const ways = `
      const { createRequire } = await import("node:module");
      const ways = {
        import: () => import("of-the-project"),
        requires: () => createRequire(process.env.LAMBDA_TASK_ROOT + "/index.js")("of-the-project"),
        resolves: () => createRequire(process.env.LAMBDA_TASK_ROOT + "/").resolve("of-the-project", { paths: [process.cwd()] }),
        layer: async () => (await import("asks")).default.ask(),
        itself: () => import("a-project"),
        "of the SDK's": () => import("tslib"),
        versioned: async () => (await import("versioned")).default.text,
        sdk: async () => typeof (await import("@aws-sdk/client-s3")).S3Client,
      };
      const found = {};
      for (const [name, way] of Object.entries(ways))
        found[name] = await (async () => way())().catch((error) => error.code + " " + error.message.split("\\n")[0]);
      return [found, process.env.CRUCIBLE_RUNTIME_PACKAGES ?? null];`;
    const settings = { Layers: [LayerVersionArn ?? ""], MemorySize: 512, Timeout: 20 };
    await world.create("asks-cjs", { "index.js": `exports.handler = async () => {${ways}};` }, settings);
    await world.create("asks-esm", { "index.mjs": `export const handler = async () => {${ways}};` }, settings);
    for (const name of ["asks-cjs", "asks-esm"]) {
      const { payload, log } = await world.invoke(name);
      const [found, told] = payload as [Record<string, string>, unknown];
      assert.equal(told, null);
      const missing = Object.entries(found).filter(([way]) => way !== "versioned" && way !== "sdk");
      assert.equal(missing.length, 6, log);
      for (const [way, answer] of missing)
        assert.match(
          answer,
          /^(ERR_)?MODULE_NOT_FOUND Cannot find (package|module) '(of-the-project|a-project|tslib)'/,
          way,
        );
      assert.deepEqual([found.versioned, found.sdk], ["of Node 20", "function"]);
    }
    const versioned = { "index.js": `exports.handler = async () => require("versioned").text;` };
    for (const Runtime of ["nodejs20.x", "nodejs22.x"] as const) {
      await world.create(`versioned-${Runtime.slice(6, 8)}`, versioned, { ...settings, Runtime });
      const { payload } = await world.invoke(`versioned-${Runtime.slice(6, 8)}`);
      assert.equal(payload, `of Node ${Runtime.slice(6, 8)}`);
    }
    await world.create("imports", { "index.mjs": `import "of-the-project"; export const handler = () => 1;` });
    const { payload, error } = await world.invoke("imports");
    assert.deepEqual(
      [error, (payload as { errorType: string }).errorType],
      ["Unhandled", "Runtime.ImportModuleError"],
      JSON.stringify(payload),
    );
  });

  it("runs .js files as what its own package.json says, not as the project's does", async () => {
    const layer = await world.lambda.send(
      new PublishLayerVersionCommand({
        LayerName: "helper",
        Content: { ZipFile: packageOf({ "nodejs/helper.js": `exports.text = "from opt";` }) },
      }),
    );
    const opt = `require(process.env.LAMBDA_TASK_ROOT + "/../../opt/nodejs/helper.js").text`;
    const Layers = [layer.LayerVersionArn ?? ""];
    await world.create(
      "common",
      { "index.js": `exports.handler = async () => [${opt}, __filename.slice(-9)];` },
      { Layers },
    );
    await world.create("module", {
      "package.json": `{"type": "module"}`,
      "index.js": `import { text } from "./lib/text.js"; export const handler = async () => text;`,
      "lib/text.js": `export const text = "a module";`,
    });
    await world.create("neither", { "index.js": `export const handler = async () => 1;` });
    assert.deepEqual((await world.invoke("common")).payload, ["from opt", "/index.js"]);
    assert.equal((await world.invoke("module")).payload, "a module");
    const { errorType, errorMessage } = (await world.invoke("neither")).payload as Record<string, string>;
    assert.deepEqual(
      [errorType, errorMessage],
      ["Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token 'export'"],
    );
    await world.create(
      "detected",
      { "index.js": `export const handler = async () => "detected";` },
      { Environment: { Variables: { NODE_OPTIONS: "--experimental-detect-module --experimental-require-module" } } },
    );
    assert.equal((await world.invoke("detected")).payload, "detected");
  });

  it("has boto3, but no other package of the machine's Python", async () => {
    const code = `import boto3, importlib.util, os
def handler(event, context):
    return {"who": boto3.client("sts").get_caller_identity()["Arn"], "found": [name for name in ("numpy", "pandas", "duckdb", "yaml", "ministack") if importlib.util.find_spec(name)],
            "memory": context.memory_limit_in_mb, "remaining": context.get_remaining_time_in_millis() > 1000}
`;
    const settings = { Runtime: "python3.12", Timeout: 20, MemorySize: 256 } as const;
    await world.create("python", { "index.py": code }, settings);
    const { payload, log } = await world.invoke("python");
    const who = `arn:aws:sts::${world.account}:assumed-role/everything/python`;
    assert.deepEqual(payload, { who, found: [], memory: "256", remaining: true }, log);
  });

  it("may do what its role allows, and nothing else", async () => {
    const logs = { Action: ["logs:*"], Resource: ["*"] };
    const Role = await world.role("lists-only", logs, { Action: "s3:ListAllMyBuckets", Resource: "*" });
    const code = `const { S3Client, ListBucketsCommand, CreateBucketCommand } = require("@aws-sdk/client-s3");
      exports.handler = async () => {
        const client = new S3Client({});
        await client.send(new ListBucketsCommand({}));
        await client.send(new CreateBucketCommand({ Bucket: "lambda-not-allowed-${world.account}" }));
      };`;
    await world.create("limited", { "index.js": code }, { Role, Timeout: 20, MemorySize: 512 });
    const { payload, error } = await world.invoke("limited");
    const { errorType, errorMessage } = payload as { errorType: string; errorMessage: string };
    assert.deepEqual([error, errorType], ["Unhandled", "AccessDenied"]);
    assert.match(errorMessage, /assumed-role\/lists-only\/limited is not authorized to perform: s3:CreateBucket/);
  });

  it("has its layers at the places where its language looks, the later over the earlier", async () => {
    const publish = async (LayerName: string, files: Record<string, string>) => {
      const made = await world.lambda.send(
        new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: packageOf(files) } }),
      );
      return made.LayerVersionArn ?? "";
    };
    const first = await publish("first", {
      "nodejs/node_modules/greeting/index.js": `exports.text = "first";`,
      "nodejs/node_modules/only-first/index.js": `exports.text = "only first";`,
      "python/greeting.py": `text = "first"`,
    });
    const second = await publish("second", {
      "nodejs/node_modules/greeting/index.js": `exports.text = "second";`,
      "python/greeting.py": `text = "second"`,
      "bin/tool": "#!/bin/sh\necho from the layer\n",
    });
    const Layers = [first, second];
    await world.create(
      "with-layers",
      {
        "index.mjs": `import greeting from "greeting"; import only from "only-first";
        export const handler = async () => [greeting.text, only.text];`,
      },
      { Layers },
    );
    assert.deepEqual((await world.invoke("with-layers")).payload, ["second", "only first"]);
    await world.create(
      "python-layers",
      {
        "index.py": `import greeting\ndef handler(event, context):\n    return greeting.text\n`,
      },
      { Layers, Runtime: "python3.12" },
    );
    assert.equal((await world.invoke("python-layers")).payload, "second");
    const changed = { FunctionName: "python-layers", Layers: [second, first] };
    await world.lambda.send(new UpdateFunctionConfigurationCommand(changed));
    assert.equal((await world.invoke("python-layers")).payload, "first");
  });

  it("stays warm, until its code or configuration changes; versions keep theirs", async () => {
    const code = (text: string) =>
      packageOf({
        "index.js": `let count = 0; exports.handler = async () => ["${text}", process.env.A ?? "", ++count];`,
      });
    await world.create("warm", {}, { Code: { ZipFile: code("one") } });
    assert.deepEqual((await world.invoke("warm")).payload, ["one", "", 1]);
    assert.deepEqual((await world.invoke("warm")).payload, ["one", "", 2]);
    await world.lambda.send(new PublishVersionCommand({ FunctionName: "warm" }));
    await world.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "warm", ZipFile: code("two") }));
    assert.deepEqual((await world.invoke("warm")).payload, ["two", "", 1]);
    const Environment = { Variables: { A: "b" } };
    await world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "warm", Environment }));
    assert.deepEqual((await world.invoke("warm")).payload, ["two", "b", 1]);
    const published = await world.invoke("warm:1");
    assert.deepEqual([published.payload, published.version], [["one", "", 1], "1"]);
  });
});
