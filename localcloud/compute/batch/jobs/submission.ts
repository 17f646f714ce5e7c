// From a SubmitJob request to the jobs it enters: one, or an array parent with its children.
import type { ContainerDetail, KeyValuePair } from "@aws-sdk/client-batch";
import { batchArn } from "../arn.js";
import { clientException, invalidRequest, notSupported } from "../errors.js";
import type { Dependency, Job, JobDefinition, JobQueue, Platform } from "../model.js";
import type { SubmitJob } from "../requests.js";
import type { BatchRegion } from "../store.js";
import { checkEnvironment, commandOf, fargateResources, platformOf, retryStrategyOf, timeoutOf } from "./definition.js";
import { fargateSizeError } from "./fargate.js";
import { ec2Resources, overrideRequirements } from "./resources.js";

const ARRAY_SIZES = { least: 2, most: 10_000 };
const MOST_DEPENDENCIES = 20;

export interface Submission {
  readonly request: SubmitJob;
  readonly queue: JobQueue;
  readonly definition: JobDefinition;
  /** A UUID. */
  readonly jobId: string;
  readonly sequence: number;
  /** Milliseconds of the epoch. */
  readonly now: number;
}

/**
 * The jobs of a submission, the parent of an array first.
 *
 * @throws ClientException for what AWS refuses at SubmitJob
 */
export function jobsOf(region: BatchRegion, submission: Submission): Job[] {
  const { request, queue, definition, jobId } = submission;
  refuseUnsupported(request);
  const platform = platformFor(queue, definition);
  checkShare(queue, request, definition);
  const parameters = { ...definition.parameters, ...request.parameters };
  const container = containerOf(definition, request, parameters, platform);
  const resources = platform === "FARGATE" ? fargateResources(container) : ec2Resources(container);
  const sizeProblem = platform === "FARGATE" ? fargateSizeError(resources.vcpus, resources.memoryMiB) : undefined;
  if (sizeProblem) throw sizeProblem;
  const size = arraySize(request);
  const dependsOn = request.dependsOn ?? [];
  checkDependencies(region, dependsOn, size);
  const plain = dependsOn.flatMap(({ jobId: id, type }) => (id && type !== "N_TO_N" ? [id] : []));
  const job: Job = {
    account: queue.account,
    region: queue.region,
    id: jobId,
    arn: batchArn(queue, "job", jobId),
    name: request.jobName,
    queue: queue.arn,
    definition: definition.arn,
    definitionName: definition.name,
    sequence: submission.sequence,
    status: "SUBMITTED",
    createdAt: submission.now,
    dependsOn,
    waitsFor: plain,
    platform,
    ...resources,
    retryStrategy: (request.retryStrategy && retryStrategyOf(request.retryStrategy)) ??
      definition.retryStrategy ?? { attempts: 1, evaluateOnExit: [] },
    timeoutSeconds: ((request.timeout && timeoutOf(request.timeout)) ?? definition.timeout)?.attemptDurationSeconds,
    parameters,
    container,
    attempts: [],
    shareIdentifier: request.shareIdentifier,
    schedulingPriority: queue.schedulingPolicyArn
      ? (request.schedulingPriorityOverride ?? definition.schedulingPriority)
      : undefined,
    platformCapabilities: definition.platformCapabilities,
    propagateTags: request.propagateTags ?? definition.propagateTags ?? false,
    tags: { ...request.tags },
  };
  if (size === undefined) return [job];
  const parent: Job = { ...job, array: { size, remaining: size, failed: 0 } };
  return [parent, ...Array.from({ length: size }, (_, index) => childOf(job, index, size))];
}

/** A child waits for what its parent waits for, for its twin in N_TO_N dependencies, and for the child before it in a SEQUENTIAL array. */
function childOf(parent: Job, index: number, size: number): Job {
  const twins = parent.dependsOn.flatMap(({ jobId, type }) => (type === "N_TO_N" ? [`${jobId}:${index}`] : []));
  const sequential = index > 0 && parent.dependsOn.some(({ jobId, type }) => type === "SEQUENTIAL" && !jobId);
  const waitsFor = [...parent.waitsFor, ...twins, ...(sequential ? [`${parent.id}:${index - 1}`] : [])];
  return {
    ...parent,
    id: `${parent.id}:${index}`,
    arn: `${parent.arn}:${index}`,
    waitsFor,
    dependsOn: waitsFor.map((jobId) => ({ jobId })),
    sequence: parent.sequence + 1 + index,
    child: { parent: parent.id, index, size },
  };
}

