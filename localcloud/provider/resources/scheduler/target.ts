// What a schedule sets off: the target's properties, and their translation to AWS's and back.
import type {
  LaunchType,
  PlacementConstraintType,
  PlacementStrategyType,
  PropagateTags,
  Target,
} from "@aws-sdk/client-scheduler";
import { flag, type Inputs, list, map, number, object, set, text } from "../../properties.js";

export const targetProperties = {
  arn: text({ required: true }),
  roleArn: text({ required: true }),
  input: text(),
  deadLetterConfig: object({ arn: text({ required: true }) }),
  retryPolicy: object({
    maximumEventAgeInSeconds: number({ default: 86_400, min: 60, max: 86_400 }),
    maximumRetryAttempts: number({ default: 185, min: 0, max: 185 }),
  }),
  ecsParameters: object({
    taskDefinitionArn: text({ required: true }),
    taskCount: number({ default: 1, min: 1, max: 10 }),
    launchType: text({ values: ["EC2", "FARGATE", "EXTERNAL"] }),
    platformVersion: text(),
    group: text(),
    referenceId: text(),
    networkConfiguration: object({
      subnets: set(text(), { required: true }),
      securityGroups: set(text()),
      assignPublicIp: flag({ default: false }),
    }),
    capacityProviderStrategies: set(
      object({
        capacityProvider: text({ required: true }),
        base: number({ default: 0 }),
        weight: number({ default: 0 }),
      }),
    ),
    placementConstraints: set(object({ type: text({ required: true }), expression: text() })),
    placementStrategies: set(object({ type: text({ required: true }), field: text() })),
    enableEcsManagedTags: flag({ default: false }),
    enableExecuteCommand: flag({ default: false }),
    propagateTags: text({ values: ["TASK_DEFINITION"] }),
    tags: map(text()),
  }),
  eventbridgeParameters: object({ detailType: text({ required: true }), source: text({ required: true }) }),
  kinesisParameters: object({ partitionKey: text({ required: true }) }),
  sqsParameters: object({ messageGroupId: text() }),
  sagemakerPipelineParameters: object({
    pipelineParameters: list(object({ name: text({ required: true }), value: text({ required: true }) })),
  }),
};
type TargetInputs = Inputs<typeof targetProperties>;

/** A target as the API takes it. */
export function toTarget(given: TargetInputs): Target {
  const { ecsParameters: ecs, retryPolicy, eventbridgeParameters, kinesisParameters } = given;
  const network = ecs?.networkConfiguration;
  return {
    Arn: given.arn,
    RoleArn: given.roleArn,
    Input: given.input,
    DeadLetterConfig: given.deadLetterConfig && { Arn: given.deadLetterConfig.arn },
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
    EcsParameters: ecs && {
      TaskDefinitionArn: ecs.taskDefinitionArn,
      TaskCount: ecs.taskCount,
      LaunchType: ecs.launchType as LaunchType | undefined,
      PlatformVersion: ecs.platformVersion,
      Group: ecs.group,
      ReferenceId: ecs.referenceId,
      NetworkConfiguration: network && {
        awsvpcConfiguration: {
          Subnets: network.subnets,
          SecurityGroups: network.securityGroups,
          AssignPublicIp: network.assignPublicIp ? "ENABLED" : "DISABLED",
        },
      },
      CapacityProviderStrategy: ecs.capacityProviderStrategies,
      PlacementConstraints: ecs.placementConstraints?.map((each) => ({
        ...each,
        type: each.type as PlacementConstraintType,
      })),
      PlacementStrategy: ecs.placementStrategies?.map((each) => ({
        ...each,
        type: each.type as PlacementStrategyType,
      })),
      EnableECSManagedTags: ecs.enableEcsManagedTags,
      EnableExecuteCommand: ecs.enableExecuteCommand,
      PropagateTags: ecs.propagateTags as PropagateTags | undefined,
      Tags: ecs.tags && Object.entries(ecs.tags).map(([Key, Value]) => ({ Key, Value })),
    },
    EventBridgeParameters: eventbridgeParameters && {
      DetailType: eventbridgeParameters.detailType,
      Source: eventbridgeParameters.source,
    },
    KinesisParameters: kinesisParameters && { PartitionKey: kinesisParameters.partitionKey },
    SqsParameters: given.sqsParameters && { MessageGroupId: given.sqsParameters.messageGroupId },
    SageMakerPipelineParameters: given.sagemakerPipelineParameters && {
      PipelineParameterList: given.sagemakerPipelineParameters.pipelineParameters?.map(({ name, value }) => ({
        Name: name,
        Value: value,
      })),
    },
  };
}

/** A target as the API gives it. */
export function toState(found: Target): TargetInputs {
  const { EcsParameters: ecs, RetryPolicy: retry, EventBridgeParameters: eventBridge } = found;
  const network = ecs?.NetworkConfiguration?.awsvpcConfiguration;
  const tags = ecs?.Tags as { Key?: string; Value?: string }[] | undefined;
  return {
    arn: found.Arn ?? "",
    roleArn: found.RoleArn ?? "",
    input: found.Input,
    deadLetterConfig: found.DeadLetterConfig?.Arn ? { arn: found.DeadLetterConfig.Arn } : undefined,
    retryPolicy: retry && {
      maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds ?? 86_400,
      maximumRetryAttempts: retry.MaximumRetryAttempts ?? 185,
    },
    ecsParameters: ecs && {
      taskDefinitionArn: ecs.TaskDefinitionArn ?? "",
      taskCount: ecs.TaskCount ?? 1,
      launchType: ecs.LaunchType,
      platformVersion: ecs.PlatformVersion,
      group: ecs.Group,
      referenceId: ecs.ReferenceId,
      networkConfiguration: network && {
        subnets: network.Subnets ?? [],
        securityGroups: network.SecurityGroups,
        assignPublicIp: network.AssignPublicIp === "ENABLED",
      },
      capacityProviderStrategies: ecs.CapacityProviderStrategy?.map((each) => ({
        capacityProvider: each.capacityProvider ?? "",
        base: each.base ?? 0,
        weight: each.weight ?? 0,
      })),
      placementConstraints: ecs.PlacementConstraints?.map(({ type, expression }) => ({ type: type ?? "", expression })),
      placementStrategies: ecs.PlacementStrategy?.map(({ type, field }) => ({ type: type ?? "", field })),
      enableEcsManagedTags: ecs.EnableECSManagedTags ?? false,
      enableExecuteCommand: ecs.EnableExecuteCommand ?? false,
      propagateTags: ecs.PropagateTags,
      tags: tags && Object.fromEntries(tags.map((tag) => [tag.Key ?? "", tag.Value ?? ""])),
    },
    eventbridgeParameters: eventBridge && {
      detailType: eventBridge.DetailType ?? "",
      source: eventBridge.Source ?? "",
    },
    kinesisParameters: found.KinesisParameters && { partitionKey: found.KinesisParameters.PartitionKey ?? "" },
    sqsParameters: found.SqsParameters && { messageGroupId: found.SqsParameters.MessageGroupId },
    sagemakerPipelineParameters: found.SageMakerPipelineParameters && {
      pipelineParameters: found.SageMakerPipelineParameters.PipelineParameterList?.map((each) => ({
        name: each.Name ?? "",
        value: each.Value ?? "",
      })),
    },
  };
}
