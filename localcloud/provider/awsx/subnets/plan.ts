// Which subnets a VPC gets: names, types, zones and blocks, for every strategy of `awsx.ec2.Vpc`. A pure function of its arguments.
import { contains, endOf, fill, formatAddress, formatBlock, overlaps, parseBlock } from "../ipv4.js";
import { defaultSpecs, mergeSpecs, placeEvenly, zoneBlocks } from "./even.js";
import { type Placed, placeDefault, placeLegacy } from "./legacy.js";
import { isExplicit, normalizeSpecs, type SubnetSpec, type SubnetType, specName } from "./spec.js";

export const SUBNET_STRATEGIES = ["Legacy", "Auto", "AutoMerge", "Exact"] as const;
export type SubnetStrategy = (typeof SUBNET_STRATEGIES)[number];
export const NAME_TAG_STRATEGIES = ["Legacy", "AvailabilityZone"] as const;

export interface SubnetRequest {
  /** The component's name, first part of every subnet's. */
  vpcName: string;
  /** The VPC's block. */
  cidrBlock: string;
  zones: readonly string[];
  strategy: SubnetStrategy;
  specs?: readonly SubnetSpec[];
  /** Prefix length of each zone's share, by default an even division. Legacy takes no notice of it. */
  zonePrefix?: number;
  nameTags: (typeof NAME_TAG_STRATEGIES)[number];
}

/** One subnet to make. */
export interface PlannedSubnet {
  /** Pulumi's name, `<vpc>-<type or name>-<number of the zone>`. */
  name: string;
  /** The AWS `Name` tag: the same, or with the zone's letter. */
  nameTag: string;
  type: SubnetType;
  zone: string;
  cidrBlock: string;
  assignIpv6AddressOnCreation?: boolean;
  tags?: SubnetSpec["tags"];
}

/** How one zone is divided: what `subnetSpecs` of the strategy Auto would give the same subnets. */
export interface ResolvedSubnetSpec {
  type: SubnetType;
  name?: string;
  cidrMask?: number;
  size?: number;
  cidrBlocks?: string[];
}

export interface SubnetPlan {
  /** Zone by zone, in each zone public before private before isolated ones. Without the `Unused`. */
  subnets: PlannedSubnet[];
  layout: ResolvedSubnetSpec[];
}

/**
 * Plans the subnets of a VPC.
 *
 * @throws when specs contradict each other, subnets overlap or leave the VPC, or (Exact) a gap is left.
 */
export function planSubnets(request: SubnetRequest): SubnetPlan {
  const specs = request.specs && normalizeSpecs(request.specs, request.zones.length);
  const zones = place(request, specs);
  const named = request.zones.flatMap((zone, at) =>
    (zones[at] ?? []).map(({ spec, block }) => ({ ...nameOf(request, spec, zone, at), spec, zone, block })),
  );
  const vpc = parseBlock(request.cidrBlock);
  const clash = named.filter((one) => named.some((other) => other !== one && overlaps(one.block, other.block)));
  if (clash.length > 0)
    throw new Error(
      "These subnets overlap: " +
        `${clash.map((each) => `${each.name} (${formatBlock(each.block)})`).join(", ")}. ` +
        "Use a larger VPC, smaller subnets or fewer availability zones.",
    );
  const outside = named.filter((each) => !contains(vpc, each.block));
  if (outside.length > 0)
    throw new Error(
      `These subnets are not inside the VPC ${formatBlock(vpc)}: ` +
        `${outside.map((each) => `${each.name} (${formatBlock(each.block)})`).join(", ")}.`,
    );
  if (request.strategy === "Exact") refuseGaps(request, named);

  const rank = (type: SubnetType) => ["Public", "Private", "Isolated"].indexOf(type);
  const subnets = request.zones.flatMap((zone) =>
    named
      .filter((each) => each.zone === zone && each.spec.type !== "Unused")
      .sort((left, right) => rank(left.spec.type) - rank(right.spec.type)),
  );
  return {
    subnets: subnets.map(({ name, nameTag, spec, zone, block }) => ({
      name,
      nameTag,
      type: spec.type,
      zone,
      cidrBlock: formatBlock(block),
      assignIpv6AddressOnCreation: spec.assignIpv6AddressOnCreation,
      tags: spec.tags,
    })),
    layout: layoutOf(request.strategy, specs, zones[0] ?? []),
  };
}

