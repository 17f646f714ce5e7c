// What a security group lets through. Programs write rules with many sources each, AWS keeps one rule for each source: here a rule
// with one source is the unit ("atom"), so that both can be compared and changed piece by piece.
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
  type SecurityGroupRuleRequest,
} from "@aws-sdk/client-ec2";
import type { Context } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, list, number, object, type Property, set, text } from "../../properties.js";

export type Direction = "ingress" | "egress";
type SourceKind = "ipv4" | "ipv6" | "prefixList" | "group";

/** One source (or destination) that one protocol and range of ports is open for. */
export interface Atom {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` (all), or another protocol's number. */
  protocol: string;
  /** -1 where the protocol has no ports, or all are meant. */
  fromPort: number;
  toPort: number;
  kind: SourceKind;
  source: string;
  description?: string;
  /** AWS's id of the rule, where it has one. */
  ruleId?: string;
}

/** A rule with several sources, as programs write it. */
export interface InlineRule {
  protocol: string;
  fromPort: number;
  toPort: number;
  cidrBlocks?: string[];
  ipv6CidrBlocks?: string[];
  prefixListIds?: string[];
  /** Ids of security groups. */
  securityGroups?: string[];
  /** The group itself is a source. */
  self?: boolean;
  description?: string;
}

/** Stands for the group itself, whose id is not known before it is made. */
const SELF = "self";

const PROTOCOLS: Record<string, string> = { all: "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" };

/** One spelling for a protocol's names and numbers. */
export function protocolName(protocol: string): string {
  const small = protocol.toLowerCase();
  return PROTOCOLS[small] ?? small;
}

/** The ports of a rule: AWS keeps none for "all protocols". */
function portsOf(protocol: string, fromPort: number, toPort: number): [number, number] {
  return protocol === "-1" ? [-1, -1] : [fromPort, toPort];
}

/** The atoms of a rule. @param groupId the group that has the rule, so that its own id and `self` are the same */
export function atomsOf(rule: InlineRule, groupId?: string): Atom[] {
  const protocol = protocolName(rule.protocol);
  const [fromPort, toPort] = portsOf(protocol, rule.fromPort, rule.toPort);
  const own = (id: string) => (id === groupId ? SELF : id);
  const sources: [SourceKind, string][] = [
    ...(rule.cidrBlocks ?? []).map((cidr): [SourceKind, string] => ["ipv4", cidr]),
    ...(rule.ipv6CidrBlocks ?? []).map((cidr): [SourceKind, string] => ["ipv6", cidr.toLowerCase()]),
    ...(rule.prefixListIds ?? []).map((id): [SourceKind, string] => ["prefixList", id]),
    ...(rule.securityGroups ?? []).map((id): [SourceKind, string] => ["group", own(id)]),
    ...(rule.self ? [["group", SELF] as [SourceKind, string]] : []),
  ];
  const description = rule.description || undefined;
  return sources.map(([kind, source]) => ({ protocol, fromPort, toPort, kind, source, description }));
}

/** Text that two atoms share when they open the same; `described` when they say the same of it, too. */
export function atomKey(atom: Atom, described: "described" | "plain" = "plain"): string {
  const { protocol, fromPort, toPort, kind, source, description } = atom;
  return JSON.stringify([
    protocol,
    fromPort,
    toPort,
    kind,
    source,
    ...(described === "described" ? [description ?? ""] : []),
  ]);
}

/** Whether two lists of rules open the same, however they are written. */
export function isSameOpening(left: readonly InlineRule[], right: readonly InlineRule[]): boolean {
  const keys = (rules: readonly InlineRule[]) =>
    JSON.stringify(
      [...new Set(rules.flatMap((rule) => atomsOf(rule)).map((atom) => atomKey(atom, "described")))].sort(),
    );
  return keys(left) === keys(right);
}

/** Rules with as many sources each as can be said at once. */
export function groupAtoms(atoms: readonly Atom[]): InlineRule[] {
  const rules = new Map<string, InlineRule>();
  for (const atom of atoms) {
    const { protocol, description } = atom;
    const [fromPort, toPort] = protocol === "-1" ? [0, 0] : [atom.fromPort, atom.toPort];
    const key = JSON.stringify([protocol, fromPort, toPort, description]);
    const rule = rules.get(key) ?? { protocol, fromPort, toPort, ...(description ? { description } : {}) };
    rules.set(key, rule);
    if (atom.kind === "group" && atom.source === SELF) rule.self = true;
    else {
      const name = (
        { ipv4: "cidrBlocks", ipv6: "ipv6CidrBlocks", prefixList: "prefixListIds", group: "securityGroups" } as const
      )[atom.kind];
      rule[name] = [...(rule[name] ?? []), atom.source];
    }
  }
  return [...rules.values()];
}

/** A list of rules as a property of a security group; left out, the group's rules are nobody's business here. */
export function rulesProperty(): Property<InlineRule[], false> {
  const rule = object({
    protocol: text({ required: true, equals: (left, right) => protocolName(left) === protocolName(right) }),
    fromPort: number({ required: true }),
    toPort: number({ required: true }),
    cidrBlocks: list(text()),
    ipv6CidrBlocks: list(text()),
    prefixListIds: list(text()),
    securityGroups: set(text()),
    self: flag({ default: false }),
    description: text(),
  });
  return set(rule as unknown as Property<InlineRule>, { computed: true, equals: isSameOpening }) as Property<
    InlineRule[],
    false
  >;
}

/** A group's rules of one direction, as AWS has them now. */
export async function readAtoms(groupId: string, direction: Direction, context: Context): Promise<Atom[]> {
  const atoms: Atom[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(EC2Client)
      .send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [groupId] }], NextToken }));
    for (const rule of page.SecurityGroupRules ?? [])
      if ((rule.IsEgress === true) === (direction === "egress")) atoms.push(atomOfRule(rule, groupId));
    NextToken = page.NextToken || undefined;
  } while (NextToken);
  return atoms;
}

function atomOfRule(rule: SecurityGroupRule, groupId: string): Atom {
  const protocol = protocolName(rule.IpProtocol ?? "-1");
  const [fromPort, toPort] = portsOf(protocol, rule.FromPort ?? -1, rule.ToPort ?? -1);
  const group = rule.ReferencedGroupInfo?.GroupId;
  const [kind, source]: [SourceKind, string] = rule.CidrIpv4
    ? ["ipv4", rule.CidrIpv4]
    : rule.CidrIpv6
      ? ["ipv6", rule.CidrIpv6]
      : group
        ? ["group", group === groupId ? SELF : group]
        : ["prefixList", rule.PrefixListId ?? ""];
  return {
    protocol,
    fromPort,
    toPort,
    kind,
    source,
    description: rule.Description || undefined,
    ruleId: rule.SecurityGroupRuleId,
  };
}

/** The permission of one atom, as AWS takes it. */
export function permissionOf(atom: Atom, groupId: string): IpPermission {
  const Description = atom.description;
  const ports = atom.protocol === "-1" ? {} : { FromPort: atom.fromPort, ToPort: atom.toPort };
  const base = { IpProtocol: atom.protocol, ...ports };
  switch (atom.kind) {
    case "ipv4":
      return { ...base, IpRanges: [{ CidrIp: atom.source, Description }] };
    case "ipv6":
      return { ...base, Ipv6Ranges: [{ CidrIpv6: atom.source, Description }] };
    case "prefixList":
      return { ...base, PrefixListIds: [{ PrefixListId: atom.source, Description }] };
    case "group":
      return { ...base, UserIdGroupPairs: [{ GroupId: atom.source === SELF ? groupId : atom.source, Description }] };
  }
}

/** One atom as AWS takes it where a rule is changed by its id. */
export function ruleRequest(atom: Atom, groupId: string): SecurityGroupRuleRequest {
  const ports = atom.protocol === "-1" ? {} : { FromPort: atom.fromPort, ToPort: atom.toPort };
  const source = {
    ipv4: { CidrIpv4: atom.source },
    ipv6: { CidrIpv6: atom.source },
    prefixList: { PrefixListId: atom.source },
    group: { ReferencedGroupId: atom.source === SELF ? groupId : atom.source },
  }[atom.kind];
  return { IpProtocol: atom.protocol, ...ports, ...source, Description: atom.description ?? "" };
}

export async function authorize(groupId: string, direction: Direction, atoms: readonly Atom[], context: Context) {
  if (atoms.length === 0) return;
  const request = { GroupId: groupId, IpPermissions: atoms.map((atom) => permissionOf(atom, groupId)) };
  const ec2 = context.client(EC2Client);
  await context.retry(
    () =>
      direction === "ingress"
        ? ec2.send(new AuthorizeSecurityGroupIngressCommand(request))
        : ec2.send(new AuthorizeSecurityGroupEgressCommand(request)),
    // A group that was made a moment ago may not be known everywhere yet.
    (error) => hasCode(error, ["InvalidGroup.NotFound"]),
    60,
  );
}

export async function revoke(groupId: string, direction: Direction, atoms: readonly Atom[], context: Context) {
  const SecurityGroupRuleIds = [...new Set(atoms.flatMap((atom) => (atom.ruleId ? [atom.ruleId] : [])))];
  if (SecurityGroupRuleIds.length === 0) return;
  const request = { GroupId: groupId, SecurityGroupRuleIds };
  const ec2 = context.client(EC2Client);
  if (direction === "ingress") await ec2.send(new RevokeSecurityGroupIngressCommand(request));
  else await ec2.send(new RevokeSecurityGroupEgressCommand(request));
}

/** Makes a group's rules of one direction be `wanted`: what is not wanted goes first, then what is missing comes. */
export async function applyRules(
  groupId: string,
  direction: Direction,
  wanted: readonly InlineRule[],
  context: Context,
): Promise<void> {
  const atoms = wanted.flatMap((rule) => atomsOf(rule, groupId));
  const wantedKeys = new Set(atoms.map((atom) => atomKey(atom, "described")));
  const actual = await readAtoms(groupId, direction, context);
  const unwanted = actual.filter((atom) => !wantedKeys.has(atomKey(atom, "described")));
  await revoke(groupId, direction, unwanted, context);
  // One rule's end may have taken others along where a cloud keeps several sources under one id: so look again.
  const left = unwanted.length === 0 ? actual : await readAtoms(groupId, direction, context);
  const leftKeys = new Set(left.map((atom) => atomKey(atom, "described")));
  const missing = new Map(atoms.map((atom) => [atomKey(atom), atom]));
  for (const [key, atom] of missing) if (leftKeys.has(atomKey(atom, "described"))) missing.delete(key);
  await authorize(groupId, direction, [...missing.values()], context);
}
