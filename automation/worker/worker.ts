// The driver's end of a worker process: starts it, asks it for operations one after the other, and sees to it that it ends.
import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startOf } from "../../localcloud/server/processes.js";
import { CrucibleError } from "../errors.js";
import {
  type EngineProgress,
  FromWorker,
  type Operation,
  type ResultOf,
  Results,
  type ToWorker,
  type WorkerPlace,
  type WorkerSpec,
} from "./protocol.js";

export interface WorkerOptions {
  spec: WorkerSpec;
  /** Where the stack is deployed to. The worker gets ready meanwhile; it is killed when this rejects. */
  place: Promise<WorkerPlace>;
  /** The environment of the process, but for what `place` adds. */
  environment: Record<string, string>;
  /** File that takes what the process prints. */
  logPath: string;
}

export interface Worker {
  readonly pid: number;
  /** Start of the process, see `Process` of the journal. */
  readonly startedAt: string | null;
  /** Version of the Pulumi CLI, once the worker is ready. */
  readonly engine: Promise<string>;
  /**
   * @param onProgress hears the engine's events as they come
   * @throws EngineError with what the engine complained about
   */
  perform<O extends Operation>(operation: O, onProgress?: (progress: EngineProgress) => void): Promise<ResultOf<O>>;
  /** Interrupts what runs; the operation rejects once the engine has saved its state. */
  cancel(): void;
  /** Ends the process after what it is doing. Resolves when it is gone. */
  end(): Promise<void>;
  /** Ends it at once, the engine too. */
  kill(): void;
}

/** The engine refused or failed. */
export class EngineError extends CrucibleError {
  override name = "EngineError";
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  onProgress(progress: EngineProgress): void;
}

/** Every module's format is known from its package: Node need not parse CommonJS files to see whether they are something else. */
const formatFlags = process.allowedNodeEnvironmentFlags.has("--experimental-detect-module")
  ? ["--no-experimental-detect-module"]
  : [];

/** Half of the room for young objects, most of which die at once: less time for collecting them. */
const SEMI_SPACE_MIB = 32;

/** Starts the worker; the first operation waits until it is ready. */
export function startWorker({ spec, place, environment, logPath }: WorkerOptions): Worker {
  const log = openSync(logPath, "a", 0o600);
  const child: ChildProcess = fork(fileURLToPath(new URL("main.js", import.meta.url)), [], {
    // A group of its own: an interrupt at the terminal reaches the driver alone, and the whole group can be killed.
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    env: environment,
    execArgv: [...formatFlags, `--min-semi-space-size=${SEMI_SPACE_MIB}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`],
  });
  closeSync(log);
  const pid = child.pid ?? 0;
  const pending = new Map<number, Pending>();
  const ready = deferred<string>();
  let last = 0;
  let ending = false;

  const gone = new Promise<void>((resolve) => {
    child.once("error", (error) => lost(`could not be started: ${error.message}`, resolve));
    child.once("exit", (code, signal) => lost(`ended with ${signal ?? `exit code ${code}`}`, resolve));
  });
  function lost(how: string, resolve: () => void): void {
    const error = new EngineError(`The worker of environment ${spec.stack} ${how}; its output is in ${logPath}.`);
    ready.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    resolve();
  }

  child.on("message", (raw) => {
    const message = FromWorker.parse(raw);
    switch (message.type) {
      case "ready":
        return ready.resolve(message.engine);
      case "progress":
        return pending.get(message.id)?.onProgress(message.progress);
      case "result":
        pending.get(message.id)?.resolve(message.result);
        return void pending.delete(message.id);
      case "error": {
        const error = new EngineError(message.message);
        if (message.stack) error.stack = message.stack;
        if (message.id === null) return ready.reject(error);
        pending.get(message.id)?.reject(error);
        return void pending.delete(message.id);
      }
    }
  });

  const tell = (message: ToWorker): void => {
    if (child.connected) child.send(message);
  };
  tell({ type: "start", spec });

  const worker: Worker = {
    pid,
    startedAt: startOf(pid),
    engine: ready.promise,
    async perform(operation, onProgress = () => {}) {
      await ready.promise;
      if (!child.connected || ending) throw new EngineError(`The worker of environment ${spec.stack} has ended.`);
      last += 1;
      const id = last;
      const result = await new Promise<unknown>((resolve, reject) => {
        pending.set(id, { resolve, reject, onProgress });
        tell({ type: "do", id, operation });
      });
      return Results[operation].parse(result) as ResultOf<typeof operation>;
    },
    cancel: () => tell({ type: "cancel" }),
    async end() {
      if (!ending) {
        ending = true;
        tell({ type: "end" });
      }
      await gone;
    },
    kill() {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
    },
  };
  place.then(
    (known) => tell({ type: "place", place: known }),
    () => worker.kill(),
  );
  return worker;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  // Nobody may be waiting yet.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
