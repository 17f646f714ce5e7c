// The worker process of one environment: runs the engine with the program inside this process, and serves the provider to it.
// A process of its own because inline programs that share one process hang or fail each other.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProviderServer } from "../../localcloud/provider/server.js";
import { startProviderThread } from "../../localcloud/provider/threaded.js";
import { findEngine } from "../engine/engine.js";
import { messageOf } from "../errors.js";
import { type FromWorker, type Operation, ToWorker, type WorkerPlace, type WorkerSpec } from "./protocol.js";
import type { Session } from "./session.js";
import { withSourcePositions } from "./source-positions.js";
import { prepareStack } from "./stack-files.js";
import { deferUnusedModules } from "./unused.js";

/** How long an engine may take to save its state when the driver is gone. */
const LAST_MS = 15_000;

/** How long the provider may take to close. */
const CLOSE_MS = 5_000;

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

const thread = startProviderThread();
let located: (place: WorkerPlace) => void = () => {};
const place = new Promise<WorkerPlace>((resolve) => {
  located = resolve;
});
let session: Session | undefined;
let providers: ProviderServer | undefined;
let queue: Promise<void> = Promise.resolve();
let preload = async (): Promise<void> => {};
let cancel = new AbortController();

/** What a module of a program exports. */
interface Program {
  program(): Promise<Record<string, unknown>>;
  /** Loads what deploying these units needs, ahead of time. */
  preload?(units?: string[]): Promise<unknown>;
}

/** The SDK, the program, the stack and the provider get ready side by side, while the cloud does. */
async function start(spec: WorkerSpec): Promise<void> {
  deferUnusedModules();
  const engine = findEngine();
  const [{ command, path, version }, served, module, { openSession }] = await Promise.all([
    engine,
    place.then(serve),
    import(spec.program) as Promise<Program>,
    import("./session.js"),
    engine.then((found) => prepareStack(spec, found.path)),
  ]);
  providers = served;
  session = await openSession(spec, {
    command,
    path,
    program: module.program,
    ...(served && { debugProviders: served.debugProviders }),
  });
  preload = async () => void (await module.preload?.(spec.config["crucible:units"] as string[] | undefined));
  send({ type: "ready", engine: version });
}

async function serve({ environment, provider }: WorkerPlace): Promise<ProviderServer | undefined> {
  Object.assign(process.env, environment);
  if (!provider) {
    thread.discard();
    return undefined;
  }
  const { serveAwsx, together } = await import("../../localcloud/provider/server.js");
  return together(await Promise.all([thread.serve(provider), serveAwsx()]));
}

async function perform(id: number, operation: Operation): Promise<void> {
  if (!session) throw new Error("The worker was not started.");
  // While the engine starts, what it will ask for is loaded; a failure of that shows on first use.
  if (operation === "up" || operation === "preview") setImmediate(() => preload().catch(() => {}));
  const result = await session.perform(operation, cancel.signal, (progress) =>
    send({ type: "progress", id, progress }),
  );
  send({ type: "result", id, result });
}

function failed(id: number | null, error: unknown): void {
  const stack = error instanceof Error && error.stack !== undefined ? withSourcePositions(error.stack) : undefined;
  send({
    type: "error",
    id,
    name: error instanceof Error ? error.name : "Error",
    message: withSourcePositions(messageOf(error)),
    ...(stack && { stack }),
  });
}

async function end(): Promise<void> {
  await queue;
  // All is done and saved: a provider that does not close is not waited for.
  await Promise.race([providers?.close(), sleep(CLOSE_MS)]);
  if (process.connected) process.disconnect();
  process.exit(0);
}

process.on("message", (raw) => {
  const message = ToWorker.parse(raw);
  switch (message.type) {
    case "start":
      queue = start(message.spec).catch((error: unknown) => failed(null, error));
      break;
    case "place":
      located(message.place);
      break;
    case "do":
      queue = queue
        .then(() => perform(message.id, message.operation))
        .catch((error: unknown) => failed(message.id, error));
      break;
    case "cancel":
      cancel.abort();
      cancel = new AbortController();
      break;
    case "end":
      void end();
      break;
  }
});

// The driver is gone, perhaps killed: the engine ends what is in flight and saves its state; a sweep does the rest.
function orphaned(): void {
  // Nothing was deployed yet, and what this waits for may never come.
  if (!session) process.kill(-process.pid, "SIGKILL");
  cancel.abort();
  const last = setTimeout(() => process.kill(-process.pid, "SIGKILL"), LAST_MS);
  void queue.finally(() => {
    clearTimeout(last);
    process.exit(0);
  });
}
process.once("disconnect", orphaned);
// It may have gone while this module was loading: then the event has been, and nobody heard it.
if (!process.connected) orphaned();
// An interrupt at the terminal is the driver's to answer.
process.on("SIGINT", () => {});
await once(process, "disconnect");
