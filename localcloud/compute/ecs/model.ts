// What Amazon ECS keeps: clusters, task definitions, tasks and services, in AWS's own words.
import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterServiceConnectDefaults,
  ClusterSetting,
  ContainerDefinition,
  DeploymentConfiguration,
  DeploymentRolloutState,
  HealthStatus,
  NetworkConfiguration,
  RegisterTaskDefinitionRequest,
  TaskOverride,
} from "@aws-sdk/client-ecs";
import type { Scope } from "../scope.js";

/** Tags in the order in which they were put. */
export type Tags = Map<string, string>;

export interface Cluster extends Scope {
  readonly name: string;
  readonly arn: string;
  status: "ACTIVE" | "INACTIVE";
  settings: ClusterSetting[];
  configuration?: ClusterConfiguration;
  serviceConnectDefaults?: ClusterServiceConnectDefaults;
  capacityProviders: string[];
  defaultCapacityProviderStrategy: CapacityProviderStrategyItem[];
  tags: Tags;
}

/** A container definition as AWS keeps it: with a name, an image and what it fills in. */
export type ContainerSpecification = ContainerDefinition & {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
};

/** What RegisterTaskDefinition makes of a request. */
export type DefinitionContent = Omit<RegisterTaskDefinitionRequest, "family" | "tags" | "containerDefinitions"> & {
  readonly containerDefinitions: ContainerSpecification[];
  readonly compatibilities: string[];
};

export interface TaskDefinition extends Scope {
  readonly family: string;
  readonly revision: number;
  readonly arn: string;
  status: "ACTIVE" | "INACTIVE" | "DELETE_IN_PROGRESS";
  readonly content: DefinitionContent;
  readonly registeredAt: Date;
  readonly registeredBy: string;
  deregisteredAt?: Date;
  tags: Tags;
}

export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

export type StopCode =
  | "TaskFailedToStart"
  | "EssentialContainerExited"
  | "UserInitiated"
  | "ServiceSchedulerInitiated"
  | "SpotInterruption"
  | "TerminationNotice";

/** A container of a task. */
export interface TaskContainer {
  readonly arn: string;
  /** With the task's overrides laid over it. */
  readonly definition: ContainerSpecification;
  lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  /** Unknown to the image's registry until it was pulled. */
  imageDigest?: string;
  runtimeId?: string;
  exitCode?: number;
  reason?: string;
  /** Only of a container with a health check. */
  healthStatus?: HealthStatus;
  createdAt?: Date;
  startedAt?: Date;
  stoppedAt?: Date;
  restartCount: number;
}

/** The elastic network interface of a task in network mode awsvpc. */
export interface TaskNetwork {
  readonly attachmentId: string;
  readonly interfaceId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIpv4Address: string;
  readonly macAddress: string;
  /** CIDR block of the subnet. */
  readonly cidrBlock: string;
}

export interface Task extends Scope {
  readonly id: string;
  readonly arn: string;
  readonly clusterArn: string;
  readonly definition: TaskDefinition;
  readonly containers: readonly TaskContainer[];
  readonly overrides: TaskOverride;
  /** CPU units (1,024 are a vCPU) and MiB of the whole task; a task on EC2 may have neither. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly group: string;
  readonly startedBy?: string;
  readonly launchType: "FARGATE" | "EC2";
  readonly capacityProviderName?: string;
  readonly platformVersion?: string;
  readonly enableExecuteCommand: boolean;
  readonly network?: TaskNetwork;
  /** Of the service's deployment that started it. */
  readonly deploymentId?: string;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  /** Counts the changes that others see. */
  version: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  readonly createdAt: Date;
  connectivityAt?: Date;
  pullStartedAt?: Date;
  pullStoppedAt?: Date;
  startedAt?: Date;
  stoppingAt?: Date;
  executionStoppedAt?: Date;
  stoppedAt?: Date;
  tags: Tags;
}

export interface Deployment {
  readonly id: string;
  status: "PRIMARY" | "ACTIVE" | "INACTIVE";
  readonly definition: TaskDefinition;
  desiredCount: number;
  /** Tasks of it that did not come to run, or did not stay healthy. */
  failedTasks: number;
  rolloutState: DeploymentRolloutState;
  rolloutStateReason: string;
  readonly launchType?: "FARGATE" | "EC2";
  readonly capacityProviderStrategy?: CapacityProviderStrategyItem[];
  readonly platformVersion?: string;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface ServiceEventLine {
  readonly id: string;
  readonly createdAt: Date;
  readonly message: string;
}

export interface Service extends Scope {
  readonly name: string;
  readonly arn: string;
  readonly clusterArn: string;
  status: "ACTIVE" | "DRAINING" | "INACTIVE";
  desiredCount: number;
  deployments: Deployment[];
  deploymentConfiguration: DeploymentConfiguration;
  readonly schedulingStrategy: "REPLICA";
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly roleArn: string;
  propagateTags: "NONE" | "SERVICE" | "TASK_DEFINITION";
  enableECSManagedTags: boolean;
  enableExecuteCommand: boolean;
  healthCheckGracePeriodSeconds?: number;
  /** Newest first. */
  events: ServiceEventLine[];
  tags: Tags;
}
