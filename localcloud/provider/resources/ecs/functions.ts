// The functions of aws.ecs: clusters, services and task definitions that are there already.
import type { KeyValuePair } from "@aws-sdk/client-ecs";
import { func } from "../../descriptor.js";
import { any, flag, list, map, number, object, output, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { describe as describeCluster } from "./cluster.js";
import { describe as describeService } from "./service.js";
import { describe as describeDefinition } from "./taskDefinition.js";

const lastPart = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);

export const getCluster = func({
  token: "aws:ecs/getCluster:getCluster",
  properties: {
    clusterName: text({ required: true }),
    tags: map(text()),
    id: output(text()),
    arn: output(text()),
    status: output(text()),
    pendingTasksCount: output(number()),
    runningTasksCount: output(number()),
    registeredContainerInstancesCount: output(number()),
    serviceConnectDefaults: output(list(object({ namespace: text() }))),
    settings: output(list(object({ name: text(), value: text() }))),
  },

  async run({ clusterName }, context) {
    const found = await describeCluster(clusterName, context);
    if (!found) throw new Error(`there is no ECS cluster ${clusterName}`);
    return {
      clusterName: found.clusterName,
      tags: tagState(found.tags).tags,
      id: found.clusterArn,
      arn: found.clusterArn,
      status: found.status,
      pendingTasksCount: found.pendingTasksCount,
      runningTasksCount: found.runningTasksCount,
      registeredContainerInstancesCount: found.registeredContainerInstancesCount,
      serviceConnectDefaults: found.serviceConnectDefaults ? [found.serviceConnectDefaults] : [],
      settings: found.settings,
    };
  },
});

export const getService = func({
  token: "aws:ecs/getService:getService",
  properties: {
    clusterArn: text({ required: true }),
    serviceName: text({ required: true }),
    tags: map(text()),
    id: output(text()),
    arn: output(text()),
    status: output(text()),
    desiredCount: output(number()),
    runningCount: output(number()),
    pendingCount: output(number()),
    launchType: output(text()),
    platformVersion: output(text()),
    schedulingStrategy: output(text()),
    taskDefinition: output(text()),
    iamRole: output(text()),
    propagateTags: output(text()),
    enableEcsManagedTags: output(flag()),
    enableExecuteCommand: output(flag()),
    availabilityZoneRebalancing: output(text()),
  },

  async run({ clusterArn, serviceName }, context) {
    const found = await describeService(serviceName, context, lastPart(clusterArn));
    if (!found) throw new Error(`there is no ECS service ${serviceName} in the cluster ${clusterArn}`);
    return {
      clusterArn: found.clusterArn,
      serviceName: found.serviceName,
      tags: tagState(found.tags).tags,
      id: found.serviceArn,
      arn: found.serviceArn,
      status: found.status,
      desiredCount: found.desiredCount,
      runningCount: found.runningCount,
      pendingCount: found.pendingCount,
      launchType: found.launchType,
      platformVersion: found.platformVersion,
      schedulingStrategy: found.schedulingStrategy,
      taskDefinition: found.taskDefinition,
      iamRole: found.roleArn,
      propagateTags: found.propagateTags,
      enableEcsManagedTags: found.enableECSManagedTags,
      enableExecuteCommand: found.enableExecuteCommand,
      availabilityZoneRebalancing: found.availabilityZoneRebalancing,
    };
  },
});

export const getTaskDefinition = func({
  token: "aws:ecs/getTaskDefinition:getTaskDefinition",
  properties: {
    taskDefinition: text({ required: true }),
    id: output(text()),
    arn: output(text()),
    arnWithoutRevision: output(text()),
    family: output(text()),
    revision: output(number()),
    status: output(text()),
    containerDefinitions: output(text()),
    cpu: output(text()),
    memory: output(text()),
    networkMode: output(text()),
    executionRoleArn: output(text()),
    taskRoleArn: output(text()),
    ipcMode: output(text()),
    pidMode: output(text()),
    enableFaultInjection: output(flag()),
    requiresCompatibilities: output(list(text())),
    runtimePlatforms: output(list(object({ cpuArchitecture: text(), operatingSystemFamily: text() }))),
    ephemeralStorages: output(list(object({ sizeInGib: number() }))),
    placementConstraints: output(list(object({ type: text(), expression: text() }))),
    volumes: output(list(any())),
  },

  async run({ taskDefinition }, context) {
    const { taskDefinition: found = {} } = await describeDefinition(taskDefinition, context);
    const arn = found.taskDefinitionArn ?? "";
    return {
      taskDefinition,
      id: arn,
      arn,
      arnWithoutRevision: arn.replace(/:\d+$/, ""),
      family: found.family,
      revision: found.revision,
      status: found.status,
      containerDefinitions: JSON.stringify(found.containerDefinitions ?? []),
      cpu: found.cpu,
      memory: found.memory,
      networkMode: found.networkMode,
      executionRoleArn: found.executionRoleArn,
      taskRoleArn: found.taskRoleArn,
      ipcMode: found.ipcMode,
      pidMode: found.pidMode,
      enableFaultInjection: found.enableFaultInjection ?? false,
      requiresCompatibilities: found.requiresCompatibilities,
      runtimePlatforms: found.runtimePlatform ? [found.runtimePlatform] : [],
      ephemeralStorages: found.ephemeralStorage ? [{ sizeInGib: found.ephemeralStorage.sizeInGiB }] : [],
      placementConstraints: found.placementConstraints,
      volumes: found.volumes,
    };
  },
});

export const getContainerDefinition = func({
  token: "aws:ecs/getContainerDefinition:getContainerDefinition",
  properties: {
    taskDefinition: text({ required: true }),
    containerName: text({ required: true }),
    id: output(text()),
    image: output(text()),
    imageDigest: output(text()),
    cpu: output(number()),
    memory: output(number()),
    memoryReservation: output(number()),
    disableNetworking: output(flag()),
    dockerLabels: output(map(text())),
    environment: output(map(text())),
  },

  async run({ taskDefinition, containerName }, context) {
    const { taskDefinition: found } = await describeDefinition(taskDefinition, context);
    const container = found?.containerDefinitions?.find(({ name }) => name === containerName);
    if (!container) throw new Error(`the task definition ${taskDefinition} has no container ${containerName}`);
    const { image = "", environment = [] } = container;
    return {
      taskDefinition,
      containerName,
      id: `${found?.taskDefinitionArn}/${containerName}`,
      image,
      imageDigest: image.includes("@") ? image.slice(image.indexOf("@") + 1) : image.slice(image.lastIndexOf(":") + 1),
      cpu: container.cpu,
      memory: container.memory,
      memoryReservation: container.memoryReservation,
      disableNetworking: container.disableNetworking ?? false,
      dockerLabels: container.dockerLabels ?? {},
      environment: Object.fromEntries(environment.map(({ name = "", value = "" }: KeyValuePair) => [name, value])),
    };
  },
});
