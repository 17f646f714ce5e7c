// What of a compute environment can be changed ("Updating compute environments", AWS Batch User Guide; UpdateComputeEnvironment, AWS
// Batch API Reference).
import { isDeepStrictEqual } from "node:util";
import type { ComputeResource } from "@aws-sdk/client-batch";
import { isServiceLinked } from "./environmentCheck.js";
import type { ComputeEnvironment } from "./model.js";

/** What is changed by an infrastructure update, which replaces the instances. Fargate has none: its tasks take what is new. */
const INFRASTRUCTURE = [
  "type",
  "allocationStrategy",
  "bidPercentage",
  "ec2Configuration",
  "ec2KeyPair",
  "imageId",
  "instanceRole",
  "instanceTypes",
  "launchTemplate",
  "placementGroup",
  "securityGroupIds",
  "subnets",
  "tags",
] as const satisfies readonly (keyof ComputeResource)[];

/** With any other strategy, instances are never replaced. */
const REPLACING_STRATEGIES: readonly unknown[] = [
  "BEST_FIT_PROGRESSIVE",
  "SPOT_CAPACITY_OPTIMIZED",
  "SPOT_PRICE_CAPACITY_OPTIMIZED",
];

export const isFargate = (resources?: ComputeResource): boolean => resources?.type?.startsWith("FARGATE") ?? false;

/** Why AWS would refuse an update; undefined when it can be. @param wanted what the environment would be */
export function updateRefusal(
  present: Pick<ComputeEnvironment, "serviceRole" | "computeResources">,
  wanted: { serviceRole: string; resources?: ComputeResource },
): string | undefined {
  if (isServiceLinked(present.serviceRole) !== isServiceLinked(wanted.serviceRole))
    return "Cannot update, a compute environment cannot be changed between the service-linked role and another service role.";
  const { computeResources: before } = present;
  const { resources: after } = wanted;
  if (!before || !after) return undefined;
  if (isFargate(before) !== isFargate(after))
    return `Cannot update, compute resource type cannot be changed from ${before.type} to ${after.type}.`;
  const changes = (member: keyof ComputeResource) =>
    !isDeepStrictEqual(comparable(before[member]), comparable(after[member]));
  if (changes("spotIamFleetRole")) return "Cannot update, spotIamFleetRole cannot be changed.";
  const changed = INFRASTRUCTURE.filter(changes);
  if (changed.length === 0 || isFargate(after)) return undefined;
  const needs = `changing ${changed.join(", ")} requires an infrastructure update`;
  if (!isServiceLinked(wanted.serviceRole))
    return `Cannot update, ${needs}, for which the compute environment must use the service-linked role AWSServiceRoleForBatch.`;
  if ([before, after].every(({ allocationStrategy }) => REPLACING_STRATEGIES.includes(allocationStrategy)))
    return undefined;
  return `Cannot update, ${needs}, for which allocationStrategy must be ${REPLACING_STRATEGIES.join(", ")}.`;
}

/** The members of an update that say something: on Fargate, an empty list of subnets or security groups changes nothing. */
export function given(
  present: ComputeResource | undefined,
  update: Partial<ComputeResource>,
): Partial<ComputeResource> {
  if (!isFargate(present)) return update;
  return Object.fromEntries(Object.entries(update).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

/** Lists of names say the same in any order. */
function comparable(value: unknown): unknown {
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? [...value].sort() : value;
}
