// One container that runs as a process group: from its image to the last line of its output.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ProcessRegistry } from "../../server/registry.js";
import { type ImageConfig, type ImageStore, PullError } from "../images/image.js";
import { commandLine, findProgram } from "./command.js";
import { containerEnvironment } from "./environment.js";
import type { ContainerExit, ContainerSpec, RunningContainer } from "./executor.js";
import { LineSplitter } from "./lines.js";
import type { PipeMaker } from "./pipes.js";
import { CreateError, OUT_OF_MEMORY, StartError, StoppedError } from "./reasons.js";
import { type Supervisor, signal, type Watched } from "./supervisor.js";
import { type ContainerView, createView } from "./view.js";

/** AWS Batch and ECS give a container so many seconds between SIGTERM and SIGKILL. */
const GRACE_SECONDS = 30;

/** Below the cloud that supervises it, which has to stay responsive whatever the jobs do. */
const NICENESS = 5;

/** How long output may still come from a process that could not be killed. */
const DRAIN_MS = 2_000;

interface PulledImage {
  digest: string;
  config: ImageConfig;
  /** Shared by all containers of the image. */
  folder: string;
}

/** What the containers of an executor share. */
export interface ProcessHost {
  images: ImageStore;
  supervisor: Supervisor;
  processes: ProcessRegistry;
  /** Absent where named pipes are no use; the output then goes through sockets. */
  pipes: PipeMaker | undefined;
  /** First in every container's PATH. */
  runtimeFolders: string[];
  cpus: number;
  /** The most that a container gets, MiB. */
  memoryMiB: number;
  log(message: string): void;
}

