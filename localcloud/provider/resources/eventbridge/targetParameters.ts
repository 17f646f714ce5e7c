// What an event target says for the service it points at: properties, and their translation to AWS's and back.
import type { Target } from "@aws-sdk/client-eventbridge";
import { flag, type Inputs, list, map, number, object, type State, set, text } from "../../properties.js";

export const targetProperties = {
  arn: text({ required: true }),
  roleArn: text(),
  input: text({ max: 8192 }),
  inputPath: text({ max: 256 }),
  inputTransformer: object({ inputPaths: map(text()), inputTemplate: text({ required: true, max: 8192 }) }),
  deadLetterConfig: object({ arn: text() }),
  retryPolicy: object({
    maximumEventAgeInSeconds: number({ min: 0, max: 86_400 }),
    maximumRetryAttempts: number({ min: 0, max: 185 }),
  }),
  batchTarget: object({
    jobDefinition: text({ required: true }),
    jobName: text({ required: true }),
    arraySize: number({ min: 2, max: 10_000 }),
    jobAttempts: number({ min: 1, max: 10 }),
  }),
  ecsTarget: object({
    taskDefinitionArn: text({ required: true }),
    taskCount: number({ default: 1, min: 1 }),
    launchType: text({ values: ["EC2", "FARGATE", "EXTERNAL"] }),
    platformVersion: text(),
    group: text(),
    networkConfiguration: object({
      subnets: set(text(), { required: true }),
      securityGroups: set(text()),
      assignPublicIp: flag({ default: false }),
    }),
    capacityProviderStrategies: set(
      object({ capacityProvider: text({ required: true }), base: number({ default: 0 }), weight: number() }),
    ),
    enableEcsManagedTags: flag({ default: false }),
    enableExecuteCommand: flag({ default: false }),
    propagateTags: text({ values: ["TASK_DEFINITION"] }),
    tags: map(text()),
  }),
  sqsTarget: object({ messageGroupId: text() }),
  kinesisTarget: object({ partitionKeyPath: text() }),
  httpTarget: object({
    headerParameters: map(text()),
    pathParameterValues: list(text()),
    queryStringParameters: map(text()),
  }),
  runCommandTargets: list(object({ key: text({ required: true }), values: list(text(), { required: true }) }), {
    max: 5,
  }),
};

/** A target as `PutTargets` takes it. */
export function toTarget(id: string, inputs: Inputs<typeof targetProperties>): Target {
  const { batchTarget: batch, ecsTarget: ecs, inputTransformer, retryPolicy, httpTarget, runCommandTargets } = inputs;
  const network = ecs?.networkConfiguration;
  return {
    Id: id,
    Arn: inputs.arn,
    RoleArn: inputs.roleArn,
    Input: inputs.input,
    InputPath: inputs.inputPath,
    InputTransformer: inputTransformer && {
      InputPathsMap: inputTransformer.inputPaths,
      InputTemplate: inputTransformer.inputTemplate,
    },
    DeadLetterConfig: inputs.deadLetterConfig?.arn ? { Arn: inputs.deadLetterConfig.arn } : undefined,
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
    BatchParameters: batch && {
      JobDefinition: batch.jobDefinition,
      JobName: batch.jobName,
      ArrayProperties: batch.arraySize === undefined ? undefined : { Size: batch.arraySize },
      RetryStrategy: batch.jobAttempts === undefined ? undefined : { Attempts: batch.jobAttempts },
    },
    EcsParameters: ecs && {
      TaskDefinitionArn: ecs.taskDefinitionArn,
      TaskCount: ecs.taskCount,
      LaunchType: ecs.launchType as "FARGATE" | undefined,
      PlatformVersion: ecs.platformVersion,
      Group: ecs.group,
      NetworkConfiguration: network && {
        awsvpcConfiguration: {
          Subnets: network.subnets,
          SecurityGroups: network.securityGroups,
          AssignPublicIp: network.assignPublicIp ? "ENABLED" : "DISABLED",
        },
      },
      CapacityProviderStrategy: ecs.capacityProviderStrategies?.map((each) => ({
        capacityProvider: each.capacityProvider,
        base: each.base,
        weight: each.weight,
      })),
      EnableECSManagedTags: ecs.enableEcsManagedTags,
      EnableExecuteCommand: ecs.enableExecuteCommand,
      PropagateTags: ecs.propagateTags as "TASK_DEFINITION" | undefined,
      Tags: ecs.tags && Object.entries(ecs.tags).map(([Key, Value]) => ({ Key, Value })),
    },
    SqsParameters: inputs.sqsTarget?.messageGroupId ? { MessageGroupId: inputs.sqsTarget.messageGroupId } : undefined,
    KinesisParameters: inputs.kinesisTarget?.partitionKeyPath
      ? { PartitionKeyPath: inputs.kinesisTarget.partitionKeyPath }
      : undefined,
    HttpParameters: httpTarget && {
      HeaderParameters: httpTarget.headerParameters,
      PathParameterValues: httpTarget.pathParameterValues,
      QueryStringParameters: httpTarget.queryStringParameters,
    },
    RunCommandParameters: runCommandTargets && {
      RunCommandTargets: runCommandTargets.map(({ key, values }) => ({ Key: key, Values: values })),
    },
  };
}

