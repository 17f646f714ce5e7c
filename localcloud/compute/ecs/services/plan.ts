// How a service comes to its desired count: which tasks to start and which to stop now ("Rolling update", Amazon ECS Developer Guide).
import type { Deployment, Service, Task } from "../model.js";

export interface Plan {
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  readonly stop: readonly Task[];
  /** Everything runs as it should, and nothing else does. */
  readonly isSteady: boolean;
}

const DEFAULTS = { maximumPercent: 200, minimumHealthyPercent: 100 };

/** @param tasks of the service; those that are being stopped are passed over */
export function plan(service: Service, tasks: readonly Task[]): Plan {
  const desired = service.status === "ACTIVE" ? service.desiredCount : 0;
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  const live = tasks.filter(({ desiredStatus }) => desiredStatus === "RUNNING");
  const isPrimary = ({ deploymentId }: Task) => deploymentId === primary?.id;
  const current = live.filter(isPrimary);
  const old = live.filter((task) => !isPrimary(task));
  const { maximumPercent = DEFAULTS.maximumPercent, minimumHealthyPercent = DEFAULTS.minimumHealthyPercent } =
    service.deploymentConfiguration;
  const most = Math.floor((desired * maximumPercent) / 100);
  const least = Math.ceil((desired * minimumHealthyPercent) / 100);

  const start = Math.max(0, Math.min(desired - current.length, most - live.length));
  // The newest first: those that have not come to run are no loss.
  const surplus = newestFirst(current).slice(0, Math.max(0, current.length - desired));
  const staying = current.filter((task) => !surplus.includes(task));
  const spare = Math.max(0, staying.filter(isUp).length + old.filter(isUp).length - least);
  const idle = old.filter((task) => !isUp(task));
  const stop = [...surplus, ...idle, ...newestFirst(old.filter(isUp)).slice(0, desired === 0 ? old.length : spare)];
  return {
    start,
    stop,
    isSteady: stop.length === 0 && old.length === 0 && current.length === desired && current.every(isUp),
  };
}

const isUp = ({ lastStatus }: Task): boolean => lastStatus === "RUNNING";

const newestFirst = (tasks: readonly Task[]): Task[] =>
  [...tasks].sort(
    (one, other) => Number(isUp(one)) - Number(isUp(other)) || other.createdAt.getTime() - one.createdAt.getTime(),
  );

/** Failures after which the circuit breaker of a deployment trips ("How the Amazon ECS deployment circuit breaker detects failures"). */
export function failureThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

/** Tasks of a deployment by what they are at. */
export function countsOf({ id }: Deployment, tasks: readonly Task[]): { running: number; pending: number } {
  const of = tasks.filter(({ deploymentId, lastStatus }) => deploymentId === id && lastStatus !== "STOPPED");
  const running = of.filter(isUp).length;
  const pending = of.filter(({ lastStatus }) => ["PROVISIONING", "PENDING", "ACTIVATING"].includes(lastStatus)).length;
  return { running, pending };
}
