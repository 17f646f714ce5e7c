// Keeps services at their desired count: looks at one when it, or a task of it, has changed, or when a delay after failures is over.
import type { Clock } from "../../clock.js";
import { shortName } from "../arn.js";
import type { Cluster, Deployment, Service, Task } from "../model.js";
import type { EcsRegion } from "../store.js";
import { taskTags } from "../tags.js";
import type { TaskEngine } from "../tasks/engine.js";
import type { TaskLauncher } from "../tasks/launch.js";
import { taskHealth } from "../tasks/view.js";
import { afterEnd, afterFailure, type Throttle, UNTHROTTLED } from "./backoff.js";
import { newDeployment } from "./deployment.js";
import type { ServiceEvents } from "./events.js";
import { failureThreshold, plan } from "./plan.js";

/** Failed starts in a row from which on a service says that it cannot start tasks. */
const IMPAIRED_AFTER = 3;

export interface SchedulerWorld {
  readonly clock: Clock;
  readonly engine: TaskEngine;
  readonly launcher: TaskLauncher;
  readonly events: ServiceEvents;
}

interface Keeping {
  throttle: Throttle;
  isDue: boolean;
  isLaunching: boolean;
  isSteady: boolean;
  callOff?: () => void;
}

export class ServiceScheduler {
  readonly #kept = new Map<Service, Keeping>();
  #isClosed = false;

  constructor(private readonly world: SchedulerWorld) {
    world.engine.onChange((region, task) => this.#taskChanged(region, task));
  }

  /** Looks at a service soon; to be called when it has changed. */
  changed(region: EcsRegion, service: Service): void {
    const kept = this.#keeping(service);
    if (kept.isDue || this.#isClosed) return;
    kept.isDue = true;
    setImmediate(() => {
      kept.isDue = false;
      void this.#look(region, service, kept);
    });
  }

  /** A deployment has begun, which does not answer for the failures of those before. */
  begun(service: Service, deployment: Deployment): void {
    const kept = this.#keeping(service);
    kept.throttle = UNTHROTTLED;
    kept.isSteady = false;
    this.world.events.deployment(service, deployment);
  }

  close(): void {
    this.#isClosed = true;
    for (const { callOff } of this.#kept.values()) callOff?.();
  }

  #keeping(service: Service): Keeping {
    const kept = this.#kept.get(service) ?? {
      throttle: UNTHROTTLED,
      isDue: false,
      isLaunching: false,
      isSteady: false,
    };
    this.#kept.set(service, kept);
    return kept;
  }

  #taskChanged(region: EcsRegion, task: Task): void {
    const service = [...region.services.values()].find(
      ({ clusterArn, name, status }) =>
        clusterArn === task.clusterArn && status !== "INACTIVE" && task.group === `service:${name}`,
    );
    if (!service || !task.deploymentId || this.#isClosed) return;
    const kept = this.#keeping(service);
    const now = this.world.clock.now();
    if (task.lastStatus === "RUNNING" && task.desiredStatus === "RUNNING") {
      kept.throttle = { ...kept.throttle, failedStarts: 0 };
      if (taskHealth(task.containers) === "UNHEALTHY") {
        this.#failed(service, task.deploymentId);
        this.world.events.say(service, `(task ${task.id}) failed container health checks.`);
        this.world.engine.stop(task, "ServiceSchedulerInitiated", "Task failed container health checks");
      }
    }
    if (task.lastStatus === "STOPPED" && task.stopCode !== "ServiceSchedulerInitiated") {
      kept.throttle = afterEnd(kept.throttle, task, now);
      if (!task.startedAt) this.#failed(service, task.deploymentId);
      this.#sayImpaired(service, kept);
    }
    this.changed(region, service);
  }

  #sayImpaired(service: Service, { throttle }: Keeping): void {
    if (throttle.failedStarts !== IMPAIRED_AFTER) return;
    this.world.events.say(
      service,
      "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
    );
    this.world.events.act(service, { eventName: "SERVICE_TASK_START_IMPAIRED", eventType: "WARN" });
  }

