// The compute resources of a Batch compute environment: their properties, and which changes AWS makes in place.
import type { ComputeResource, ComputeResourceUpdate, CRAllocationStrategy, CRType } from "@aws-sdk/client-batch";
import { type Inputs, list, map, number, object, type State, set, text } from "../../properties.js";

const properties = {
  type: text({ required: true, values: ["EC2", "SPOT", "FARGATE", "FARGATE_SPOT"] }),
  maxVcpus: number({ required: true, min: 0 }),
  minVcpus: number({ computed: true, min: 0 }),
  desiredVcpus: number({ computed: true, min: 0 }),
  subnets: set(text(), { required: true, min: 1 }),
  securityGroupIds: set(text()),
  allocationStrategy: text({
    computed: true,
    values: ["BEST_FIT", "BEST_FIT_PROGRESSIVE", "SPOT_CAPACITY_OPTIMIZED", "SPOT_PRICE_CAPACITY_OPTIMIZED"],
  }),
  bidPercentage: number({ computed: true }),
  instanceRole: text(),
  instanceTypes: set(text(), { computed: true }),
  imageId: text(),
  ec2KeyPair: text(),
  ec2Configurations: list(
    object({ imageIdOverride: text({ computed: true }), imageKubernetesVersion: text(), imageType: text() }),
    { computed: true },
  ),
  launchTemplate: object({
    launchTemplateId: text(),
    launchTemplateName: text(),
    version: text({ computed: true }),
  }),
  placementGroup: text(),
  spotIamFleetRole: text({ replace: true }),
  tags: map(text()),
};

export const computeResources = object(properties);
export type ComputeResourcesInputs = Inputs<typeof properties>;
export type ComputeResourcesState = State<typeof properties>;

const isFargate = (type: string | undefined) => type?.startsWith("FARGATE") ?? false;

/** Members that every compute environment changes in place. */
const SCALING = ["maxVcpus", "minVcpus", "desiredVcpus"] as const;
const FARGATE_NETWORK = ["type", "subnets", "securityGroupIds"] as const;

/**
 * Whether AWS makes the change in place ("Updating compute environments"): the scale always can; Fargate can change its network and
 * between on-demand and Spot; EC2 can change all the rest if it has Batch's service-linked role and an allocation strategy other than
 * BEST_FIT before and after.
 */
export function isUpdatable(
  old: ComputeResourcesState,
  wanted: ComputeResourcesState,
  serviceRole: string | undefined,
): boolean {
  if (isFargate(old.type) !== isFargate(wanted.type)) return false;
  const free: readonly string[] = isFargate(old.type) ? [...SCALING, ...FARGATE_NETWORK] : SCALING;
  const changed = Object.keys(properties).filter((name) => {
    const key = name as keyof ComputeResourcesState;
    return wanted[key] !== undefined && !isSame(old[key], wanted[key]);
  });
  if (changed.every((name) => free.includes(name))) return true;
  if (isFargate(old.type)) return false;
  const strategies = [
    old.allocationStrategy ?? "BEST_FIT",
    wanted.allocationStrategy ?? old.allocationStrategy ?? "BEST_FIT",
  ];
  return !strategies.includes("BEST_FIT") && (!serviceRole || serviceRole.includes("/AWSServiceRoleForBatch"));
}

function isSame(left: unknown, right: unknown): boolean {
  const spell = (value: unknown): string =>
    JSON.stringify(Array.isArray(value) ? value.map(spell).sort() : (value ?? null));
  return spell(left) === spell(right);
}

/** Members that AWS calls as Pulumi does, but for `Vcpus`. */
function common(given: ComputeResourcesInputs) {
  return {
    minvCpus: given.minVcpus,
    maxvCpus: given.maxVcpus,
    desiredvCpus: given.desiredVcpus,
    subnets: given.subnets,
    securityGroupIds: given.securityGroupIds,
    allocationStrategy: given.allocationStrategy as CRAllocationStrategy,
    bidPercentage: given.bidPercentage,
    instanceRole: given.instanceRole,
    instanceTypes: given.instanceTypes,
    imageId: given.imageId,
    ec2KeyPair: given.ec2KeyPair,
    ec2Configuration: given.ec2Configurations?.map(({ imageType, ...rest }) => ({
      imageType: imageType ?? "",
      ...rest,
    })),
    launchTemplate: given.launchTemplate,
    placementGroup: given.placementGroup,
    tags: given.tags,
  };
}

export function toCreate(given: ComputeResourcesInputs): ComputeResource {
  return { ...common(given), type: given.type as CRType, spotIamFleetRole: given.spotIamFleetRole };
}

/** What an update may carry: of Fargate, only what Fargate knows. */
export function toUpdate(given: ComputeResourcesInputs): ComputeResourceUpdate {
  if (isFargate(given.type))
    return {
      type: given.type as CRType,
      maxvCpus: given.maxVcpus,
      subnets: given.subnets,
      securityGroupIds: given.securityGroupIds,
    };
  return {
    ...common(given),
    allocationStrategy: given.allocationStrategy as "BEST_FIT_PROGRESSIVE",
    type: given.type as CRType,
  };
}

export function toState(found: ComputeResource): ComputeResourcesState {
  return {
    type: found.type,
    maxVcpus: found.maxvCpus,
    minVcpus: found.minvCpus,
    desiredVcpus: found.desiredvCpus,
    subnets: found.subnets ?? [],
    securityGroupIds: found.securityGroupIds ?? [],
    allocationStrategy: found.allocationStrategy,
    bidPercentage: found.bidPercentage,
    instanceRole: found.instanceRole,
    instanceTypes: found.instanceTypes,
    imageId: found.imageId,
    ec2KeyPair: found.ec2KeyPair,
    ec2Configurations: found.ec2Configuration?.map((each) => ({
      imageIdOverride: each.imageIdOverride,
      imageKubernetesVersion: each.imageKubernetesVersion,
      imageType: each.imageType,
    })),
    launchTemplate: found.launchTemplate && {
      launchTemplateId: found.launchTemplate.launchTemplateId,
      launchTemplateName: found.launchTemplate.launchTemplateName,
      version: found.launchTemplate.version,
    },
    placementGroup: found.placementGroup,
    spotIamFleetRole: found.spotIamFleetRole,
    tags: found.tags,
  };
}
