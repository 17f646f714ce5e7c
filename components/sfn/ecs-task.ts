// A task state that runs an ECS task on Fargate and waits for its end.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Expression, Retrier, TaskState } from "./asl.js";

/** ECS refused to start a task for the moment. A task that failed is `States.TaskFailed` and not among these. */
const ECS_REFUSALS: Retrier = {
  ErrorEquals: ["ECS.ServerException", "ECS.ThrottlingException", "ECS.SdkClientException"],
  IntervalSeconds: 5,
  MaxAttempts: 5,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

export interface EcsTaskOptions {
  comment?: string;
  clusterArn: Input<string>;
  /** With the revision. */
  taskDefinitionArn: Input<string>;
  subnetIds: Input<Input<string>[]>;
  securityGroupIds: Input<string>[];
  /** Container → variables that are laid over its definition's. @default the definition's */
  environment?: { container: string; variables: Record<string, string | Expression> };
  /** How long the state may take, seconds. */
  timeoutSeconds: number;
  /** What the state gives on. @default the task as DescribeTasks has it */
  output?: unknown;
  catch?: Catcher[];
}

/** Runs a task to its end; one of which a container ended other than with 0 is `States.TaskFailed`, the task as JSON in its cause. */
export function ecsTask(options: EcsTaskOptions): TaskState {
  const { environment } = options;
  return {
    Type: "Task",
    ...(options.comment && { Comment: options.comment }),
    Resource: "arn:aws:states:::ecs:runTask.sync",
    Arguments: {
      Cluster: options.clusterArn,
      TaskDefinition: options.taskDefinitionArn,
      LaunchType: "FARGATE",
      PropagateTags: "TASK_DEFINITION",
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: options.subnetIds,
          SecurityGroups: options.securityGroupIds,
          AssignPublicIp: "DISABLED",
        },
      },
      ...(environment && {
        Overrides: {
          ContainerOverrides: [
            {
              Name: environment.container,
              Environment: Object.entries(environment.variables).map(([Name, Value]) => ({ Name, Value })),
            },
          ],
        },
      }),
    },
    TimeoutSeconds: options.timeoutSeconds,
    Retry: [ECS_REFUSALS],
    ...(options.catch && { Catch: options.catch }),
    ...(options.output !== undefined && { Output: options.output }),
  };
}
