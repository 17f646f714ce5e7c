// Who may do what in the pipeline: the statements of each role, from ARNs.
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Statement } from "../../components/iam/policy.js";

type Arn = Input<string>;

function list(bucket: Arn, ...prefixes: string[]): Statement {
  return {
    sid: "List",
    actions: ["s3:ListBucket"],
    resources: [bucket],
    conditions: { StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) } },
  };
}

const objects = (bucket: Arn, ...prefixes: string[]): Arn[] =>
  prefixes.map((prefix) => interpolate`${bucket}/${prefix}*`);

/** The container: reads artifacts and input, writes output. It hands none of this on to the script. */
export function taskStatements(bucket: Arn): Statement[] {
  return [
    list(bucket, "artifacts/", "input/"),
    { sid: "Read", actions: ["s3:GetObject"], resources: objects(bucket, "artifacts/", "input/") },
    {
      sid: "Write",
      actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
      resources: objects(bucket, "output/"),
    },
  ];
}

/** The function before: sees what is there, reads nothing of it. */
export function checkStatements(bucket: Arn): Statement[] {
  return [list(bucket, "artifacts/", "input/")];
}

/** The function after: reads what was written. */
export function summaryStatements(bucket: Arn): Statement[] {
  return [
    list(bucket, "output/"),
    { sid: "ReadManifest", actions: ["s3:GetObject"], resources: [interpolate`${bucket}/output/manifest.json`] },
  ];
}

/**
 * Executions. Waiting for a task (`.sync`) takes more than running it: to follow it by a rule that Step Functions manages, and to
 * stop it when the execution ends ("Run Amazon ECS or Fargate tasks with Step Functions").
 */
export function executionStatements(arns: {
  functions: readonly Arn[];
  cluster: Arn;
  /** Without the revision. */
  taskDefinition: Arn;
  /** `arn:aws:ecs:<region>:<account>:task/<cluster>`, without the id. */
  tasks: string;
  /** Roles that tasks are given. */
  roles: readonly Arn[];
  /** Of the rule `StepFunctionsGetEventsForECSTaskRule`. */
  eventsRule: string;
}): Statement[] {
  return [
    { sid: "InvokeFunctions", actions: ["lambda:InvokeFunction"], resources: arns.functions },
    {
      sid: "RunTask",
      actions: ["ecs:RunTask"],
      resources: [interpolate`${arns.taskDefinition}:*`],
      conditions: { ArnEquals: { "ecs:cluster": arns.cluster } },
    },
    { sid: "FollowAndStopTasks", actions: ["ecs:DescribeTasks", "ecs:StopTask"], resources: [`${arns.tasks}/*`] },
    {
      sid: "GiveRolesToTasks",
      actions: ["iam:PassRole"],
      resources: arns.roles,
      conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    {
      sid: "HearOfTasks",
      actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      resources: [arns.eventsRule],
    },
  ];
}
