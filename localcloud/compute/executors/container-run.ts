// One container in a container engine, from its image to its removal.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ProcessRegistry } from "../../server/registry.js";
import { type ImageStore, PullError } from "../images/image.js";
import { type ContainerEngine, type EngineError, runEngine, settingOptions } from "./engine.js";
import type { EngineImages } from "./engine-images.js";
import type { ContainerExit, ContainerSpec, RunningContainer } from "./executor.js";
import { LineSplitter } from "./lines.js";
import { CreateError, OUT_OF_MEMORY, StartError, StoppedError } from "./reasons.js";

const GRACE_SECONDS = 30;

/** Variables that the engine's own CLI reads: in a container's environment they must not reach the CLI's. */
const OF_THE_CLI =
  /^(PATH|HOME|USER|TMPDIR|LD_.*|DOCKER_.*|CONTAINER.*|CONTAINERS_.*|BUILDAH_.*|PODMAN_.*|XDG_.*|HTTPS?_PROXY|NO_PROXY|SSL_.*)$/i;

/** Label that tells whose a container is: the cloud process, as `<pid>/<start>`. */
export const OWNER_LABEL = "io.crucible.owner";

/** What the containers of an executor share. */
export interface ContainerHost {
  engine: ContainerEngine;
  images: ImageStore;
  imports: EngineImages;
  processes: ProcessRegistry;
  owner: string;
  cpus: number;
  log(message: string): void;
}

