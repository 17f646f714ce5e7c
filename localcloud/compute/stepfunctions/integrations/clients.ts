// The clients of the AWS SDK that tasks can use, by the name that `aws-sdk` resources have for the service; each is loaded when first used.

/** A client package, with its client, commands and errors. */
export type ClientPackage = Record<string, unknown>;

export const CLIENTS: Readonly<Record<string, () => Promise<ClientPackage>>> = {
  athena: () => import("@aws-sdk/client-athena"),
  batch: () => import("@aws-sdk/client-batch"),
  budgets: () => import("@aws-sdk/client-budgets"),
  cloudtrail: () => import("@aws-sdk/client-cloudtrail"),
  cloudwatch: () => import("@aws-sdk/client-cloudwatch"),
  cloudwatchlogs: () => import("@aws-sdk/client-cloudwatch-logs"),
  dynamodb: () => import("@aws-sdk/client-dynamodb"),
  ec2: () => import("@aws-sdk/client-ec2"),
  ecr: () => import("@aws-sdk/client-ecr"),
  ecs: () => import("@aws-sdk/client-ecs"),
  efs: () => import("@aws-sdk/client-efs"),
  emr: () => import("@aws-sdk/client-emr"),
  eventbridge: () => import("@aws-sdk/client-eventbridge"),
  glue: () => import("@aws-sdk/client-glue"),
  iam: () => import("@aws-sdk/client-iam"),
  kms: () => import("@aws-sdk/client-kms"),
  lambda: () => import("@aws-sdk/client-lambda"),
  resourcegroupstaggingapi: () => import("@aws-sdk/client-resource-groups-tagging-api"),
  s3: () => import("@aws-sdk/client-s3"),
  scheduler: () => import("@aws-sdk/client-scheduler"),
  secretsmanager: () => import("@aws-sdk/client-secrets-manager"),
  sfn: () => import("@aws-sdk/client-sfn"),
  sns: () => import("@aws-sdk/client-sns"),
  sqs: () => import("@aws-sdk/client-sqs"),
  ssm: () => import("@aws-sdk/client-ssm"),
  sts: () => import("@aws-sdk/client-sts"),
};
