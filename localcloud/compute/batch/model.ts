// What Batch keeps: compute environments, queues, policies, definitions and jobs, in AWS's own words.
import type {
  ArrayJobDependency,
  ComputeResource,
  ContainerDetail,
  ContainerProperties,
  EcsSettings,
  EvaluateOnExit,
  FairsharePolicy,
  JobStateTimeLimitAction,
  PlatformCapability,
  UpdatePolicy,
} from "@aws-sdk/client-batch";
import type { Scope } from "./arn.js";

export type Tags = Record<string, string>;
export type State = "ENABLED" | "DISABLED";
export type ResourceStatus = "CREATING" | "UPDATING" | "DELETING" | "DELETED" | "VALID" | "INVALID";
export type Platform = "EC2" | "FARGATE";

export interface ComputeEnvironment extends Scope {
  readonly name: string;
  readonly arn: string;
  readonly uuid: string;
  readonly type: "MANAGED" | "UNMANAGED";
  state: State;
  status: ResourceStatus;
  statusReason: string;
  serviceRole: string;
  unmanagedvCpus?: number;
  computeResources?: ComputeResource;
  updatePolicy?: UpdatePolicy;
  context?: string;
  ecsSettings?: EcsSettings;
  readonly ecsClusterArn: string;
  tags: Tags;
}

export interface JobQueue extends Scope {
  readonly name: string;
  readonly arn: string;
  state: State;
  status: ResourceStatus;
  statusReason: string;
  /** Higher is evaluated first among the queues of a compute environment. */
  priority: number;
  schedulingPolicyArn?: string;
  /** Sorted by `order`. */
  computeEnvironmentOrder: { order: number; computeEnvironment: string }[];
  jobStateTimeLimitActions: JobStateTimeLimitAction[];
  readonly jobQueueType: "ECS" | "ECS_FARGATE";
  tags: Tags;
}

export interface SchedulingPolicy extends Scope {
  readonly name: string;
  readonly arn: string;
  fairsharePolicy?: FairsharePolicy;
  tags: Tags;
}

export interface RetryStrategy {
  /** 1 to 10: how often the job may become RUNNABLE. */
  readonly attempts: number;
  readonly evaluateOnExit: readonly EvaluateOnExit[];
}

export interface JobDefinition extends Scope {
  readonly name: string;
  readonly revision: number;
  /** With the revision. */
  readonly arn: string;
  status: "ACTIVE" | "INACTIVE";
  readonly type: "container";
  readonly parameters: Record<string, string>;
  readonly schedulingPriority?: number;
  readonly retryStrategy?: RetryStrategy;
  readonly timeout?: { attemptDurationSeconds: number };
  readonly propagateTags?: boolean;
  readonly platformCapabilities: PlatformCapability[];
  readonly containerProperties: ContainerProperties;
  tags: Tags;
}

export type JobStatus = "SUBMITTED" | "PENDING" | "RUNNABLE" | "STARTING" | "RUNNING" | "SUCCEEDED" | "FAILED";

export const JOB_STATUSES: readonly JobStatus[] = [
  "SUBMITTED",
  "PENDING",
  "RUNNABLE",
  "STARTING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
];

export const isEnded = (status: JobStatus): boolean => status === "SUCCEEDED" || status === "FAILED";

/** One try to run a job; times are milliseconds of the epoch. */
export interface Attempt {
  readonly taskArn?: string;
  readonly containerInstanceArn?: string;
  readonly exitCode?: number;
  /** The container's own reason, e.g. `OutOfMemoryError: Container killed due to memory usage`. */
  readonly reason?: string;
  readonly logStreamName?: string;
  readonly startedAt?: number;
  readonly stoppedAt: number;
  readonly statusReason: string;
}

export interface Dependency {
  readonly jobId?: string;
  readonly type?: ArrayJobDependency;
}

/** The ECS task in which an attempt runs. */
export interface Task {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly arn: string;
  readonly containerInstanceArn?: string;
  readonly logStreamName?: string;
}

/** A job at one moment: never changed in place, so that an event can keep the moment it tells of. Times are milliseconds of the epoch. */
export interface Job extends Scope {
  /** UUID; of a child, `<parent's UUID>:<index>`. */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  /** ARN of the queue. */
  readonly queue: string;
  /** ARN of the job definition, with its revision. */
  readonly definition: string;
  readonly definitionName: string;
  /** Order of submission within the cloud. */
  readonly sequence: number;
  readonly status: JobStatus;
  readonly statusReason?: string;
  readonly createdAt: number;
  /** When it last became RUNNABLE. */
  readonly runnableAt?: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly dependsOn: readonly Dependency[];
  /** Ids of the jobs that have to succeed first. */
  readonly waitsFor: readonly string[];
  readonly platform: Platform;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly retryStrategy: RetryStrategy;
  readonly timeoutSeconds?: number;
  readonly parameters: Record<string, string>;
  /** As DescribeJobs shows it, without what only an attempt knows. */
  readonly container: ContainerDetail;
  readonly attempts: readonly Attempt[];
  readonly shareIdentifier?: string;
  readonly schedulingPriority?: number;
  readonly platformCapabilities: readonly PlatformCapability[];
  readonly propagateTags: boolean;
  readonly tags: Tags;
  /** Of an array parent: its size, and how many of its children are still to end and have failed. */
  readonly array?: { readonly size: number; readonly remaining: number; readonly failed: number };
  /** Of an array child. */
  readonly child?: { readonly parent: string; readonly index: number; readonly size: number };
  /** While STARTING or RUNNING, and of the last attempt afterwards. */
  readonly task?: Task;
  readonly computeEnvironment?: string;
  /** Why CancelJob or TerminateJob ended it. */
  readonly cancelled?: string;
  readonly terminated?: string;
  readonly timedOut?: boolean;
}
