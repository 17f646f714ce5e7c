// The Node runtime of functions: loads the handler and runs it for one invocation after the other. A program of its own, which
// knows nothing of the local cloud but the runtime API; messages and errors are those of the runtimes that AWS provides.
import { existsSync, readFileSync, writeSync } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { confine } from "./confinement.js";

type Handler = (event: unknown, context: object, callback: (error?: unknown, result?: unknown) => void) => unknown;

/** Stands for a line end within one message, which is one event of the log. */
const LINE_END = "\u001e";

const { AWS_LAMBDA_RUNTIME_API: api = "", _HANDLER: handlerName = "", LAMBDA_TASK_ROOT: taskRoot = "" } = process.env;
const root = resolve(taskRoot, "../..");
const confineModules = confine(root, process.env.CRUCIBLE_RUNTIME_PACKAGES ?? "");
delete process.env.CRUCIBLE_RUNTIME_PACKAGES;
const agent = new Agent({ keepAlive: true });
let requestId: string | undefined;
let initialized = false;

/** An error of the runtime itself: its type is not the class of the error that was caught. */
class RuntimeError extends Error {
  constructor(
    readonly type: string,
    message: string,
    stack?: string,
  ) {
    super(message);
    if (stack) this.stack = stack;
  }
}

function call(
  method: string,
  path: string,
  body?: string,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }> {
  const [host, port] = api.split(":");
  return new Promise((fulfil, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body ?? "") };
    const sent = request({ host, port, method, path: `/2018-06-01/runtime${path}`, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => fulfil({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function say(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(`${text}\n`);
  for (let written = 0; written < bytes.length; )
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
}

function log(level: string, message: string): void {
  const text = [new Date().toISOString(), requestId ?? "undefined", level, message].join("\t");
  say(1, text.replaceAll("\n", LINE_END).replaceAll(root, ""));
}

for (const [name, level] of Object.entries({
  log: "INFO",
  info: "INFO",
  debug: "DEBUG",
  warn: "WARN",
  error: "ERROR",
  trace: "TRACE",
}))
  Object.assign(console, { [name]: (...parts: unknown[]) => log(level, format(...parts)) });

function describe(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (error instanceof Error || (typeof error === "object" && error !== null && "stack" in error)) {
    const { name, message, stack } = error as Error;
    return {
      errorType: error instanceof RuntimeError ? error.type : (name ?? "Error"),
      errorMessage: String(message ?? ""),
      trace: String(stack ?? "")
        .replaceAll(root, "")
        .split("\n"),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function loadFile(path: string): Promise<Record<string, unknown>> {
  if (path.endsWith(".mjs") || (path.endsWith(".js") && isModule(dirname(path)))) {
    confineModules();
    return import(pathToFileURL(path).href);
  }
  return createRequire(path)(path);
}

/** Whether `.js` files of a folder are ES modules: the nearest package.json says so. */
function isModule(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).type === "module";
    if (at === root || at === dirname(at)) return false;
  }
}

async function loadHandler(): Promise<Handler> {
  const [, folder = "", module = "", path = ""] = /^(.*?)([^/]+?)\.(.+)$/.exec(handlerName) ?? [];
  if (!path) throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  const base = resolve(taskRoot, folder, module);
  const file = ["", ".js", ".mjs", ".cjs"]
    .map((ending) => base + ending)
    .find((name) => name !== base && existsSync(name));
  if (!file)
    throw new RuntimeError(
      "Runtime.ImportModuleError",
      `Error: Cannot find module '${module}'\nRequire stack:\n- /var/runtime/index.mjs`,
    );
  let loaded: unknown;
  try {
    loaded = await loadFile(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error), error.stack);
    const { code, message, stack } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND")
      throw new RuntimeError("Runtime.ImportModuleError", `Error: ${message.replaceAll(root, "")}`, stack);
    throw error;
  }
  // A CommonJS module that was compiled from an ES one may have its exports below `default`.
  const at = (from: unknown) =>
    path.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], from);
  const handler = at(loaded) ?? at((loaded as { default?: unknown }).default);
  if (handler === undefined)
    throw new RuntimeError("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  if (typeof handler !== "function")
    throw new RuntimeError("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  return handler as Handler;
}

/** Runs the handler; resolves with its result once it has one, rejects with what it throws. */
function run(handler: Handler, event: unknown, headers: NodeJS.Dict<string | string[]>): Promise<unknown> {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  return new Promise((fulfil, reject) => {
    let waitsForLoop = true;
    // Nothing is left that could still answer.
    process.once("beforeExit", () => fulfil(null));
    // With a callback the invocation ends when nothing is left to do, unless the handler says otherwise.
    const settle = (error?: unknown, result?: unknown): void => {
      const end = () => (error ? reject(error) : fulfil(result));
      process.removeAllListeners("beforeExit");
      if (waitsForLoop) process.once("beforeExit", end);
      else end();
    };
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waitsForLoop;
      },
      set callbackWaitsForEmptyEventLoop(value: boolean) {
        waitsForLoop = value;
      },
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
      awsRequestId: requestId,
      clientContext: clientContext ? JSON.parse(String(clientContext)) : undefined,
      identity: undefined,
      getRemainingTimeInMillis: () => deadline - Date.now(),
      done: settle,
      fail: (error: unknown) => settle(error ?? "handled"),
      succeed: (result: unknown) => settle(undefined, result),
    };
    const returned = handler(event, context, settle);
    if (typeof (returned as Promise<unknown> | undefined)?.then === "function")
      (returned as Promise<unknown>).then(fulfil, reject);
  });
}

/** Tells that all output of the invocation is on its way. */
function endOfOutput(): void {
  for (const fd of [1, 2] as const) say(fd, `${LINE_END}${LINE_END}${requestId}`);
}

async function serve(handler: Handler): Promise<void> {
  initialized = true;
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    requestId = String(headers["lambda-runtime-aws-request-id"]);
    const traceId = headers["lambda-runtime-trace-id"];
    if (traceId) process.env._X_AMZN_TRACE_ID = String(traceId);
    else delete process.env._X_AMZN_TRACE_ID;
    try {
      const result = (await run(handler, JSON.parse(body), headers)) ?? null;
      const text = JSON.stringify(result) ?? "null";
      endOfOutput();
      await call("POST", `/invocation/${requestId}/response`, text);
    } catch (error) {
      const described = describe(error);
      log("ERROR", `Invoke Error \t${JSON.stringify({ ...described, stack: described.trace })}`);
      endOfOutput();
      await call("POST", `/invocation/${requestId}/error`, JSON.stringify(described));
    } finally {
      process.removeAllListeners("beforeExit");
    }
    requestId = undefined;
  }
}

/** What nobody catches ends the runtime, and with it the invocation. */
async function die(type: string, error: unknown): Promise<never> {
  const described = describe(error);
  const { errorMessage, trace } = described;
  log("ERROR", `Uncaught Exception \t${JSON.stringify({ errorType: type, errorMessage, stack: trace })}`);
  const shown = JSON.stringify(
    type === "Runtime.UnhandledPromiseRejection" ? { errorType: type, errorMessage, trace } : described,
  );
  if (requestId) {
    endOfOutput();
    await call("POST", `/invocation/${requestId}/error`, shown);
  } else if (!initialized) await call("POST", "/init/error", shown);
  process.exit(129);
}

process.on("uncaughtException", (error) => void die(describe(error).errorType, error));
process.on("unhandledRejection", (reason) => void die("Runtime.UnhandledPromiseRejection", reason));

loadHandler().then(serve, (error) => die(describe(error).errorType, error));
