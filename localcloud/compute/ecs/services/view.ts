// Service of the API.
import type { Deployment, Service, Task } from "../model.js";
import { tagsView } from "../tags.js";
import { countsOf } from "./plan.js";

/** @param tasks of the service */
export function serviceView(
  service: Service,
  tasks: readonly Task[],
  include: readonly string[] = [],
): Record<string, unknown> {
  const [primary] = service.deployments;
  const counts = service.deployments.map((deployment) => countsOf(deployment, tasks));
  const sum = (of: "running" | "pending") => counts.reduce((total, each) => total + each[of], 0);
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: sum("running"),
    pendingCount: sum("pending"),
    launchType: primary?.launchType,
    capacityProviderStrategy: primary?.capacityProviderStrategy,
    platformVersion: primary && (primary.platformVersion ?? "LATEST"),
    platformFamily: "Linux",
    taskDefinition: primary?.definition.arn,
    networkConfiguration: primary && networkView(primary),
    deploymentConfiguration: service.deploymentConfiguration,
    deploymentController: { type: "ECS" },
    deployments: service.deployments.map((deployment) => deploymentView(deployment, tasks)),
    roleArn: service.roleArn,
    events: service.events,
    createdAt: service.createdAt,
    createdBy: service.createdBy,
    placementConstraints: [],
    placementStrategy: [],
    loadBalancers: [],
    serviceRegistries: [],
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds ?? 0,
    schedulingStrategy: service.schedulingStrategy,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: "DISABLED",
    tags: include.includes("TAGS") ? tagsView(service.tags) : undefined,
  };
}

function networkView({ networkConfiguration }: Deployment): unknown {
  const {
    subnets = [],
    securityGroups = [],
    assignPublicIp = "DISABLED",
  } = networkConfiguration?.awsvpcConfiguration ?? {};
  return { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } };
}

function deploymentView(deployment: Deployment, tasks: readonly Task[]): Record<string, unknown> {
  const { running, pending } = countsOf(deployment, tasks);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.definition.arn,
    desiredCount: deployment.status === "PRIMARY" ? deployment.desiredCount : 0,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failedTasks,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    launchType: deployment.launchType,
    capacityProviderStrategy: deployment.capacityProviderStrategy,
    platformVersion: deployment.platformVersion ?? "1.4.0",
    platformFamily: "Linux",
    networkConfiguration: networkView(deployment),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}
