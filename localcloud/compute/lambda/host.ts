// Runs functions: finds each invocation an execution environment that is warm, or makes one.
import { join } from "node:path";
import type { Executor } from "../executors/executor.js";
import type { ComputeContext } from "../service.js";
import { deliver } from "./destinations.js";
import { ExecutionEnvironment } from "./environment.js";
import { type FunctionVersion, Invocation, type Outcome } from "./invocation.js";
import { FunctionPackages } from "./packages.js";

/** An environment that nobody used for so long is ended. */
const IDLE_MS = 5 * 60_000;

export interface FunctionHostOptions {
  /** Runs images. */
  executor: Executor;
  /** An executor of processes for zip packages, with their code as its images. */
  processes(images: FunctionPackages, workFolder: string): Executor;
  /** The project's Python. */
  python: string;
}

/** The environments of one version of a function, as it was last configured. */
interface Pool {
  version: FunctionVersion;
  idle: { environment: ExecutionEnvironment; since: number }[];
}

export class FunctionHost {
  readonly #context: ComputeContext;
  readonly #options: FunctionHostOptions;
  readonly #packages: FunctionPackages;
  readonly #zipExecutor: Executor;
  readonly #pools = new Map<string, Pool>();
  readonly #all = new Set<ExecutionEnvironment>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ComputeContext, options: FunctionHostOptions) {
    const folder = join(context.dataDir, "functions");
    this.#context = context;
    this.#options = options;
    this.#packages = new FunctionPackages({ folder: join(folder, "runtimes"), python: options.python });
    this.#zipExecutor = options.processes(this.#packages, join(folder, "environments"));
  }

  /** Runs one invocation; concurrency was counted before. Rejects only when the request is not one. */
  async invoke(message: unknown): Promise<Outcome> {
    const invocation = Invocation.parse(message);
    const pool = this.#poolOf(invocation.function);
    const environment = this.#take(pool) ?? this.#make(pool.version);
    const outcome = await environment.invoke(invocation);
    if (environment.usable && this.#pools.get(keyOf(pool.version)) === pool) {
      pool.idle.push({ environment, since: Date.now() });
      this.#timer ??= setInterval(() => this.#reap(), IDLE_MS / 5).unref();
    } else void this.#end(environment);
    return outcome;
  }

  /** Delivers the record of an asynchronous invocation. Rejects with what the target's service answers. */
  deliver(message: unknown): Promise<void> {
    return deliver(this.#context, message);
  }

  /** Ends the environments of a function that was deleted, or of one version of it. */
  retire(account: string, region: string, name: string, version?: string): void {
    for (const [key, pool] of this.#pools) {
      const its = pool.version;
      if (its.account !== account || its.region !== region || its.name !== name) continue;
      if (version === undefined || its.version === version) this.#drop(key, pool);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#all].map((environment) => this.#end(environment)));
    await this.#zipExecutor.close();
  }

  #poolOf(version: FunctionVersion): Pool {
    const key = keyOf(version);
    const known = this.#pools.get(key);
    if (known?.version.revision === version.revision) return known;
    if (known) this.#drop(key, known);
    if (version.root) this.#packages.add(version);
    const pool: Pool = { version, idle: [] };
    this.#pools.set(key, pool);
    return pool;
  }

  /** The environment that was used last: the others may then grow old. */
  #take(pool: Pool): ExecutionEnvironment | undefined {
    for (let last = pool.idle.pop(); last; last = pool.idle.pop()) {
      if (last.environment.usable) return last.environment;
      void this.#end(last.environment);
    }
    return undefined;
  }

  #make(version: FunctionVersion): ExecutionEnvironment {
    const executor = version.root ? this.#zipExecutor : this.#options.executor;
    const environment = new ExecutionEnvironment({ context: this.#context, executor }, version);
    this.#all.add(environment);
    return environment;
  }

  #drop(key: string, pool: Pool): void {
    this.#pools.delete(key);
    for (const { environment } of pool.idle.splice(0)) void this.#end(environment);
  }

  #reap(): void {
    const before = Date.now() - IDLE_MS;
    for (const pool of this.#pools.values()) {
      const old = pool.idle.filter(({ since }) => since < before);
      pool.idle = pool.idle.filter(({ since }) => since >= before);
      for (const { environment } of old) void this.#end(environment);
    }
  }

  async #end(environment: ExecutionEnvironment): Promise<void> {
    await environment.close();
    this.#all.delete(environment);
  }
}

const keyOf = ({ account, region, name, version }: FunctionVersion): string =>
  [account, region, name, version].join("/");