/** The subnets of every zone, in the order in which the strategy lays them out. */
function place(request: SubnetRequest, specs: SubnetSpec[] | undefined): Placed[][] {
  const vpc = parseBlock(request.cidrBlock);
  const { strategy } = request;
  // As in awsx, Exact without specs is Legacy's default layout, which then shows its gaps.
  if (strategy === "Legacy" || (strategy === "Exact" && !specs)) {
    return zoneBlocks(vpc, request.zones.length).map((zone) => (specs ? placeLegacy(zone, specs) : placeDefault(zone)));
  }
  if (strategy !== "AutoMerge" && specs?.length && specs.every(isExplicit))
    return request.zones.map((_, at) =>
      specs.map((spec) => ({ spec, block: parseBlock(spec.cidrBlocks?.[at] ?? "") })),
    );
  const zones = zoneBlocks(vpc, request.zones.length, request.zonePrefix);
  const zonePrefix = zones[0]?.prefix ?? vpc.prefix;
  const all = strategy === "AutoMerge" ? mergeSpecs(specs ?? [], zonePrefix) : (specs ?? defaultSpecs(zonePrefix));
  return placeEvenly(vpc, zones, all).map((blocks) =>
    blocks.flatMap((block, at) => {
      const spec = all[at];
      return spec ? [{ spec, block }] : [];
    }),
  );
}

function nameOf(request: SubnetRequest, spec: SubnetSpec, zone: string, at: number): { name: string; nameTag: string } {
  const base = `${request.vpcName}-${specName(spec)}`;
  const name = `${base}-${at + 1}`;
  return { name, nameTag: request.nameTags === "AvailabilityZone" ? `${base}-${zoneSuffix(zone)}` : name };
}

/** What tells zones of one region apart: `eu-central-1a` → `1a`, the local zone `us-west-2-lax-1a` → `2-lax-1a`. */
export function zoneSuffix(zone: string): string {
  return /^[a-z]{2}(?:-[a-z]+)+-(\d.*)$/.exec(zone)?.[1] ?? zone;
}

function refuseGaps(request: SubnetRequest, named: readonly (Placed & { name: string })[]): void {
  const vpc = parseBlock(request.cidrBlock);
  const sorted = [...named].sort((left, right) => left.block.start - right.block.start);
  const ends = [vpc.start, ...sorted.map((each) => endOf(each.block))];
  const starts = [...sorted.map((each) => each.block.start), endOf(vpc)];
  const gaps = ends.flatMap((from, at) => {
    const to = starts[at] ?? from;
    return to > from ? [`${formatAddress(from)} to ${formatAddress(to - 1)}`] : [];
  });
  if (gaps.length > 0)
    throw new Error(
      `subnetStrategy "Exact" accounts for the whole VPC, but these addresses belong to no subnet: ${gaps.join(", ")}. ` +
        'Add specs of type "Unused" for them.',
    );
}

function layoutOf(
  strategy: SubnetStrategy,
  specs: readonly SubnetSpec[] | undefined,
  firstZone: readonly Placed[],
): ResolvedSubnetSpec[] {
  if (specs && (strategy === "Auto" || strategy === "Exact"))
    return specs.map(({ type, name, cidrMask, size, cidrBlocks }) => ({ type, name, cidrMask, size, cidrBlocks }));
  const inOrder = [...firstZone].sort((left, right) => left.block.start - right.block.start);
  return inOrder.flatMap(({ spec, block }, at) => {
    const before = inOrder[at - 1]?.block;
    const gaps = before ? fill(endOf(before), block.start) : [];
    return [
      ...gaps.map((gap): ResolvedSubnetSpec => ({ type: "Unused", cidrMask: gap.prefix })),
      { type: spec.type, ...(spec.name === undefined ? {} : { name: spec.name }), cidrMask: block.prefix },
    ];
  });
}