/** A target as `ListTargetsByRule` gives it. */
export function toState(found: Target): State<typeof targetProperties> {
  const { BatchParameters: batch, EcsParameters: ecs, InputTransformer: transformer, RetryPolicy: retry } = found;
  const network = ecs?.NetworkConfiguration?.awsvpcConfiguration;
  return {
    arn: found.Arn,
    roleArn: found.RoleArn,
    input: found.Input,
    inputPath: found.InputPath,
    inputTransformer: transformer && {
      inputPaths: transformer.InputPathsMap,
      inputTemplate: transformer.InputTemplate ?? "",
    },
    deadLetterConfig: found.DeadLetterConfig && { arn: found.DeadLetterConfig.Arn },
    retryPolicy: retry && {
      maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds,
      maximumRetryAttempts: retry.MaximumRetryAttempts,
    },
    batchTarget: batch && {
      jobDefinition: batch.JobDefinition ?? "",
      jobName: batch.JobName ?? "",
      arraySize: batch.ArrayProperties?.Size,
      jobAttempts: batch.RetryStrategy?.Attempts,
    },
    ecsTarget: ecs && {
      taskDefinitionArn: ecs.TaskDefinitionArn ?? "",
      taskCount: ecs.TaskCount ?? 1,
      launchType: ecs.LaunchType,
      platformVersion: ecs.PlatformVersion,
      group: ecs.Group,
      networkConfiguration: network && {
        subnets: network.Subnets ?? [],
        securityGroups: network.SecurityGroups,
        assignPublicIp: network.AssignPublicIp === "ENABLED",
      },
      capacityProviderStrategies: ecs.CapacityProviderStrategy?.map((each) => ({
        capacityProvider: each.capacityProvider ?? "",
        base: each.base ?? 0,
        weight: each.weight,
      })),
      enableEcsManagedTags: ecs.EnableECSManagedTags ?? false,
      enableExecuteCommand: ecs.EnableExecuteCommand ?? false,
      propagateTags: ecs.PropagateTags,
      tags: ecs.Tags && Object.fromEntries(ecs.Tags.map((tag) => [tag.Key ?? "", tag.Value ?? ""])),
    },
    sqsTarget: found.SqsParameters && { messageGroupId: found.SqsParameters.MessageGroupId },
    kinesisTarget: found.KinesisParameters && { partitionKeyPath: found.KinesisParameters.PartitionKeyPath },
    httpTarget: found.HttpParameters && {
      headerParameters: found.HttpParameters.HeaderParameters,
      pathParameterValues: found.HttpParameters.PathParameterValues,
      queryStringParameters: found.HttpParameters.QueryStringParameters,
    },
    runCommandTargets: found.RunCommandParameters?.RunCommandTargets?.map((each) => ({
      key: each.Key ?? "",
      values: each.Values ?? [],
    })),
  };
}
