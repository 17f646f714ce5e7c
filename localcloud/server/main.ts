// The cloud process: compute plane, ministack and reaper. Its one argument is its options as JSON; it prints one line of
// JSON, its address or the reason why there is none, and lives until its parent ends, or until SIGTERM when detached.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { launchMinistack } from "./ministack.js";
import type { CloudRecord, ProcessOptions } from "./options.js";
import { projectPython } from "./paths.js";
import { startOf } from "./processes.js";
import { startReaper } from "./registry.js";

/** Services get this long to end what they run before the reaper kills it. */
const CLOSE_SECONDS = 10;

// Written by `launchCloud` and checked below, once ministack is on its way: loading the checks takes a tenth of a second.
const options = JSON.parse(process.argv[2] ?? "{}") as ProcessOptions;
const log = (message: string) => process.stderr.write(`${new Date().toISOString()} ${message}\n`);

function announce(message: CloudRecord | { error: string }): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function run(): Promise<void> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const token = randomBytes(24).toString("hex");
  const python = projectPython();
  const reaper = startReaper(python);
  const ministack = launchMinistack(python, options.port, options.dataDir);
  reaper.register(ministack.pid);

  // Whoever waits at the other end of standard input is the parent. When it is gone nobody is left to wait for a tidy end:
  // this process ends at once, and the reaper kills the rest.
  if (options.lifetime === "parent") {
    process.stdin.on("end", () => process.exit(0));
    process.stdin.on("error", () => process.exit(0));
    process.stdin.resume();
  }

  const { CloudRecord, ProcessOptions } = await import("./options.js");
  ProcessOptions.parse(options);
  const { openComputePlane } = await import("../compute/plane.js");
  const plane = await openComputePlane(token);
  // Loading the services and their SDK clients takes longer than ministack's start. The cloud does not wait for it, the
  // first request to one of them does.
  const loading = import("../compute/services.js");
  const { SERVICE_NAMES } = await import("../compute/service-names.js");
  const { computeContext } = await import("../compute/context.js");
  const port = await ministack.configure({ services: [...SERVICE_NAMES], computeUrl: plane.url, token });

  const endpoint = `http://127.0.0.1:${port}`;
  const context = computeContext({ endpoint, computeUrl: plane.url, token, dataDir: options.dataDir }, log);
  const services = loading.then(({ createServices }) =>
    createServices(context, { executor: options.executor, registry: reaper }),
  );
  // Before they are built nothing runs that would have to be ended.
  let built: Awaited<typeof services> | undefined;
  plane.attach(
    services.then((ready) => {
      built = ready;
      return { ...ready, credentials: context.credentials };
    }),
  );

  let ending = false;
  let owner: { close(): void } | undefined;
  async function end(reason: string, code: number): Promise<void> {
    if (ending) return;
    ending = true;
    log(`ending: ${reason}`);
    owner?.close();
    const closed = built?.close().catch((error: unknown) => log(`services: ${error}`));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_SECONDS * 1000).unref())]);
    await ministack.stop();
    reaper.unregister(ministack.pid);
    await reaper.close();
    process.exit(code);
  }
  process.on("SIGTERM", () => void end("SIGTERM", 0));
  process.on("SIGINT", () => void end("SIGINT", 0));
  void ministack.ended.then((how) => end(`${how}; see ${options.dataDir}/ministack.log`, 1));

  // Whether there is a container engine is part of starting; everything else that can go wrong there is a defect.
  if (options.executor === "container") await services;
  services.catch((error: unknown) => end(`services: ${error}`, 1));

  const record: CloudRecord = {
    pid: process.pid,
    processStartedAt: startOf(process.pid),
    endpoint,
    computeUrl: plane.url,
    token,
    dataDir: options.dataDir,
    startedAt: new Date().toISOString(),
  };
  if (options.background) {
    const { ownEnvironments } = await import("./owner.js");
    owner = ownEnvironments({ ...options.background, record, registry: reaper, log, end: (reason) => end(reason, 0) });
  }
  announce(CloudRecord.parse(record));
}

run().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  log(`not started: ${error instanceof Error ? error.stack : message}`);
  announce({ error: message });
  // The reaper kills what was started.
  process.exit(1);
});
