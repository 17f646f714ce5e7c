// One task from PROVISIONING to STOPPED: containers begin as their dependencies allow, and the task ends with its first essential one.
import type { ServedCredentials } from "../../containers/environment.js";
import { removeScratch } from "../../containers/mounts.js";
import { containerSettings } from "../../containers/settings.js";
import type { ComputeContext } from "../../service.js";
import { vcpusOf } from "../definitions/size.js";
import type { MetadataEndpoint } from "../metadata/endpoint.js";
import type { StopCode, Task, TaskContainer, TaskStatus } from "../model.js";
import { readiness, stopOrder } from "../tasks/dependencies.js";
import { ContainerRun, type ContainerWorld } from "./container.js";
import { containerEnvironment } from "./environment.js";
import { type Prepared, type PrepareWorld, prepare } from "./prepare.js";

/** What the agent reports of a container that it never started because of another one. */
const NEVER_STARTED = 143;
/** What a container without any limit of its own or of its task gets, MiB. */
const UNLIMITED_MEMORY_MIB = 1024 * 1024;

export interface TaskWorld extends PrepareWorld, ContainerWorld {
  readonly context: Pick<ComputeContext, "credentials" | "endpoint" | "dataDir">;
  readonly metadata: MetadataEndpoint;
}

export interface TaskInput {
  readonly task: Task;
  /** Where the task role's session is served. */
  readonly credentials?: ServedCredentials;
  /** The task has changed in a way that others see. */
  onChange(): void;
  /** The health of one of its containers has changed. */
  onHealth(): void;
}

export class TaskRun {
  readonly #containers: readonly ContainerRun[];
  readonly #prepared = new Map<string, Prepared>();
  readonly #callOffs: (() => void)[] = [];
  /** Containers whose startTimeout is watched. */
  readonly #timed = new Set<string>();
  #release: () => void = () => {};
  readonly #stopRequested: Promise<void>;
  #graceSeconds: number | undefined;
  /** Resolves when the task is STOPPED and nothing of it is left. */
  readonly done: Promise<void>;

