// What RegisterJobDefinition accepts, and what it makes of it.
import type { ContainerProperties } from "@aws-sdk/client-batch";
import type { z } from "zod";
import { type BatchError, clientException, invalidRequest, notSupported } from "../errors.js";
import type { JobDefinition, Platform, RetryStrategy } from "../model.js";
import type { jobTimeout, RegisterJobDefinition, retryStrategy } from "../requests.js";
import { fargateSizeError } from "./fargate.js";
import { ec2Resources, resourcesOf } from "./resources.js";
import { substitute } from "./substitution.js";

type Content = Pick<
  JobDefinition,
  | "parameters"
  | "schedulingPriority"
  | "retryStrategy"
  | "timeout"
  | "propagateTags"
  | "platformCapabilities"
  | "containerProperties"
>;

/** FARGATE where the definition says so; EC2 is AWS's default. */
export const platformOf = (capabilities: readonly string[] = []): Platform =>
  capabilities.includes("FARGATE") ? "FARGATE" : "EC2";

/**
 * The content of a new revision.
 *
 * @throws ClientException for what AWS refuses: no image, an invalid Fargate size, a retry strategy without attempts, …
 */
export function definitionContent(request: RegisterJobDefinition): Content {
  if (request.eksProperties) throw notSupported("eksProperties", "use containerProperties");
  if (request.ecsProperties) throw notSupported("ecsProperties", "use containerProperties");
  if (request.nodeProperties || request.type === "multinode")
    throw notSupported("A multi-node parallel job definition", "use type container, or an array job");
  if (request.consumableResourceProperties) throw notSupported("consumableResourceProperties", "leave it out");
  if (request.platformCapabilities?.includes("MANAGED_INSTANCES"))
    throw notSupported("Platform capability MANAGED_INSTANCES", "use EC2 or FARGATE");
  if (!request.containerProperties) throw invalidRequest("containerProperties must be provided for a container job.");
  const container = request.containerProperties as ContainerProperties;
  checkContainer(container, platformOf(request.platformCapabilities));
  return {
    parameters: request.parameters ?? {},
    schedulingPriority: request.schedulingPriority,
    retryStrategy: request.retryStrategy && retryStrategyOf(request.retryStrategy),
    timeout: request.timeout && timeoutOf(request.timeout),
    propagateTags: request.propagateTags,
    platformCapabilities: request.platformCapabilities ?? [],
    containerProperties: {
      ...container,
      command: container.command ?? [],
      volumes: container.volumes ?? [],
      environment: container.environment ?? [],
      mountPoints: container.mountPoints ?? [],
      ulimits: container.ulimits ?? [],
      resourceRequirements: container.resourceRequirements ?? [],
      secrets: container.secrets ?? [],
    },
  };
}

/** @throws ClientException for what the platform cannot run */
export function checkContainer(container: ContainerProperties, platform: Platform): void {
  if (!container.image) throw invalidRequest("Container image is not provided.");
  checkEnvironment(container.environment);
  const resources = platform === "FARGATE" ? fargateResources(container) : resourcesOf(container);
  const gpu = container.resourceRequirements?.some(({ type }) => type === "GPU");
  const problem =
    platform === "FARGATE"
      ? (fargateProblem(container, gpu) ?? fargateSizeError(resources.vcpus, resources.memoryMiB))
      : ec2Problem(container);
  if (problem) throw problem;
  if (platform !== "FARGATE") ec2Resources(container);
}

/** @throws ClientException for the deprecated members, which Fargate does not know */
export function fargateResources(container: ContainerProperties): { vcpus: number; memoryMiB: number } {
  for (const member of ["vcpus", "memory"] as const)
    if (container[member] !== undefined)
      throw clientException(`${member} is not applicable for Fargate. Use resource requirements instead.`);
  return resourcesOf(container);
}

/** @throws ClientException for a name that AWS reserves for itself */
export function checkEnvironment(environment: ContainerProperties["environment"]): void {
  const reserved = environment?.find(({ name }) => name?.startsWith("AWS_BATCH"));
  if (reserved)
    throw invalidRequest(`Environment variable ${reserved.name} is reserved: names must not start with AWS_BATCH.`);
}

/** @throws ClientException without attempts, or with more than AWS's 10 */
export function retryStrategyOf(strategy: z.infer<typeof retryStrategy>): RetryStrategy {
  if (strategy.attempts === undefined) throw invalidRequest("RetryAttempts must be provided with retry strategy");
  if (strategy.attempts < 1 || strategy.attempts > 10) throw invalidRequest("RetryAttempts must be between 1 and 10");
  return {
    attempts: strategy.attempts,
    evaluateOnExit: (strategy.evaluateOnExit ?? []) as RetryStrategy["evaluateOnExit"],
  };
}

/** @throws ClientException below AWS's minimum of 60 seconds (JobTimeout, AWS Batch API Reference) */
export function timeoutOf(timeout: z.infer<typeof jobTimeout>): { attemptDurationSeconds: number } | undefined {
  if (timeout.attemptDurationSeconds === undefined) return undefined;
  if (timeout.attemptDurationSeconds < 60) throw invalidRequest("attemptDurationSeconds must be at least 60 seconds.");
  return { attemptDurationSeconds: timeout.attemptDurationSeconds };
}

/** The command with its placeholders replaced; the definition's parameters are defaults of the job's. */
export function commandOf(command: readonly string[] | undefined, parameters: Record<string, string>): string[] {
  return substitute(command ?? [], parameters);
}

function fargateProblem(container: ContainerProperties, gpu = false): BatchError | undefined {
  if (gpu) return invalidRequest("GPU is not applicable for Fargate.");
  if (container.privileged)
    return invalidRequest("Fargate requires that the 'privileged' setting be 'false' at the container level.");
  if (!container.executionRoleArn) return invalidRequest("ExecutionRoleArn is required for Fargate.");
  if (container.instanceType) return invalidRequest("instanceType is not applicable for Fargate.");
  const hostVolume = container.volumes?.some(({ host }) => host?.sourcePath);
  return hostVolume ? invalidRequest("host.sourcePath is not applicable for Fargate.") : undefined;
}

function ec2Problem(container: ContainerProperties): BatchError | undefined {
  if (container.networkConfiguration) return invalidRequest("networkConfiguration not applicable for EC2.");
  if (container.fargatePlatformConfiguration)
    return invalidRequest("fargatePlatformConfiguration not applicable for EC2.");
  return undefined;
}