export class ProcessContainer implements RunningContainer {
  readonly pulled: Promise<{ digest: string; at: Date }>;
  readonly started: Promise<Date>;
  readonly exited: Promise<ContainerExit>;
  readonly #spec: ContainerSpec;
  readonly #host: ProcessHost;
  readonly #home: string;
  #child: ChildProcess | undefined;
  #watched: Watched | undefined;
  #outOfMemory = false;
  #stopping = false;
  readonly #stopRequested: Promise<void>;
  #requestStop: () => void = () => {};
  #announce: { resolve(at: Date): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} };
  #announcePull: { resolve(image: { digest: string; at: Date }): void; reject(error: Error): void } = {
    resolve: () => {},
    reject: () => {},
  };
  /** What a command in the container starts from; there as long as the container's own process runs. */
  #inside: { view: ContainerView; environment: Record<string, string> } | undefined;

  constructor(spec: ContainerSpec, host: ProcessHost, home: string) {
    this.#spec = spec;
    this.#host = host;
    this.#home = home;
    this.#stopRequested = new Promise((resolve) => {
      this.#requestStop = resolve;
    });
    this.pulled = new Promise((resolve, reject) => {
      this.#announcePull = { resolve, reject };
    });
    this.pulled.catch(() => {});
    this.started = new Promise((resolve, reject) => {
      this.#announce = { resolve, reject };
    });
    // Whoever only waits for the exit learns the reason there.
    this.started.catch(() => {});
    this.exited = this.#live();
  }

  get peakMemoryMiB(): number | undefined {
    return this.#watched?.peakMiB;
  }

  get memoryBytes(): number | undefined {
    return this.#watched?.usedBytes;
  }

  async exec(command: readonly string[], timeoutSeconds: number): Promise<number> {
    const inside = this.#inside;
    if (!inside) throw new Error(`container ${this.#spec.id} is not running`);
    const { view, environment } = inside;
    const line = commandLine({ entrypoint: [], command: [] }, command);
    const program = findProgram(line, view, this.#host.runtimeFolders, environment.PATH ?? "");
    const options = { cwd: view.workingFolder, env: environment, detached: true, stdio: "ignore" } as const;
    const child = spawn(program.file, program.args, options);
    const { pid } = child;
    if (pid === undefined)
      throw await new Promise<Error>((resolve) =>
        child.once("error", (error) => resolve(new StartError(`exec: "${line[0]}": ${error.message}`, 126))),
      );
    this.#host.processes.register(pid);
    const patience = setTimeout(() => signal(-pid, "SIGKILL"), timeoutSeconds * 1000);
    try {
      return await new Promise((resolve) => child.once("exit", (code, name) => resolve(exitCode(code, name))));
    } finally {
      clearTimeout(patience);
      this.#host.processes.unregister(pid);
    }
  }

  async stop(graceSeconds = GRACE_SECONDS): Promise<void> {
    this.#stopping = true;
    this.#requestStop();
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      if (graceSeconds > 0) {
        // To the container's own process only, as container runtimes do; what it started ends with it.
        signal(child.pid, "SIGTERM");
        const patience = new AbortController();
        await Promise.race([
          this.exited,
          delay(graceSeconds * 1000, undefined, { signal: patience.signal }).catch(() => {}),
        ]);
        patience.abort();
      }
      if (child.exitCode === null && child.signalCode === null) signal(-child.pid, "SIGKILL");
    }
    await this.exited;
  }

  async #live(): Promise<ContainerExit> {
    let exit: ContainerExit;
    try {
      const root = await this.#pull();
      exit = root ? await this.#runIn(root) : this.#neverStarted(new StoppedError());
    } catch (error) {
      exit = this.#neverStarted(error as Error);
    }
    try {
      await rm(this.#home, { recursive: true, force: true });
    } catch (error) {
      this.#host.log(`container ${this.#spec.id}: could not remove ${this.#home}: ${(error as Error).message}`);
    }
    return exit;
  }

  /** The image, or undefined when the container is stopped while it is pulled. */
  async #pull(): Promise<PulledImage | undefined> {
    const pulling = (async () => {
      const image = await this.#host.images.resolve(this.#spec);
      return { digest: image.digest, config: image.config, folder: await image.root() };
    })();
    const pulled = await Promise.race([pulling, this.#stopRequested]);
    // A pull goes on for the cache's sake; that it fails interests nobody any more.
    pulling.catch(() => {});
    if (this.#stopping || !pulled) return undefined;
    this.#announcePull.resolve({ digest: pulled.digest, at: new Date() });
    return pulled;
  }

  async #runIn(image: PulledImage): Promise<ContainerExit> {
    const { mounts = [], command, entrypoint, group } = this.#spec;
    const line = commandLine(image.config, command, entrypoint);
    const workingDirectory = this.#spec.workingDirectory ?? image.config.workingDirectory;
    const view = createView(this.#home, image.folder, workingDirectory, mounts);
    const environment = this.#environment(view, image.config.environment);
    const program = findProgram(line, view, this.#host.runtimeFolders, environment.PATH ?? "");
    const pipes = await this.#host.pipes?.pair();
    let child: ChildProcess;
    try {
      if (this.#stopping) throw new StoppedError();
      child = spawn(program.file, program.args, {
        cwd: view.workingFolder,
        env: environment,
        detached: true,
        stdio: ["ignore", pipes?.[0].writeFd ?? "pipe", pipes?.[1].writeFd ?? "pipe"],
      });
    } catch (error) {
      for (const { reader } of pipes ?? []) reader.destroy();
      throw error;
    } finally {
      for (const { writeFd } of pipes ?? []) closeSync(writeFd);
    }
    const output =
      pipes?.map(({ reader }) => reader) ?? [child.stdout, child.stderr].filter((stream) => stream !== null);
    const { pid } = child;
    if (pid === undefined) {
      for (const stream of output) stream.destroy();
      throw await new Promise<Error>((resolve) =>
        child.once("error", (error) => resolve(new StartError(`exec: "${line[0]}": ${error.message}`, 126))),
      );
    }
    this.#host.processes.register(pid);
    this.#child = child;
    const ended = new Promise<{ exitCode: number; stoppedAt: Date }>((resolve) =>
      child.once("exit", (code, name) => resolve({ exitCode: exitCode(code, name), stoppedAt: new Date() })),
    );
    const drained = this.#follow(output);
    const limits = {
      bytes: this.#memoryMiB * 2 ** 20,
      group: group && { id: group.id, bytes: Math.min(group.memoryMiB, this.#host.memoryMiB) * 2 ** 20 },
    };
    const watched = this.#host.supervisor.watch(pid, this.#home, limits, () => {
      this.#outOfMemory = true;
      signal(-pid, "SIGKILL");
    });
    this.#watched = watched;
    this.#inside = { view, environment };
    lowerPriority(pid);
    const startedAt = new Date();
    this.#announce.resolve(startedAt);

    const { exitCode: code, stoppedAt } = await ended;
    this.#inside = undefined;
    try {
      await watched.destroy();
    } catch (error) {
      this.#host.log(`container ${this.#spec.id}: ${(error as Error).message}`);
    }
    watched.release();
    this.#host.processes.unregister(pid);
    await this.#drain(output, drained);
    const peakMemoryMiB = watched.peakMiB;
    return this.#outOfMemory
      ? { exitCode: 137, reason: OUT_OF_MEMORY, startedAt, stoppedAt, peakMemoryMiB }
      : { exitCode: code, startedAt, stoppedAt, peakMemoryMiB };
  }

  /** What it was promised, as far as the machine has it. */
  get #memoryMiB(): number {
    return Math.min(this.#spec.memoryMiB, this.#host.memoryMiB);
  }

  #environment(view: ContainerView, image: Record<string, string>): Record<string, string> {
    const { environment, vcpus } = this.#spec;
    return containerEnvironment({
      image,
      container: Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [name, view.translateMounted(value)]),
      ),
      runtimeFolders: this.#host.runtimeFolders,
      home: view.home,
      temporary: view.temporary,
      memoryMiB: this.#memoryMiB,
      vcpus,
      cpus: this.#host.cpus,
    });
  }

  /** Output becomes lines as it comes; resolves at the end of all of it. */
  async #follow(output: readonly Readable[]): Promise<void> {
    await Promise.all(
      output.map(
        (stream) =>
          new Promise<void>((resolve) => {
            const splitter = new LineSplitter((line) => this.#spec.onLine(line, new Date()));
            stream.on("data", (chunk: Buffer) => splitter.write(chunk));
            stream.on("error", () => {});
            stream.on("close", () => {
              splitter.end();
              resolve();
            });
          }),
      ),
    );
  }

  /** Waits for the end of the output; a process that does not end may hold it open for ever. */
  async #drain(output: readonly Readable[], drained: Promise<void>): Promise<void> {
    const patience = setTimeout(() => {
      for (const stream of output) stream.destroy();
    }, DRAIN_MS);
    await drained;
    clearTimeout(patience);
  }

  #neverStarted(error: Error): ContainerExit {
    const stoppedAt = new Date();
    this.#announcePull.reject(error);
    this.#announce.reject(error);
    const exit = { reason: error.message, stoppedAt };
    if (error instanceof StartError) return { ...exit, exitCode: error.exitCode };
    const foreseen = error instanceof CreateError || error instanceof StoppedError || error instanceof PullError;
    if (!foreseen) this.#host.log(`container ${this.#spec.id}: ${error.stack ?? error.message}`);
    return exit;
  }
}

/** As a shell and a container runtime count: 128 and the signal's number for a process that a signal ended. */
function exitCode(code: number | null, name: NodeJS.Signals | null): number {
  return code ?? 128 + (name ? constants.signals[name] : 0);
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It may be gone already, or the user may not: it runs all the same.
  }
}