function refuseUnsupported(request: SubmitJob): void {
  if (request.nodeOverrides) throw notSupported("nodeOverrides", "submit a container job or an array job");
  if (request.ecsPropertiesOverride) throw notSupported("ecsPropertiesOverride", "use containerOverrides");
  if (request.eksPropertiesOverride) throw notSupported("eksPropertiesOverride", "use containerOverrides");
}

function platformFor(queue: JobQueue, definition: JobDefinition): Platform {
  const capabilities = definition.platformCapabilities.length > 0 ? definition.platformCapabilities : ["EC2"];
  const platform = queue.jobQueueType === "ECS_FARGATE" ? "FARGATE" : "EC2";
  if (!capabilities.includes(platform))
    throw clientException(
      `Job Queue is attached to Compute Environment that can not run Jobs with capability ${platformOf(capabilities)}.`,
    );
  return platform;
}

function checkShare(queue: JobQueue, request: SubmitJob, definition: JobDefinition): void {
  if (queue.schedulingPolicyArn) {
    if (!request.shareIdentifier)
      throw clientException(
        "Job submitted to job queue with fair share scheduling policy must specify shareIdentifier.",
      );
    if (request.schedulingPriorityOverride === undefined && definition.schedulingPriority === undefined)
      throw clientException(
        "Job submitted to job queue with fair share scheduling policy must specify schedulingPriority.",
      );
  } else if (request.shareIdentifier !== undefined || request.schedulingPriorityOverride !== undefined)
    throw clientException(
      "Job with shareIdentifier or schedulingPriority can only be submitted to job queue with fair share scheduling policy.",
    );
}

function arraySize(request: SubmitJob): number | undefined {
  const size = request.arrayProperties?.size;
  if (size === undefined) return undefined;
  if (size < ARRAY_SIZES.least || size > ARRAY_SIZES.most)
    throw invalidRequest(`Array size must be between ${ARRAY_SIZES.least} and ${ARRAY_SIZES.most}.`);
  return size;
}

function checkDependencies(region: BatchRegion, dependsOn: readonly Dependency[], size: number | undefined): void {
  if (dependsOn.length > MOST_DEPENDENCIES)
    throw invalidRequest(`A job can depend on at most ${MOST_DEPENDENCIES} jobs.`);
  for (const { jobId, type } of dependsOn) {
    if (type !== undefined && size === undefined)
      throw invalidRequest(`Dependency type ${type} can be used by array jobs only.`);
    if (jobId === undefined) {
      if (type !== "SEQUENTIAL") throw invalidRequest("A dependency without jobId must be of type SEQUENTIAL.");
      continue;
    }
    const needed = region.table.jobs.get(jobId);
    if (!needed) throw invalidRequest(`Job ${jobId} in dependsOn does not exist.`);
    if (type === "N_TO_N" && needed.array?.size !== size)
      throw invalidRequest(
        `An N_TO_N dependency needs an array job of the same size; ${jobId} is of size ${needed.array?.size ?? 1}.`,
      );
  }
}

/** The definition's container with the overrides laid over it, and the command's placeholders replaced. */
function containerOf(
  definition: JobDefinition,
  request: SubmitJob,
  parameters: Record<string, string>,
  platform: Platform,
): ContainerDetail {
  const base = definition.containerProperties;
  const overrides = request.containerOverrides ?? {};
  checkEnvironment(overrides.environment);
  if (overrides.command?.includes("")) throw invalidRequest("Command must not contain an empty string.");
  if (platform === "FARGATE" && (overrides.vcpus !== undefined || overrides.memory !== undefined))
    fargateResources({ vcpus: overrides.vcpus, memory: overrides.memory });
  return {
    ...base,
    vcpus: overrides.vcpus ?? base.vcpus,
    memory: overrides.memory ?? base.memory,
    command: commandOf(overrides.command ?? base.command, parameters),
    environment: mergeEnvironment(base.environment, overrides.environment),
    resourceRequirements: overrideRequirements(
      base.resourceRequirements,
      overrides.resourceRequirements as ContainerDetail["resourceRequirements"],
    ),
    networkInterfaces: [],
  };
}

function mergeEnvironment(base: readonly KeyValuePair[] = [], override: readonly KeyValuePair[] = []): KeyValuePair[] {
  const kept = base.filter(({ name }) => !override.some((each) => each.name === name));
  return [...kept, ...override];
}
