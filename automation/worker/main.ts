// The worker process of one environment: runs the engine with the program inside this process, and serves the provider to it.
// A process of its own because inline programs that share one process hang or fail each other.
import { once } from "node:events";
import { LocalWorkspace } from "@pulumi/pulumi/automation/localWorkspace.js";
import { Stack } from "@pulumi/pulumi/automation/stack.js";
import { allServices } from "../../localcloud/provider/registry.js";
import { type ProviderServer, serveProviders } from "../../localcloud/provider/server.js";
import { findEngine } from "../engine/engine.js";
import { messageOf } from "../errors.js";
import { type FromWorker, type Operation, ToWorker, type WorkerSpec } from "./protocol.js";
import { createSession, type Session } from "./session.js";

/** How long an engine may take to save its state when the driver is gone. */
const LAST_MS = 15_000;

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

let session: Session | undefined;
let providers: ProviderServer | undefined;
let queue: Promise<void> = Promise.resolve();
let cancel = new AbortController();

async function start(spec: WorkerSpec): Promise<void> {
  const [engine, served, { program }] = await Promise.all([
    findEngine(),
    spec.provider ? serveProviders(spec.provider) : undefined,
    import(spec.program) as Promise<{ program: () => Promise<Record<string, unknown>> }>,
  ]);
  providers = served;
  const creating = createSession(spec, {
    command: engine.command,
    path: engine.path,
    program,
    ...(served && { debugProviders: served.debugProviders }),
    LocalWorkspace,
    Stack,
  });
  // The engine's commands run in processes of their own. What deploying needs is loaded meanwhile; a failure shows on first use.
  if (served) allServices().catch(() => {});
  session = await creating;
  send({ type: "ready", engine: engine.version });
}

async function perform(id: number, operation: Operation): Promise<void> {
  if (!session) throw new Error("The worker was not started.");
  const result = await session.perform(operation, cancel.signal, (progress) =>
    send({ type: "progress", id, progress }),
  );
  send({ type: "result", id, result });
}

function failed(id: number | null, error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  send({
    type: "error",
    id,
    name: error instanceof Error ? error.name : "Error",
    message: messageOf(error),
    ...(stack && { stack }),
  });
}

async function end(): Promise<void> {
  await queue;
  await providers?.close();
  if (process.connected) process.disconnect();
  process.exit(0);
}

process.on("message", (raw) => {
  const message = ToWorker.parse(raw);
  switch (message.type) {
    case "start":
      queue = start(message.spec).catch((error: unknown) => failed(null, error));
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
process.once("disconnect", () => {
  cancel.abort();
  const last = setTimeout(() => process.kill(-process.pid, "SIGKILL"), LAST_MS);
  void queue.finally(() => {
    clearTimeout(last);
    process.exit(0);
  });
});
// An interrupt at the terminal is the driver's to answer.
process.on("SIGINT", () => {});
await once(process, "disconnect");
