import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleFunction } from "../../../components/lambda/code.js";
import { NodeFunction, type NodeFunctionArgs } from "../../../components/lambda/node-function.js";
import { ACCOUNT, only, REGION, run, settled } from "../mocks.js";

describe("A function in TypeScript", function () {
  this.timeout(30_000);
  let folder: string;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "node-function-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const made = (over: Partial<NodeFunctionArgs> = {}) =>
    run(
      () =>
        new NodeFunction("greet", {
          name: "greet-dev",
          description: "Greets",
          entry: write("greet.ts", "export const handler = async (event: { name: string }) => event.name;"),
          roleName: "greet-role",
          statements: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::names/*"] }],
          logRetentionDays: 7,
          ...over,
        }),
    );

  it("has a role that may do what was said and write its own log, which is there before", async () => {
    const { resources, result } = await made();
    const { inputs } = only(resources, "Function");
    const { code: _, ...rest } = inputs;
    assert.deepEqual(rest, {
      name: "greet-dev",
      description: "Greets",
      runtime: "nodejs22.x",
      handler: "index.handler",
      role: `arn:aws:iam::${ACCOUNT}:role/greet-role`,
      memorySize: 256,
      timeout: 30,
    });
    const log = only(resources, "LogGroup").inputs;
    assert.deepEqual([log.name, log.retentionInDays], ["/aws/lambda/greet-dev", 7]);
    const { Statement } = JSON.parse(String(only(resources, "RolePolicy").inputs.policy));
    assert.deepEqual(
      Statement.map(({ Sid, Action, Resource }: Record<string, unknown>) => [Sid, Action, Resource]),
      [
        ["Read", "s3:GetObject", "arn:aws:s3:::names/*"],
        [
          "WriteLog",
          ["logs:CreateLogStream", "logs:PutLogEvents"],
          `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/greet-dev:*`,
        ],
      ],
    );
    assert.equal(await settled(result.arn), `arn:aws:lambda:${REGION}:${ACCOUNT}:function:greet-dev`);
    assert.equal(await settled(result.logGroupName), "/aws/lambda/greet-dev");
  });

  it("takes memory, time, environment, layers and a transform", async () => {
    const layer = `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:libraries:3`;
    const { resources } = await made({
      handler: "other",
      memoryMiB: 1024,
      timeoutSeconds: 900,
      environment: { BUCKET: "names" },
      layers: [layer],
      transform: { function: { reservedConcurrentExecutions: 1 } },
    });
    const { handler, memorySize, timeout, environment, layers, reservedConcurrentExecutions } = only(
      resources,
      "Function",
    ).inputs;
    assert.deepEqual(
      [handler, memorySize, timeout, environment, layers, reservedConcurrentExecutions],
      ["index.other", 1024, 900, { variables: { BUCKET: "names" } }, [layer], 1],
    );
  });

  it("says which import is not there", async () => {
    const entry = write("broken.ts", 'import { x } from "./none.js"; export const handler = x;');
    await assert.rejects(bundleFunction(entry), /Could not resolve "\.\/none\.js"/);
  });

  it("is one module that runs, without the SDK and what a layer brings", async () => {
    write("part.ts", "export const greeting: string = 'Hello';");
    const entry = write(
      "greet.ts",
      `import { greeting } from "./part.js";
       export const handler = async ({ name }: { name: string }) => greeting + " " + name;
       export const later = async () => [await import("@aws-sdk/client-s3"), await import("layered/inside")];`,
    );
    const text = await bundleFunction(entry, ["layered"]);
    assert.match(text, /import\("@aws-sdk\/client-s3"\)/);
    assert.match(text, /import\("layered\/inside"\)/);
    const { handler } = await import(pathToFileURL(write("index.mjs", text)).href);
    assert.equal(await handler({ name: "Ada" }), "Hello Ada");
  });

  it("has the same code wherever its sources lie, so that a difference is a change", async () => {
    const source = "export const handler = async () => 1;";
    const one = await bundleFunction(write("one/greet.ts", source));
    assert.equal(await bundleFunction(write("two/greet.ts", source)), one);
  });

  it("can use a dependency that is CommonJS and asks for Node's own modules", async () => {
    write("node_modules/old/index.js", `const { join } = require("node:path"); exports.joined = () => join("a", "b");`);
    write("node_modules/old/package.json", `{ "name": "old", "main": "index.js" }`);
    const entry = write("greet.ts", `import { joined } from "old"; export const handler = async () => joined();`);
    const { handler } = await import(pathToFileURL(write("index.mjs", await bundleFunction(entry))).href);
    assert.equal(await handler(), join("a", "b"));
  });
});
