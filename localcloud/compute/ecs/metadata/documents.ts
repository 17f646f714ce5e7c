// The documents of the task metadata endpoint, in the members and the spelling of "Task metadata version 4 JSON response for Fargate".
import { vcpusOf } from "../definitions/size.js";
import type { Task, TaskContainer } from "../model.js";
import type { ContainerRun } from "../run/container.js";
import { privateDnsName } from "../tasks/network.js";

/** A container that its agent knows, but that does not run yet, is so called there. */
const KNOWN_STATUS = { PENDING: "CREATED", RUNNING: "RUNNING", STOPPED: "STOPPED" } as const;

export function containerMetadata(task: Task, container: TaskContainer): Record<string, unknown> {
  const { definition } = container;
  return {
    DockerId: container.runtimeId,
    Name: definition.name,
    DockerName: definition.name,
    Image: definition.image,
    ImageID: container.imageDigest,
    Labels: {
      ...definition.dockerLabels,
      "com.amazonaws.ecs.cluster": task.clusterArn,
      "com.amazonaws.ecs.container-name": definition.name,
      "com.amazonaws.ecs.task-arn": task.arn,
      "com.amazonaws.ecs.task-definition-family": task.definition.family,
      "com.amazonaws.ecs.task-definition-version": String(task.definition.revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: KNOWN_STATUS[container.lastStatus],
    ...(container.exitCode !== undefined && { ExitCode: container.exitCode }),
    Limits: { CPU: definition.cpu ?? 0, ...(definition.memory !== undefined && { Memory: definition.memory }) },
    CreatedAt: container.createdAt,
    StartedAt: container.startedAt,
    FinishedAt: container.stoppedAt,
    Type: "NORMAL",
    ...(container.healthStatus && { Health: { status: container.healthStatus } }),
    ...(container.restartCount > 0 && { RestartCount: container.restartCount }),
    LogDriver: definition.logConfiguration?.logDriver,
    LogOptions: definition.logConfiguration?.options,
    ContainerARN: container.arn,
    ...(task.network && { Networks: [network(task.network, task.region)] }),
    Snapshotter: "overlayfs",
  };
}

function network(of: NonNullable<Task["network"]>, region: string): Record<string, unknown> {
  return {
    NetworkMode: "awsvpc",
    IPv4Addresses: [of.privateIpv4Address],
    AttachmentIndex: 0,
    MACAddress: of.macAddress,
    IPv4SubnetCIDRBlock: of.cidrBlock,
    PrivateDNSName: privateDnsName(of.privateIpv4Address, region),
  };
}

export function taskMetadata(task: Task, withTags = false): Record<string, unknown> {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: task.definition.family,
    Revision: String(task.definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    ...(task.cpu && { Limits: { CPU: vcpusOf(Number(task.cpu)), Memory: Number(task.memory) } }),
    PullStartedAt: task.pullStartedAt,
    PullStoppedAt: task.pullStoppedAt,
    AvailabilityZone: task.network?.availabilityZone,
    LaunchType: task.launchType,
    ...(task.group.startsWith("service:") && { ServiceName: task.group.slice("service:".length) }),
    Containers: task.containers.map((container) => containerMetadata(task, container)),
    ...(withTags && { TaskTags: Object.fromEntries(task.tags) }),
  };
}

/** Docker's statistics, as far as an executor knows them: memory. */
export function containerStats(
  task: Task,
  { state, running }: ContainerRun,
  now: Date,
): Record<string, unknown> | null {
  if (state.lastStatus !== "RUNNING") return null;
  const limitMiB = Math.min(
    state.definition.memory ?? Number.POSITIVE_INFINITY,
    Number(task.memory ?? Number.POSITIVE_INFINITY),
  );
  return {
    read: now,
    name: `/${state.definition.name}`,
    id: state.runtimeId,
    memory_stats: {
      usage: running?.memoryBytes,
      max_usage: running?.peakMemoryMiB === undefined ? undefined : running.peakMemoryMiB * 2 ** 20,
      limit: Number.isFinite(limitMiB) ? limitMiB * 2 ** 20 : undefined,
    },
  };
}
