// How many vCPUs and how much memory a container asks for, in the old way (vcpus, memory) and the new (resourceRequirements).
import type { ContainerProperties, ResourceRequirement } from "@aws-sdk/client-batch";
import { type BatchError, invalidRequest } from "../errors.js";

type Requested = Pick<ContainerProperties, "vcpus" | "memory" | "resourceRequirements">;

export interface Resources {
  readonly vcpus: number;
  readonly memoryMiB: number;
}

const requirement = (list: readonly ResourceRequirement[] | undefined, type: string): number | undefined => {
  const value = list?.find((each) => each.type === type)?.value;
  return value === undefined ? undefined : Number(value);
};

/**
 * What a container is given. A requirement wins over the deprecated member, as on AWS.
 *
 * @throws ClientException when one of the two is missing or is no positive number
 */
export function resourcesOf(container: Requested): Resources {
  const vcpus = requirement(container.resourceRequirements, "VCPU") ?? container.vcpus;
  const memoryMiB = requirement(container.resourceRequirements, "MEMORY") ?? container.memory;
  if (vcpus === undefined) throw invalidRequest("vCPU is not provided.");
  if (memoryMiB === undefined) throw invalidRequest("Memory is not provided.");
  const problem = notPositive("VCPU", vcpus) ?? notPositive("MEMORY", memoryMiB);
  if (problem) throw problem;
  if (memoryMiB < 4) throw invalidRequest("At least 4 MiB of memory must be specified.");
  return { vcpus, memoryMiB };
}

/**
 * The same on EC2, where vCPUs are whole ("ResourceRequirement", AWS Batch API Reference).
 *
 * @throws ClientException as above, or for less than 1 vCPU or a part of one
 */
export function ec2Resources(container: Requested): Resources {
  const resources = resourcesOf(container);
  if (!Number.isInteger(resources.vcpus))
    throw invalidRequest("The value of resource requirement VCPU must be a whole number of at least 1 on EC2.");
  return resources;
}

function notPositive(type: string, value: number): BatchError | undefined {
  if (Number.isFinite(value) && value > 0) return undefined;
  return invalidRequest(`The value of resource requirement ${type} must be a positive number.`);
}

/** Requirements with those of an override put in the place of the same type. */
export function overrideRequirements(
  base: readonly ResourceRequirement[] = [],
  override: readonly ResourceRequirement[] = [],
): ResourceRequirement[] {
  const kept = base.filter(({ type }) => !override.some((each) => each.type === type));
  return [...kept, ...override];
}
