// The strategies Auto, AutoMerge and Exact: the VPC is divided evenly between the availability zones, and within each zone the
// subnets follow in the order of their specs, each aligned to its own size.
import { type Block, blockFrom, endOf, formatBlock, sizeOf } from "../ipv4.js";
import { type SubnetSpec, specName } from "./spec.js";

/** Bits that number `count` things. */
export function bitsFor(count: number): number {
  return count < 2 ? 0 : Math.ceil(Math.log2(count));
}

/** The block of each zone. @param zonePrefix by default the VPC's, divided evenly. */
export function zoneBlocks(vpc: Block, zoneCount: number, zonePrefix = vpc.prefix + bitsFor(zoneCount)): Block[] {
  const size = sizeOf(zonePrefix);
  return Array.from({ length: zoneCount }, (_, at) => ({ start: vpc.start + at * size, prefix: zonePrefix }));
}

/**
 * The subnets of a VPC for which none were asked: private in half of the zone (of at most a /16), public in a quarter.
 *
 * @throws when a zone has less than a /26, of which no subnet of AWS's least size (/28) would come.
 */
export function defaultSpecs(zonePrefix: number): SubnetSpec[] {
  if (zonePrefix > 26)
    throw new Error(
      `The default subnets need at least a /26 for each availability zone, and here there is only a /${zonePrefix}. ` +
        "Use a larger VPC, fewer availability zones, or give subnetSpecs.",
    );
  const prefix = Math.max(zonePrefix, 16);
  return [
    { type: "Private", cidrMask: prefix + 1 },
    { type: "Public", cidrMask: prefix + 2 },
  ];
}

/**
 * The default specs with the program's settings merged into those of the same type (AutoMerge); named specs, and those of other
 * types, come after them.
 *
 * @throws when a spec gives blocks of its own, which this strategy cannot place.
 */
export function mergeSpecs(given: readonly SubnetSpec[], zonePrefix: number): SubnetSpec[] {
  if (given.some((spec) => spec.cidrBlocks !== undefined))
    throw new Error(
      'subnetStrategy "AutoMerge" does not take cidrBlocks; use "Auto" or "Exact" with the whole layout.',
    );
  const defaults = defaultSpecs(zonePrefix);
  const overrides = (spec: SubnetSpec) =>
    given.find((candidate) => candidate.name === undefined && candidate.type === spec.type);
  const merged = defaults.map((spec) => ({ ...spec, ...defined(overrides(spec) ?? {}) }));
  return [...merged, ...given.filter((spec) => !defaults.some((each) => overrides(each) === spec))];
}

/** An object without the members that are `undefined`, so that spreading it overrides nothing by accident. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/**
 * One block for each spec in each zone: `result[zone][spec]`.
 *
 * @throws when the subnets of a zone need more than it has.
 */
export function placeEvenly(vpc: Block, zones: readonly Block[], specs: readonly SubnetSpec[]): Block[][] {
  if (specs.length === 0) throw new Error("subnetSpecs is empty: a VPC needs at least one subnet.");
  return zones.map((zone) => {
    const fallback = zone.prefix + bitsFor(specs.length);
    const prefixes = specs.map((spec) => spec.cidrMask ?? fallback);
    const wanted = prefixes.reduce((sum, prefix) => sum + sizeOf(prefix), 0);
    if (wanted > sizeOf(zone.prefix))
      throw new Error(
        `The subnets (${specs.map((spec, at) => `${specName(spec)} /${prefixes[at]}`).join(", ")}) need ${wanted} addresses, ` +
          `but each availability zone of ${formatBlock(vpc)} has ${sizeOf(zone.prefix)}.`,
      );
    let next = zone.start;
    return prefixes.map((prefix) => {
      const block = blockFrom(next, prefix);
      next = endOf(block);
      return block;
    });
  });
}
