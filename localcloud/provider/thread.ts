// The thread in which the provider `aws` is served beside a program in the same process: told its options once, it answers with its port.
import { parentPort } from "node:worker_threads";
import { allServices } from "./registry.js";
import { type ProviderOptions, type ProviderServer, serveAws } from "./server.js";
import type { FromThread, ToThread } from "./threaded.js";

const port = parentPort;
if (!port) throw new Error("thread.js is the provider's thread and does nothing on its own");
let server: ProviderServer | undefined;

async function serve(options: ProviderOptions): Promise<FromThread> {
  server = await serveAws(options);
  // What the program will ask for is loaded while the engine starts; a failure shows on first use.
  setImmediate(() => allServices().catch(() => {}));
  return { debugProviders: server.debugProviders };
}

port.on("message", (message: ToThread) => {
  if (message.type === "close") return void (server?.close() ?? Promise.resolve()).finally(() => process.exit(0));
  serve(message.options).then(
    (answer) => port.postMessage(answer),
    (error: unknown) => port.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
