// Task of the API, and the detail of an "ECS Task State Change" event, which says the same with times in ISO 8601.
import type { HealthStatus } from "@aws-sdk/client-ecs";
import type { Task, TaskContainer } from "../model.js";
import { tagsView } from "../tags.js";
import { privateDnsName } from "./network.js";

/** What a task on Fargate has for its files, GiB. */
const EPHEMERAL_STORAGE_GIB = 20;

/** UNHEALTHY when an essential container is; HEALTHY when all essential ones with a health check are. */
export function taskHealth(containers: readonly TaskContainer[]): HealthStatus {
  const checked = containers.filter(({ definition }) => definition.essential && definition.healthCheck);
  if (checked.some(({ healthStatus }) => healthStatus === "UNHEALTHY")) return "UNHEALTHY";
  return checked.length > 0 && checked.every(({ healthStatus }) => healthStatus === "HEALTHY") ? "HEALTHY" : "UNKNOWN";
}

function containerView(task: Task, container: TaskContainer): Record<string, unknown> {
  const { definition, healthStatus = "UNKNOWN" } = container;
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: definition.name,
    image: definition.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: [],
    networkInterfaces: task.network
      ? [{ attachmentId: task.network.attachmentId, privateIpv4Address: task.network.privateIpv4Address }]
      : [],
    healthStatus,
    cpu: String(definition.cpu ?? 0),
    memory: definition.memory === undefined ? undefined : String(definition.memory),
    memoryReservation: definition.memoryReservation === undefined ? undefined : String(definition.memoryReservation),
    ...(container.restartCount > 0 && { restartCount: container.restartCount }),
  };
}

function attachments({ network, region, lastStatus, startedAt }: Task): Record<string, unknown>[] {
  if (!network) return [];
  const status =
    lastStatus === "STOPPED"
      ? "DELETED"
      : lastStatus === "DEPROVISIONING"
        ? "DETACHING"
        : lastStatus === "PROVISIONING"
          ? "PRECREATED"
          : startedAt
            ? "ATTACHED"
            : "ATTACHING";
  const details = {
    subnetId: network.subnetId,
    networkInterfaceId: network.interfaceId,
    macAddress: network.macAddress,
    privateDnsName: privateDnsName(network.privateIpv4Address, region),
    privateIPv4Address: network.privateIpv4Address,
  };
  return [
    {
      id: network.attachmentId,
      type: "ElasticNetworkInterface",
      status,
      details: Object.entries(details).map(([name, value]) => ({ name, value })),
    },
  ];
}

/** Members without a value are left out when it becomes JSON. */
export function taskView(task: Task, include: readonly string[] = []): Record<string, unknown> {
  const { content } = task.definition;
  const isFargate = task.launchType === "FARGATE";
  return {
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: task.definition.arn,
    attachments: attachments(task),
    attributes: [
      {
        name: "ecs.cpu-architecture",
        value: content.runtimePlatform?.cpuArchitecture === "ARM64" ? "arm64" : "x86_64",
      },
    ],
    availabilityZone: task.network?.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    connectivity: task.connectivityAt ? "CONNECTED" : undefined,
    connectivityAt: task.connectivityAt,
    containers: task.containers.map((container) => containerView(task, container)),
    cpu: task.cpu,
    memory: task.memory,
    createdAt: task.createdAt,
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    executionStoppedAt: task.executionStoppedAt,
    group: task.group,
    healthStatus: taskHealth(task.containers),
    inferenceAccelerators: [],
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    overrides: { ...task.overrides, containerOverrides: overridesView(task), inferenceAcceleratorOverrides: [] },
    platformVersion: task.platformVersion,
    platformFamily: isFargate ? "Linux" : undefined,
    pullStartedAt: task.pullStartedAt,
    pullStoppedAt: task.pullStoppedAt,
    startedAt: task.startedAt,
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedAt: task.stoppedAt,
    stoppedReason: task.stoppedReason,
    stoppingAt: task.stoppingAt,
    tags: include.includes("TAGS") ? tagsView(task.tags) : [],
    version: task.version,
    ephemeralStorage: isFargate
      ? (task.overrides.ephemeralStorage ?? content.ephemeralStorage ?? { sizeInGiB: EPHEMERAL_STORAGE_GIB })
      : undefined,
  };
}

/** An entry for every container, also for those that nothing was overridden of. */
function overridesView({ containers, overrides }: Task): unknown[] {
  return containers.map(
    ({ definition: { name } }) => overrides.containerOverrides?.find((each) => each.name === name) ?? { name },
  );
}

/** The detail of the event about a change of a task ("Amazon ECS task state change events"). */
export function taskDetail(task: Task, updatedAt: Date): Record<string, unknown> {
  const { tags: _tags, healthStatus, ...view } = taskView(task);
  const isChecked = task.containers.some(({ definition }) => definition.healthCheck);
  return { ...view, ...(isChecked && { healthStatus }), updatedAt };
}
