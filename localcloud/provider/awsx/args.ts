// The arguments of `awsx.ec2.Vpc`. What decides how many children there are must be known when the component is built; what only
// ends up in a child's property may be an output.
import { type Input, Output } from "@pulumi/pulumi";
import { z } from "zod";
import { NAT_STRATEGIES } from "./natGateways.js";
import { NAME_TAG_STRATEGIES, SUBNET_STRATEGIES } from "./subnets/plan.js";
import { SUBNET_TYPES } from "./subnets/spec.js";

/** A value of this type, or an output of one. */
function input<T>(type: z.ZodType<T>): z.ZodType<Input<T>> {
  const outputs = z.custom<Output<T>>((value) => Output.isInstance(value), "neither a plain value nor an output");
  return z.union([type, outputs]) as unknown as z.ZodType<Input<T>>;
}

const text = input(z.string());
const flag = input(z.boolean());
const texts = input(z.array(text) as unknown as z.ZodType<Input<string>[]>);
const tags = input(z.record(z.string(), text) as unknown as z.ZodType<Record<string, Input<string>>>);
// biome-ignore lint/suspicious/noExplicitAny: passed on to the resource's own arguments, which the engine's provider checks.
const passedOn = z.custom<any>(() => true);

const subnetSpec = z.strictObject({
  type: z.enum(SUBNET_TYPES),
  name: z.string().min(1).optional(),
  cidrMask: z.int().min(1).max(32).optional(),
  size: z.int().min(1).optional(),
  cidrBlocks: z.array(z.string()).optional(),
  assignIpv6AddressOnCreation: z.boolean().optional(),
  tags: tags.optional(),
});

const endpointSpec = z.strictObject({
  serviceName: z.string().min(1),
  autoAccept: z.boolean().optional(),
  dnsOptions: passedOn.optional(),
  ipAddressType: text.optional(),
  policy: text.optional(),
  privateDnsEnabled: z.boolean().optional(),
  region: text.optional(),
  resourceConfigurationArn: text.optional(),
  routeTableIds: texts.optional(),
  securityGroupIds: texts.optional(),
  serviceNetworkArn: text.optional(),
  serviceRegion: text.optional(),
  subnetConfigurations: passedOn.optional(),
  subnetIds: texts.optional(),
  tags: tags.optional(),
  vpcEndpointType: text.optional(),
});

export const ENDPOINT_STRATEGIES = ["Legacy", "Auto"] as const;

const schema = z.strictObject({
  assignGeneratedIpv6CidrBlock: flag.optional(),
  availabilityZoneCidrMask: z.int().min(1).max(32).optional(),
  availabilityZoneNames: z.array(z.string()).min(1).optional(),
  cidrBlock: z.string().optional(),
  enableDnsHostnames: flag.optional(),
  enableDnsSupport: flag.optional(),
  enableNetworkAddressUsageMetrics: flag.optional(),
  instanceTenancy: text.optional(),
  ipv4IpamPoolId: text.optional(),
  ipv4NetmaskLength: input(z.number()).optional(),
  ipv6CidrBlock: text.optional(),
  ipv6CidrBlockNetworkBorderGroup: text.optional(),
  ipv6IpamPoolId: text.optional(),
  ipv6NetmaskLength: input(z.number()).optional(),
  natGateways: z
    .strictObject({ strategy: z.enum(NAT_STRATEGIES), elasticIpAllocationIds: z.array(text).optional() })
    .optional(),
  numberOfAvailabilityZones: z.int().min(1).optional(),
  region: text.optional(),
  subnetNameTagStrategy: z.enum(NAME_TAG_STRATEGIES).default("Legacy"),
  subnetSpecs: z.array(subnetSpec).optional(),
  subnetStrategy: z.enum(SUBNET_STRATEGIES).optional(),
  tags: tags.optional(),
  vpcEndpointSpecs: z.array(endpointSpec).default([]),
  vpcEndpointStrategy: z.enum(ENDPOINT_STRATEGIES).default("Legacy"),
});

export type VpcArgs = z.output<typeof schema>;
export type VpcEndpointSpec = z.output<typeof endpointSpec>;

/**
 * Parses what the program gave.
 *
 * @throws one error that names the component and each property that cannot be used.
 */
export function parseVpcArgs(name: string, inputs: Record<string, unknown>): VpcArgs {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined && value !== null));
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    throw new Error(
      `awsx.ec2.Vpc "${name}": ${parsed.error.issues
        .map((issue) => `${issue.path.join(".") || "arguments"}: ${explain(issue, given)}`)
        .join("; ")}`,
    );
  const args = parsed.data;
  if (args.availabilityZoneNames && args.numberOfAvailabilityZones !== undefined)
    throw new Error(`awsx.ec2.Vpc "${name}": give availabilityZoneNames or numberOfAvailabilityZones, not both.`);
  if (args.ipv4IpamPoolId !== undefined && args.cidrBlock === undefined)
    throw new Error(
      `awsx.ec2.Vpc "${name}": with ipv4IpamPoolId the block has to be given as cidrBlock: ` +
        "the subnets are planned before the pool would answer.",
    );
  return args;
}

/** An output where the plan needs the value itself is the likeliest mistake, and the parser's words do not say so. */
function explain(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  let value: unknown = given;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return Output.isInstance(value)
    ? "is an output, but the number and size of subnets depend on it, so its value must be known before anything is created"
    : issue.message;
}