  constructor(
    private readonly world: TaskWorld,
    private readonly input: TaskInput,
  ) {
    this.#stopRequested = new Promise((resolve) => {
      this.#release = resolve;
    });
    const { task } = input;
    this.#containers = task.containers.map(
      (state) =>
        new ContainerRun(state, task.id, world, {
          pulled: () => this.#pulled(),
          started: () => this.#progress(),
          ended: () => this.#ended(state),
          healthChanged: () => {
            input.onHealth();
            this.#progress();
          },
        }),
    );
    this.done = this.#live();
  }

  /**
   * Ends the task; the first reason counts.
   *
   * @param graceSeconds instead of each container's stopTimeout
   */
  stop(code: StopCode, reason: string, graceSeconds?: number): void {
    const { task } = this.input;
    if (task.desiredStatus === "STOPPED") return;
    task.desiredStatus = "STOPPED";
    task.stopCode = code;
    task.stoppedReason = reason;
    task.stoppingAt = this.#now();
    this.#graceSeconds = graceSeconds;
    this.#changed();
    this.#release();
  }

  async #live(): Promise<void> {
    const { task } = this.input;
    // Whoever started it sees it PROVISIONING.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!this.#isStopping) {
      this.#enter("PENDING");
      await this.#prepare();
    }
    await this.#stopRequested;
    if (task.lastStatus === "RUNNING") this.#enter("DEACTIVATING");
    if (this.#containers.some(({ state }) => state.lastStatus === "RUNNING") || task.lastStatus === "DEACTIVATING")
      this.#enter("STOPPING");
    await this.#stopContainers();
    task.executionStoppedAt = this.#now();
    this.#enter("DEPROVISIONING");
    await this.#cleanUp();
    task.stoppedAt = this.#now();
    this.#enter("STOPPED");
  }

  async #prepare(): Promise<void> {
    const { task } = this.input;
    task.connectivityAt = this.#now();
    try {
      const prepared = task.containers.map(async (container) => {
        this.#prepared.set(container.definition.name, await prepare(this.world, task, container));
      });
      // What has been made is to be found when it is removed again.
      await Promise.allSettled(prepared);
      await Promise.all(prepared);
    } catch (error) {
      return this.stop("TaskFailedToStart", (error as Error).message);
    }
    task.pullStartedAt = this.#now();
    this.#progress();
  }

  /** Begins what may begin now, and says so when everything runs. */
  #progress(): void {
    const { task } = this.input;
    for (const run of this.#containers) {
      if (this.#isStopping) return;
      if (run.isBegun) continue;
      const state = readiness(run.state, task.containers, this.world.clock.now());
      if (state === "ready") this.#begin(run);
      else if (state === "waiting") this.#watchStartTimeout(run.state);
      else run.abandon(state.unmet, NEVER_STARTED);
    }
    if (this.#isStopping || task.containers.some(({ lastStatus }) => lastStatus === "PENDING") || task.startedAt)
      return;
    this.#pulled();
    task.startedAt = this.#now();
    this.#enter("RUNNING");
  }

  #begin(run: ContainerRun): void {
    const { task, credentials } = this.input;
    const { definition } = run.state;
    const { secrets = {}, files = {}, mounts = [], logs } = this.#prepared.get(definition.name) ?? {};
    const taskMemory = task.memory === undefined ? undefined : Number(task.memory);
    const metadataUri = this.world.metadata.open(task, run);
    run.begin({
      account: task.account,
      region: task.region,
      image: definition.image,
      entrypoint: definition.entryPoint?.length ? definition.entryPoint : undefined,
      command: definition.command?.length ? definition.command : undefined,
      workingDirectory: definition.workingDirectory,
      environment: containerEnvironment({
        task,
        container: run.state,
        endpoint: this.world.context.endpoint,
        metadataUri,
        files,
        secrets,
        credentials,
      }),
      memoryMiB: Math.min(definition.memory ?? UNLIMITED_MEMORY_MIB, taskMemory ?? UNLIMITED_MEMORY_MIB),
      vcpus: vcpusOf(definition.cpu || Number(task.cpu ?? 0)) || 1,
      group:
        taskMemory !== undefined && task.containers.length > 1 ? { id: task.id, memoryMiB: taskMemory } : undefined,
      mounts,
      settings: containerSettings(definition),
      onLine: (line, at) => logs?.write(line, at),
    });
  }

  /** All images of the containers that begin at once are there. */
  #pulled(): void {
    const { task } = this.input;
    const first = task.containers.filter(({ definition }) => !definition.dependsOn?.length);
    const isThere = ({ createdAt, lastStatus }: TaskContainer) => createdAt !== undefined || lastStatus === "STOPPED";
    if (task.pullStoppedAt || this.#isStopping || !first.every(isThere)) return;
    task.pullStoppedAt = this.#now();
    this.#enter("ACTIVATING");
  }

  #ended(container: TaskContainer): void {
    if (this.#isStopping) return;
    if (!container.definition.essential) {
      // The task goes on, and others learn that this container has not.
      if (this.input.task.startedAt) this.#changed();
      this.#progress();
    } else if (container.startedAt) this.stop("EssentialContainerExited", "Essential container in task exited");
    else this.stop("TaskFailedToStart", container.reason ?? "Task failed to start");
  }

  /** A dependency may be given up on after its startTimeout; what waits for it learns of that here. */
  #watchStartTimeout({ definition }: TaskContainer): void {
    for (const { containerName } of definition.dependsOn ?? []) {
      const needed = this.input.task.containers.find((each) => each.definition.name === containerName);
      const { startedAt } = needed ?? {};
      const timeout = needed?.definition.startTimeout;
      if (!containerName || !timeout || !startedAt || this.#timed.has(containerName)) continue;
      this.#timed.add(containerName);
      const left = startedAt.getTime() + timeout * 1000 - this.world.clock.now();
      this.#callOffs.push(this.world.clock.after(Math.max(1, left), () => this.#progress()));
    }
  }

  async #stopContainers(): Promise<void> {
    const runs = new Map(this.#containers.map((run) => [run.state, run]));
    for (const wave of stopOrder(this.input.task.containers))
      await Promise.all(wave.map((state) => runs.get(state)?.stop(this.#graceSeconds)));
  }

  async #cleanUp(): Promise<void> {
    const { task, credentials } = this.input;
    const { context, metadata } = this.world;
    for (const callOff of this.#callOffs) callOff();
    metadata.close(task);
    if (credentials) context.credentials.revoke(credentials.uri);
    await Promise.all([
      ...[...this.#prepared.values()].map(({ logs }) => logs?.close()),
      removeScratch(task.definition.content, { dataDir: context.dataDir, taskId: task.id }),
    ]);
  }

  get #isStopping(): boolean {
    return this.input.task.desiredStatus === "STOPPED";
  }

  #enter(status: TaskStatus): void {
    this.input.task.lastStatus = status;
    this.#changed();
  }

  #changed(): void {
    this.input.task.version += 1;
    this.input.onChange();
  }

  #now(): Date {
    return new Date(this.world.clock.now());
  }
}