  #failed(service: Service, deploymentId: string): void {
    const deployment = service.deployments.find(({ id }) => id === deploymentId);
    if (deployment?.rolloutState !== "IN_PROGRESS") return;
    deployment.failedTasks += 1;
    const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
    if (!breaker?.enable || deployment.failedTasks < failureThreshold(service.desiredCount)) return;
    this.#conclude(service, deployment, "FAILED", "tasks failed to start.");
    const good = breaker.rollback && service.deployments.find(({ rolloutState }) => rolloutState === "COMPLETED");
    if (!good) return;
    deployment.status = "ACTIVE";
    const rollback = newDeployment(good.definition, good, service.desiredCount, new Date(this.world.clock.now()));
    rollback.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${good.id}.`;
    good.status = "ACTIVE";
    service.deployments = [rollback, ...service.deployments];
    this.world.events.say(service, `rolling back to (deployment ${good.id}).`);
    this.begun(service, rollback);
  }

  async #look(region: EcsRegion, service: Service, kept: Keeping): Promise<void> {
    if (this.#isClosed || kept.isLaunching || service.status === "INACTIVE") return;
    const tasks = tasksOf(region, service);
    const { start, stop, isSteady } = plan(service, tasks);
    const primary = service.deployments.find(({ status }) => status === "PRIMARY");
    for (const task of stop)
      this.world.engine.stop(
        task,
        "ServiceSchedulerInitiated",
        `Scaling activity initiated by (deployment ${task.deploymentId})`,
      );
    if (stop.length > 0) this.#sayTasks(service, "has stopped", "running tasks", stop);
    this.#retire(service, tasks);
    if (service.status === "DRAINING") {
      if (tasks.every(({ lastStatus }) => lastStatus === "STOPPED")) service.status = "INACTIVE";
      return;
    }
    if (isSteady && !kept.isSteady && primary) this.#steady(service, primary);
    kept.isSteady = isSteady;
    // A deployment that the circuit breaker ended starts nothing more.
    if (start > 0 && primary && primary.rolloutState !== "FAILED")
      await this.#start(region, service, kept, primary, start);
  }

  async #start(
    region: EcsRegion,
    service: Service,
    kept: Keeping,
    deployment: Deployment,
    count: number,
  ): Promise<void> {
    const wait = kept.throttle.notBefore - this.world.clock.now();
    kept.callOff?.();
    if (wait > 0) {
      kept.callOff = this.world.clock.after(wait, () => this.changed(region, service));
      return;
    }
    kept.isLaunching = true;
    try {
      const cluster = region.clusters.get(service.clusterArn) as Cluster;
      const tasks = await this.world.launcher.launch(region, {
        ...deployment,
        cluster,
        count,
        group: `service:${service.name}`,
        startedBy: deployment.id,
        deploymentId: deployment.id,
        enableExecuteCommand: service.enableExecuteCommand,
        tags: this.#tags(service, deployment),
      });
      this.#sayTasks(service, "has started", "tasks", tasks);
    } catch (error) {
      const reason = (error as Error).message;
      kept.throttle = afterFailure(kept.throttle, this.world.clock.now());
      this.#failed(service, deployment.id);
      this.world.events.say(service, `was unable to place a task. Reason: ${reason}`);
      this.world.events.act(service, { eventName: "SERVICE_TASK_PLACEMENT_FAILURE", eventType: "ERROR", reason });
    } finally {
      kept.isLaunching = false;
    }
    this.changed(region, service);
  }

  #tags(service: Service, { definition }: Deployment): Task["tags"] {
    const { propagateTags, enableECSManagedTags, name } = service;
    return taskTags({
      propagated:
        propagateTags === "SERVICE" ? service.tags : propagateTags === "TASK_DEFINITION" ? definition.tags : undefined,
      managed: enableECSManagedTags ? { clusterName: shortName(service.clusterArn), serviceName: name } : undefined,
    });
  }

  #steady(service: Service, primary: Deployment): void {
    if (primary.rolloutState === "IN_PROGRESS") {
      this.#conclude(service, primary, "COMPLETED", "completed.");
      this.world.events.say(service, `(deployment ${primary.id}) deployment completed.`);
    }
    this.world.events.say(service, "has reached a steady state.");
    this.world.events.act(service, { eventName: "SERVICE_STEADY_STATE", eventType: "INFO" });
  }

  #conclude(service: Service, deployment: Deployment, state: "COMPLETED" | "FAILED", reason: string): void {
    deployment.rolloutState = state;
    deployment.rolloutStateReason =
      state === "COMPLETED" ? `ECS deployment ${deployment.id} ${reason}` : `ECS deployment circuit breaker: ${reason}`;
    deployment.updatedAt = new Date(this.world.clock.now());
    this.world.events.deployment(service, deployment);
  }

  /** Deployments that were replaced go with their last task. */
  #retire(service: Service, tasks: readonly Task[]): void {
    service.deployments = service.deployments.filter(
      ({ id, status }) =>
        status === "PRIMARY" || tasks.some((task) => task.deploymentId === id && task.lastStatus !== "STOPPED"),
    );
  }

  #sayTasks(service: Service, verb: string, what: string, tasks: readonly Task[]): void {
    const named = tasks.map(({ id }) => `(task ${id})`).join(" ");
    this.world.events.say(service, `${verb} ${tasks.length} ${what}: ${named}.`);
  }
}

/** The tasks of a service, stopped ones too. */
export function tasksOf(region: EcsRegion, { clusterArn, deployments, name }: Service): Task[] {
  return [...region.tasks.values()].filter(
    (task) =>
      task.clusterArn === clusterArn &&
      task.group === `service:${name}` &&
      (task.lastStatus !== "STOPPED" || deployments.some(({ id }) => id === task.deploymentId)),
  );
}