export class EngineContainer implements RunningContainer {
  readonly pulled: Promise<{ digest: string; at: Date }>;
  readonly started: Promise<Date>;
  readonly exited: Promise<ContainerExit>;
  readonly #spec: ContainerSpec;
  readonly #host: ContainerHost;
  /** The engine's id of the container, once it is created. */
  #id: string | undefined;
  #stopping = false;
  #graceSeconds = GRACE_SECONDS;
  #announcePull: { resolve(image: { digest: string; at: Date }): void; reject(error: Error): void } = {
    resolve: () => {},
    reject: () => {},
  };
  #announce: { resolve(at: Date): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} };

  constructor(spec: ContainerSpec, host: ContainerHost) {
    this.#spec = spec;
    this.#host = host;
    this.pulled = new Promise((resolve, reject) => {
      this.#announcePull = { resolve, reject };
    });
    this.pulled.catch(() => {});
    this.started = new Promise((resolve, reject) => {
      this.#announce = { resolve, reject };
    });
    this.started.catch(() => {});
    this.exited = this.#live();
  }

  async stop(graceSeconds = GRACE_SECONDS): Promise<void> {
    this.#stopping = true;
    this.#graceSeconds = graceSeconds;
    if (this.#id)
      await runEngine(this.#host.engine, ["stop", "--time", String(Math.ceil(graceSeconds)), this.#id]).catch(
        (error: Error) => this.#host.log(`container ${this.#spec.id}: stop: ${error.message}`),
      );
    await this.exited;
  }

  async exec(command: readonly string[], timeoutSeconds: number): Promise<number> {
    const id = this.#id;
    if (!id) throw new Error(`container ${this.#spec.id} is not running`);
    const child = spawn(this.#host.engine.command, ["exec", id, ...command], { stdio: "ignore" });
    let expired = false;
    const patience = setTimeout(() => {
      expired = true;
      child.kill("SIGKILL");
    }, timeoutSeconds * 1000);
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", resolve);
      });
      return expired ? 137 : (code ?? 137);
    } finally {
      clearTimeout(patience);
    }
  }

  async #live(): Promise<ContainerExit> {
    try {
      const image = await this.#image();
      this.#announcePull.resolve({ digest: image.digest, at: new Date() });
      if (this.#stopping) throw new StoppedError();
      this.#id = await this.#create(image.id);
      if (this.#stopping) throw new StoppedError();
      return await this.#follow(this.#id);
    } catch (error) {
      this.#announcePull.reject(error as Error);
      this.#announce.reject(error as Error);
      const exit = { reason: (error as Error).message, stoppedAt: new Date() };
      return error instanceof StartError ? { ...exit, exitCode: error.exitCode } : exit;
    } finally {
      if (this.#id)
        await runEngine(this.#host.engine, ["rm", "--force", this.#id]).catch((error: Error) =>
          this.#host.log(`container ${this.#spec.id}: rm: ${error.message}`),
        );
    }
  }

  /** The engine's name of the image, and its digest as far as a registry of the cloud has it. */
  async #image(): Promise<{ id: string; digest: string }> {
    try {
      const image = await this.#host.images.resolve(this.#spec);
      return { id: await this.#host.imports.import(image), digest: image.digest };
    } catch (error) {
      if (!(error instanceof PullError && error.elsewhere)) throw error;
      return { id: await this.#host.imports.pull(this.#spec.image), digest: "" };
    }
  }

  async #create(image: string): Promise<string> {
    const { environment, memoryMiB, vcpus, mounts = [], command = [], workingDirectory } = this.#spec;
    const [entrypoint, ...first] = this.#spec.entrypoint ?? [];
    // By name only, so that values, which may be secrets, are in no process list; the CLI takes them from its own environment.
    const passed = Object.entries(environment).filter(([name]) => !OF_THE_CLI.test(name));
    const told = Object.entries(environment).filter(([name]) => OF_THE_CLI.test(name));
    const args = [
      "create",
      "--label",
      `${OWNER_LABEL}=${this.#host.owner}`,
      "--network",
      "host",
      ...settingOptions(this.#host.engine, this.#spec.settings),
      "--memory",
      `${memoryMiB}m`,
      "--memory-swap",
      `${memoryMiB}m`,
      "--cpu-shares",
      String(Math.max(2, Math.round(vcpus * 1024))),
      "--log-driver",
      "json-file",
      ...passed.flatMap(([name]) => ["--env", name]),
      ...told.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...mounts.flatMap((mount) => ["--volume", `${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`]),
      // The engines agree on an entry point of one word only; the rest of it comes before the command.
      ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
      ...(workingDirectory === undefined ? [] : ["--workdir", workingDirectory]),
      image,
      ...first,
      ...command,
    ];
    try {
      const { stdout } = await runEngine(this.#host.engine, args, {
        env: { ...process.env, ...Object.fromEntries(passed) },
      });
      return stdout.trim().split("\n").at(-1) ?? "";
    } catch (cause) {
      throw new CreateError((cause as Error).message);
    }
  }

  async #follow(id: string): Promise<ContainerExit> {
    const { engine, processes, log } = this.#host;
    try {
      await runEngine(engine, ["start", id]);
    } catch (cause) {
      throw startError((cause as EngineError).message);
    }
    const startedAt = new Date();
    this.#announce.resolve(startedAt);
    // A stop that came while it was starting had nothing to stop.
    if (this.#stopping) void this.stop(this.#graceSeconds);
    const group = await this.#processGroup(id);
    if (group !== undefined) processes.register(group);
    try {
      await Promise.all([this.#followLogs(id), runEngine(engine, ["wait", id])]);
      const stoppedAt = new Date();
      const state = await runEngine(engine, ["inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", id]);
      const [code, killed] = state.stdout.trim().split(" ");
      const exitCode = Number(code);
      // Not every engine sees the kernel's kill. Nothing inside of a container can kill its first process, so a kill that
      // nobody asked for was the kernel's.
      const outOfMemory = killed === "true" || (exitCode === 137 && !this.#stopping);
      return { exitCode, startedAt, stoppedAt, ...(outOfMemory ? { reason: OUT_OF_MEMORY } : {}) };
    } catch (error) {
      log(`container ${this.#spec.id}: ${(error as Error).message}`);
      return { reason: (error as Error).message, startedAt, stoppedAt: new Date() };
    } finally {
      if (group !== undefined) processes.unregister(group);
    }
  }

  /**
   * The container's process group on this machine, for who kills what a dead cloud leaves. Undefined when it is gone already,
   * or runs in a virtual machine, where the engine's process ids mean nothing here: the kernel's own record has to agree.
   */
  async #processGroup(id: string): Promise<number | undefined> {
    if (process.platform !== "linux") return undefined;
    const inspected = await runEngine(this.#host.engine, ["inspect", "--format", "{{.State.Pid}}", id]).catch(
      () => undefined,
    );
    const pid = Number(inspected?.stdout.trim());
    if (!(pid > 0)) return undefined;
    try {
      const inContainer = readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id.slice(0, 12));
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
      return inContainer && group === pid ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Hands on the output line by line; resolves when it has ended. */
  #followLogs(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const { command } = this.#host.engine;
      const child = spawn(command, ["logs", "--follow", id], { stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr]) {
        const splitter = new LineSplitter((line) => this.#spec.onLine(line, new Date()));
        stream.on("data", (chunk: Buffer) => splitter.write(chunk));
        stream.on("close", () => splitter.end());
      }
      child.on("error", reject);
      child.on("close", () => resolve());
    });
  }
}

/** A runtime's message, as AWS wraps it; the exit codes are those of a shell. */
function startError(message: string): Error {
  if (/executable file not found|no such file or directory/.test(message)) return new StartError(message, 127);
  if (/exec: .*permission denied/.test(message)) return new StartError(message, 126);
  return new CreateError(message);
}
