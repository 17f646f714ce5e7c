// Task states of the services that workflows call.
import type { Input } from "@pulumi/pulumi";
import type { EndRule } from "../batch/retry.js";
import type { Catcher, Expression, Retrier, TaskState } from "./asl.js";

/**
 * Batch refused a submission for the moment: throttled, or failed by itself. A job that failed is `States.TaskFailed` and not
 * among these: whether it is tried again is its definition's to say, which knows why it ended.
 */
const BATCH_REFUSALS: Retrier = {
  ErrorEquals: [
    "Batch.TooManyRequestsException",
    "Batch.ServerException",
    "Batch.AWSBatchException",
    "Batch.SdkClientException",
  ],
  IntervalSeconds: 5,
  MaxAttempts: 5,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

export interface BatchJobOptions {
  comment?: string;
  jobName: string;
  jobQueueArn: Input<string>;
  jobDefinitionArn: Input<string>;
  /** Replaces the definition's command. @default the definition's */
  command?: string[];
  /** `{Name, Value}` each, or an expression that gives a list of them, laid over the definition's. @default the definition's */
  environment?: Expression | { Name: string; Value: string }[];
  /** Makes it an array job of so many jobs, 2 to 10,000. @default a single job */
  arraySize?: number | Expression;
  /** Attempts in all, 1 to 10, and which ends are worth another one. @default the definition's */
  retry?: { attempts: number; rules: readonly EndRule[] };
  /** How long the state may take, queueing and all attempts included, seconds. */
  timeoutSeconds: number;
  /** What the state gives on. @default the job as DescribeJobs has it */
  output?: unknown;
  catch?: Catcher[];
}

/** Submits a job to Batch and waits for its end; a job that fails is `States.TaskFailed` with the job as JSON in its cause. */
export function batchJob(options: BatchJobOptions): TaskState {
  const overrides = {
    ...(options.command && { Command: options.command }),
    ...(options.environment && { Environment: options.environment }),
  };
  return {
    Type: "Task",
    ...(options.comment && { Comment: options.comment }),
    Resource: "arn:aws:states:::batch:submitJob.sync",
    Arguments: {
      JobName: options.jobName,
      JobQueue: options.jobQueueArn,
      JobDefinition: options.jobDefinitionArn,
      ...(Object.keys(overrides).length > 0 && { ContainerOverrides: overrides }),
      ...(options.arraySize !== undefined && { ArrayProperties: { Size: options.arraySize } }),
      ...(options.retry && { RetryStrategy: retryStrategy(options.retry) }),
    },
    TimeoutSeconds: options.timeoutSeconds,
    Retry: [BATCH_REFUSALS],
    ...(options.catch && { Catch: options.catch }),
    ...(options.output !== undefined && { Output: options.output }),
  };
}

function retryStrategy({ attempts, rules }: NonNullable<BatchJobOptions["retry"]>) {
  return {
    Attempts: attempts,
    EvaluateOnExit: rules.map(({ action, onExitCode, onReason, onStatusReason }) => ({
      Action: action,
      ...(onExitCode !== undefined && { OnExitCode: onExitCode }),
      ...(onReason !== undefined && { OnReason: onReason }),
      ...(onStatusReason !== undefined && { OnStatusReason: onStatusReason }),
    })),
  };
}

export interface PublishOptions {
  comment?: string;
  topicArn: Input<string>;
  /** At most 100 characters of ASCII ("Publish", SNS API Reference). */
  subject: string;
  message: string | Expression;
  catch?: Catcher[];
}

/** Publishes a message to an SNS topic. */
export function publish(options: PublishOptions): TaskState {
  return {
    Type: "Task",
    ...(options.comment && { Comment: options.comment }),
    Resource: "arn:aws:states:::sns:publish",
    Arguments: { TopicArn: options.topicArn, Subject: options.subject, Message: options.message },
    ...(options.catch && { Catch: options.catch }),
  };
}
