import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { type Functions, functions, packageOf } from "./fixture.js";

describe("Lambda: logs, failures and limits", () => {
  let world: Functions;
  before(async () => {
    world = await functions();
  });

  it("writes START, the function's lines while it runs, END and REPORT to a stream of its environment", async () => {
    const index = `exports.handler = async (event) => {
      console.log("one line", { a: 1 }); console.error("two\\nlines"); process.stdout.write("plain\\n");
      if (event.wait) await new Promise((resolve) => setTimeout(resolve, event.wait)); };`;
    await world.create("logging", { "index.js": index }, { MemorySize: 256, Timeout: 60 });
    const { log } = await world.invoke("logging");
    const id = /START RequestId: (\S+) Version: \$LATEST/.exec(log)?.[1] ?? "";
    assert.match(
      log,
      new RegExp(
        `REPORT RequestId: ${id}\\tDuration: [0-9.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: [1-9]\\d* MB\\tInit Duration: [0-9.]+ ms`,
      ),
    );
    const found = await world.messages("/aws/lambda/logging", (all) =>
      all.some((message) => message.startsWith("REPORT")),
    );
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;
    const texts = found.map(({ message }) =>
      message
        .replace(time, "<time>")
        .replaceAll(id, "<id>")
        .replace(/(REPORT RequestId: <id>).*/s, "$1"),
    );
    // Standard output and standard error are two pipes: what came first within a millisecond is not known.
    assert.deepEqual(texts.sort(), [
      "<time>\t<id>\tERROR\ttwo\nlines",
      "<time>\t<id>\tINFO\tone line { a: 1 }",
      "END RequestId: <id>",
      "REPORT RequestId: <id>",
      "START RequestId: <id> Version: $LATEST",
      "plain",
    ]);
    assert.match(found[0]?.stream ?? "", /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    const running = world.invoke("logging", { wait: 20_000 });
    running.catch(() => {});
    await world.messages(
      "/aws/lambda/logging",
      (all) => all.filter((message) => message.includes("one line")).length === 2,
    );
  });

  it("writes no log that its role may not write, and runs all the same", async () => {
    const Role = await world.role("no-logs", { Action: "s3:ListAllMyBuckets", Resource: "*" });
    await world.create(
      "silent",
      { "index.js": `exports.handler = async () => { console.log("hidden"); return 1; };` },
      { Role },
    );
    const { payload, log } = await world.invoke("silent");
    assert.equal(payload, 1);
    assert.match(log, /hidden/);
    assert.deepEqual(await world.messages("/aws/lambda/silent", () => true), []);
  });

  it("ends a function at its timeout, and starts anew", async () => {
    const index = `let count = 0; exports.handler = async ({ wait }) => { count++; await new Promise((r) => setTimeout(r, wait)); return count; };`;
    await world.create("slow", { "index.js": index }, { Timeout: 1 });
    const { payload, error, log } = await world.invoke("slow", { wait: 5000 });
    const id = /START RequestId: (\S+)/.exec(log)?.[1];
    assert.equal(error, "Unhandled");
    assert.deepEqual(payload, {
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${id} Error: Task timed out after 1.00 seconds`,
    });
    assert.match(log, new RegExp(`Z ${id} Task timed out after 1.00 seconds`));
    assert.match(log, /Status: timeout/);
    assert.equal((await world.invoke("slow", { wait: 0 })).payload, 1);
  });

  it("kills a function that needs more memory than it has", async () => {
    const index = `exports.handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1)); };`;
    await world.create("greedy", { "index.js": index }, { MemorySize: 192, Timeout: 20 });
    const { payload, error, log } = await world.invoke("greedy");
    const { errorType, errorMessage } = payload as Record<string, string>;
    assert.deepEqual([error, errorType], ["Unhandled", "Runtime.ExitError"]);
    assert.match(errorMessage ?? "", /^RequestId: \S+ Error: Runtime exited with error: signal: killed$/);
    assert.match(log, /Max Memory Used: 192 MB.*Error Type: Runtime.OutOfMemory/s);
  });

  it("says what is wrong with code that cannot be loaded, and with one that exits", async () => {
    const cases: [string, Record<string, string>, object, string, RegExp][] = [
      ["no-module", { "other.js": "" }, {}, "Runtime.ImportModuleError", /^Error: Cannot find module 'index'/],
      [
        "no-import",
        { "index.js": `require("not-there")` },
        {},
        "Runtime.ImportModuleError",
        /Cannot find module 'not-there'/,
      ],
      [
        "no-handler",
        { "index.js": "exports.other = 1" },
        {},
        "Runtime.HandlerNotFound",
        /^index.handler is undefined or not exported$/,
      ],
      ["no-syntax", { "index.js": "exports.handler = (" }, {}, "Runtime.UserCodeSyntaxError", /SyntaxError/],
      [
        "exits",
        { "index.js": "exports.handler = async () => process.exit(3)" },
        {},
        "Runtime.ExitError",
        /Runtime exited with error: exit status 3$/,
      ],
      [
        "python-import",
        { "index.py": "import not_there" },
        { Runtime: "python3.12" },
        "Runtime.ImportModuleError",
        /^Unable to import module 'index': No module named 'not_there'$/,
      ],
      [
        "python-handler",
        { "index.py": "" },
        { Runtime: "python3.12" },
        "Runtime.HandlerNotFound",
        /^Handler 'handler' missing on module 'index'$/,
      ],
    ];
    for (const [name, files, settings, type, message] of cases) {
      await world.create(name, files, settings);
      const { payload, error } = await world.invoke(name);
      const { errorType, errorMessage } = payload as Record<string, string>;
      assert.deepEqual([name, error, errorType], [name, "Unhandled", type]);
      assert.match(errorMessage ?? "", message, name);
    }
  });

  it("runs handlers with a callback, ended when nothing is left to do", async () => {
    const index = `exports.handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = event.waits;
      let late = "early"; setTimeout(() => { late = "late"; }, 200); callback(null, { toJSON: () => late }); };`;
    await world.create("callback", { "index.js": index });
    assert.equal((await world.invoke("callback", { waits: true })).payload, "late");
    assert.equal((await world.invoke("callback", { waits: false })).payload, "early");
  });

  it("throttles beyond the reserved concurrency", async () => {
    const FunctionName = "one-at-a-time";
    await world.create(FunctionName, {
      "index.js": `exports.handler = async () => new Promise((r) => setTimeout(r, 1500, "done"));`,
    });
    await world.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }));
    const answers = await Promise.allSettled([world.invoke(FunctionName), world.invoke(FunctionName)]);
    const refused = answers.find((answer) => answer.status === "rejected");
    assert.equal(answers.filter((answer) => answer.status === "fulfilled").length, 1);
    assert.equal(refused?.reason.name, "TooManyRequestsException");
    assert.equal(refused?.reason.Reason, "ReservedFunctionConcurrentInvocationLimitExceeded");
  });

  it("runs as many at once as are asked for", async () => {
    await world.create("parallel", {
      "index.js": `exports.handler = async () => new Promise((r) => setTimeout(r, 1000, process.pid));`,
    });
    const answers = await Promise.all(Array.from({ length: 4 }, () => world.invoke("parallel")));
    assert.equal(new Set(answers.map(({ payload }) => payload)).size, 4);
  });

  it("refuses a role that Lambda may not assume", async () => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    const made = await new IAMClient(world.config()).send(
      new CreateRoleCommand({ RoleName: "ec2", AssumeRolePolicyDocument }),
    );
    const creation = new LambdaClient(world.config()).send(
      new CreateFunctionCommand({
        FunctionName: "wrong-role",
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: made.Role?.Arn,
        Code: { ZipFile: packageOf({ "index.js": "" }) },
      }),
    );
    await assert.rejects(creation, {
      name: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
  });

  it("has the metrics of its invocations", async () => {
    await world.create("measured", {
      "index.js": `exports.handler = async ({ bad }) => { if (bad) throw new Error("bad"); };`,
    });
    for (const bad of [false, true, false]) {
      const { error, log } = await world.invoke("measured", { bad });
      assert.equal(error, bad ? "Unhandled" : undefined, log);
    }
    const cloudwatch = new CloudWatchClient(world.config());
    const sum = async (MetricName: string, statistic: "Sum" | "SampleCount") => {
      const now = Date.now();
      const { Datapoints = [] } = await cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace: "AWS/Lambda",
          MetricName,
          Dimensions: [{ Name: "FunctionName", Value: "measured" }],
          StartTime: new Date(now - 600_000),
          EndTime: new Date(now + 60_000),
          Period: 3600,
          Statistics: [statistic],
        }),
      );
      return Datapoints.reduce((total, point) => total + (point[statistic] ?? 0), 0);
    };
    const figures = [await sum("Invocations", "Sum"), await sum("Errors", "Sum"), await sum("Duration", "SampleCount")];
    assert.deepEqual(figures, [3, 1, 3]);
  });
});
