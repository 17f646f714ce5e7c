// The subnets that a program asks for in each availability zone (`subnetSpecs`), checked and with their sizes agreed.
import type { Input } from "@pulumi/pulumi";
import { parseBlock, prefixOf, sizeOf } from "../ipv4.js";

export const SUBNET_TYPES = ["Public", "Private", "Isolated", "Unused"] as const;
export type SubnetType = (typeof SUBNET_TYPES)[number];

/** One kind of subnet, made once in each availability zone. */
export interface SubnetSpec {
  type: SubnetType;
  /** Middle part of the subnets' names; by default the type in small letters. */
  name?: string;
  /** Prefix length. */
  cidrMask?: number;
  /** Count of addresses, a power of two. */
  size?: number;
  /** The blocks themselves, one for each availability zone. */
  cidrBlocks?: string[];
  assignIpv6AddressOnCreation?: boolean;
  tags?: Input<Record<string, Input<string>>>;
}

/** A spec whose blocks the program gives itself. */
export type ExplicitSpec = SubnetSpec & { cidrBlocks: string[] };

export function isExplicit(spec: SubnetSpec): spec is ExplicitSpec {
  return spec.cidrBlocks !== undefined;
}

/** Middle part of the name of a spec's subnets. */
export function specName(spec: Pick<SubnetSpec, "name" | "type">): string {
  return spec.name ?? spec.type.toLowerCase();
}

/**
 * Specs with `size` and `cidrMask` both set where either was given.
 *
 * @throws one error naming everything that contradicts itself.
 */
export function normalizeSpecs(specs: readonly SubnetSpec[], zoneCount: number): SubnetSpec[] {
  const explicit = specs.some(isExplicit);
  const issues = [
    ...duplicateNames(specs),
    ...specs.flatMap((spec, at) => (explicit ? explicitIssues(spec, at, zoneCount) : sizeIssues(spec, at))),
  ];
  if (issues.length > 0) throw new Error(`Invalid subnet specifications:\n - ${issues.join("\n - ")}`);
  if (explicit) return [...specs];
  return specs.map((spec) => {
    const cidrMask = spec.cidrMask ?? (spec.size === undefined ? undefined : prefixOf(spec.size));
    return cidrMask === undefined ? spec : { ...spec, cidrMask, size: sizeOf(cidrMask) };
  });
}

/** Subnets of one type are told apart by name; one of them may go without. */
function duplicateNames(specs: readonly SubnetSpec[]): string[] {
  const seen = new Set<string>();
  const issues: string[] = [];
  for (const spec of specs) {
    const key = `${spec.type}/${spec.name ?? ""}`;
    if (seen.has(key))
      issues.push(
        spec.name === undefined
          ? `Several subnet specs of type ${spec.type} have no name: all but one need a name of their own.`
          : `The name "${spec.name}" is used by several subnet specs of type ${spec.type}.`,
      );
    seen.add(key);
  }
  return issues;
}

function sizeIssues(spec: SubnetSpec, at: number): string[] {
  if (spec.size === undefined) return [];
  const prefix = prefixOf(spec.size);
  if (prefix === undefined) return [`subnetSpecs[${at}].size is ${spec.size}, which is not a power of two.`];
  if (spec.cidrMask !== undefined && spec.cidrMask !== prefix)
    return [
      `subnetSpecs[${at}].size is ${spec.size}, but a /${spec.cidrMask} subnet has ${sizeOf(spec.cidrMask)} addresses.`,
    ];
  return [];
}

function explicitIssues(spec: SubnetSpec, at: number, zoneCount: number): string[] {
  if (spec.cidrBlocks === undefined)
    return [`subnetSpecs[${at}] has no cidrBlocks: when one spec gives its blocks, all have to.`];
  if (spec.cidrBlocks.length !== zoneCount)
    return [
      `subnetSpecs[${at}].cidrBlocks has ${spec.cidrBlocks.length} blocks, but there are ${zoneCount} availability zones.`,
    ];
  const prefixes = spec.cidrBlocks.map((cidr) => parseBlock(cidr).prefix);
  const disagrees = (wanted: number | undefined) =>
    wanted !== undefined && prefixes.some((prefix) => prefix !== wanted);
  if (disagrees(spec.cidrMask)) return [`subnetSpecs[${at}].cidrMask does not agree with its cidrBlocks.`];
  if (spec.size !== undefined && prefixes.some((prefix) => sizeOf(prefix) !== spec.size))
    return [`subnetSpecs[${at}].size does not agree with its cidrBlocks.`];
  return [];
}
