// One container of a task from its start to its end, restarts and health checks included.
import { randomInt } from "node:crypto";
import type { Clock } from "../../clock.js";
import type { ContainerExit, ContainerSpec, Executor, RunningContainer } from "../../executors/executor.js";
import type { ContainerSpecification, TaskContainer } from "../model.js";
import { watchHealth } from "./health.js";

/** Seconds between SIGTERM and SIGKILL where the definition says nothing ("stopTimeout"). */
const STOP_TIMEOUT_SECONDS = 30;
/** Seconds that a container must have run before it is restarted ("restartAttemptPeriod"). */
const RESTART_PERIOD_SECONDS = 60;

export interface ContainerWorld {
  readonly executor: Executor;
  readonly clock: Clock;
}

/** What a container tells its task, after its state says it. */
export interface ContainerListener {
  pulled(): void;
  started(): void;
  /** It will not run again. */
  ended(): void;
  healthChanged(): void;
}

export class ContainerRun {
  #running: RunningContainer | undefined;
  #begun: Promise<void> | undefined;
  #isStopping = false;

  constructor(
    readonly state: TaskContainer,
    private readonly taskId: string,
    private readonly world: ContainerWorld,
    private readonly listener: ContainerListener,
  ) {}

  get isBegun(): boolean {
    return this.#begun !== undefined;
  }

  /** What of the executor is known while it runs. */
  get running(): RunningContainer | undefined {
    return this.#running;
  }

  begin(spec: Omit<ContainerSpec, "id">): void {
    this.#begun = this.#live(spec);
  }

  /** Gives up on a container that never began. */
  abandon(reason?: string, exitCode?: number): void {
    this.state.reason = reason;
    this.state.exitCode = exitCode;
    this.state.lastStatus = "STOPPED";
    this.#begun = Promise.resolve();
    this.listener.ended();
  }

  /**
   * SIGTERM, then SIGKILL after the container's stopTimeout. Resolves when it has ended.
   *
   * @param graceSeconds instead of the stopTimeout
   */
  async stop(graceSeconds = this.state.definition.stopTimeout ?? STOP_TIMEOUT_SECONDS): Promise<void> {
    this.#isStopping = true;
    if (!this.#begun) this.abandon();
    await this.#running?.stop(graceSeconds);
    await this.#begun;
  }

  async #live(spec: Omit<ContainerSpec, "id">): Promise<void> {
    let exit: ContainerExit;
    do {
      exit = await this.#runOnce(spec);
    } while (this.#restarts(exit));
    this.state.exitCode = exit.exitCode;
    this.state.reason = exit.reason;
    this.state.stoppedAt = exit.stoppedAt;
    this.state.lastStatus = "STOPPED";
    this.listener.ended();
  }

  async #runOnce(spec: Omit<ContainerSpec, "id">): Promise<ContainerExit> {
    const { state, world } = this;
    state.runtimeId = `${this.taskId}-${String(randomInt(0, 2 ** 32)).padStart(10, "0")}`;
    let running: RunningContainer;
    try {
      running = world.executor.run({ ...spec, id: state.runtimeId });
    } catch (error) {
      return { reason: (error as Error).message, stoppedAt: new Date(world.clock.now()) };
    }
    this.#running = running;
    let endHealth = () => {};
    const pulled = running.pulled.then(({ digest }) => {
      state.imageDigest = digest || undefined;
      state.createdAt = new Date(world.clock.now());
      this.listener.pulled();
    });
    const started = running.started.then(() => {
      state.startedAt = new Date(world.clock.now());
      state.lastStatus = "RUNNING";
      endHealth = this.#watchHealth(running);
      this.listener.started();
    });
    // That it did not start is what its exit says too.
    await Promise.allSettled([pulled, started]);
    const exit = await running.exited;
    endHealth();
    return exit;
  }

  #watchHealth(running: RunningContainer): () => void {
    const { healthCheck } = this.state.definition;
    if (!healthCheck) return () => {};
    this.state.healthStatus = "UNKNOWN";
    return watchHealth(
      healthCheck,
      this.world.clock,
      (command, timeoutSeconds) => running.exec(command, timeoutSeconds),
      (status) => {
        this.state.healthStatus = status;
        this.listener.healthChanged();
      },
    );
  }

  #restarts(exit: ContainerExit): boolean {
    const { restartPolicy } = this.state.definition;
    if (this.#isStopping || !restartPolicy || !this.state.startedAt) return false;
    const ranMillis = this.world.clock.now() - this.state.startedAt.getTime();
    if (!restartsAfter(restartPolicy, exit.exitCode, ranMillis)) return false;
    this.state.restartCount += 1;
    return true;
  }
}

/** "Restart individual containers in Amazon ECS tasks with container restart policies". */
export function restartsAfter(
  policy: NonNullable<ContainerSpecification["restartPolicy"]>,
  exitCode: number | undefined,
  ranMillis: number,
): boolean {
  const isIgnored = exitCode !== undefined && policy.ignoredExitCodes?.includes(exitCode);
  const period = policy.restartAttemptPeriod ?? RESTART_PERIOD_SECONDS;
  return policy.enabled === true && !isIgnored && ranMillis >= period * 1000;
}
