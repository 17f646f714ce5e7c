// One deployment of a service: a task definition and where its tasks run.
import { randomInt } from "node:crypto";
import type { Deployment, TaskDefinition } from "../model.js";

type Where = Pick<Deployment, "launchType" | "capacityProviderStrategy" | "platformVersion" | "networkConfiguration">;

/** A deployment that becomes the service's primary one. */
export function newDeployment(definition: TaskDefinition, where: Where, desiredCount: number, now: Date): Deployment {
  const digits = () => String(randomInt(0, 10 ** 9)).padStart(9, "0");
  const id = `ecs-svc/${randomInt(1, 10)}${digits()}${digits()}`;
  return {
    id,
    status: "PRIMARY",
    definition,
    desiredCount,
    failedTasks: 0,
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    launchType: where.launchType,
    capacityProviderStrategy: where.capacityProviderStrategy,
    platformVersion: where.platformVersion,
    networkConfiguration: where.networkConfiguration,
    createdAt: now,
    updatedAt: now,
  };
}
