// aws:ec2/securityGroupRule:SecurityGroupRule: one rule, with one or several sources, of a group whose rules are resources of their own.
import { crc32 } from "node:zlib";
import { EC2Client, ModifySecurityGroupRulesCommand } from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { flag, list, number, output, text } from "../../properties.js";
import {
  type Atom,
  atomKey,
  atomsOf,
  authorize,
  type Direction,
  groupAtoms,
  type InlineRule,
  protocolName,
  readAtoms,
  revoke,
  ruleRequest,
} from "./permissions.js";

interface Rule {
  type?: string;
  securityGroupId?: string;
  protocol?: string;
  fromPort?: number;
  toPort?: number;
  cidrBlocks?: string[];
  ipv6CidrBlocks?: string[];
  prefixListIds?: string[];
  sourceSecurityGroupId?: string;
  self?: boolean;
  description?: string;
}

function ruleAtoms(rule: Rule): Atom[] {
  const { protocol = "-1", fromPort = 0, toPort = 0, sourceSecurityGroupId, ...rest } = rule;
  const inline: InlineRule = { ...rest, protocol, fromPort, toPort };
  if (sourceSecurityGroupId) inline.securityGroups = [sourceSecurityGroupId];
  return atomsOf(inline, rule.securityGroupId);
}

/** The id that the official provider gives: a checksum of what the rule opens. */
export function ruleId(rule: Rule): string {
  const groups = [
    ...(rule.sourceSecurityGroupId ? [rule.sourceSecurityGroupId] : []),
    ...(rule.self ? [rule.securityGroupId] : []),
  ];
  const parts = [
    rule.securityGroupId,
    ...[rule.fromPort, rule.toPort].filter((port) => (port ?? 0) > 0),
    protocolName(rule.protocol ?? "-1"),
    rule.type,
    ...[rule.cidrBlocks, rule.ipv6CidrBlocks, rule.prefixListIds].flatMap((sources) => [...(sources ?? [])].sort()),
    ...groups.sort().flatMap((group) => [group, ""]),
  ];
  return `sgrule-${crc32(parts.map((part) => `${part}-`).join(""))}`;
}

export const securityGroupRule = resource({
  type: "aws:ec2/securityGroupRule:SecurityGroupRule",
  properties: {
    type: text({ required: true, replace: true, values: ["ingress", "egress"] }),
    securityGroupId: text({ required: true, replace: true }),
    protocol: text({
      required: true,
      replace: true,
      equals: (left, right) => protocolName(left) === protocolName(right),
    }),
    fromPort: number({ required: true, replace: true }),
    toPort: number({ required: true, replace: true }),
    cidrBlocks: list(text(), { replace: true }),
    ipv6CidrBlocks: list(text(), { replace: true }),
    prefixListIds: list(text(), { replace: true }),
    sourceSecurityGroupId: text({ computed: true, replace: true }),
    self: flag({ default: false, replace: true }),
    description: text(),
    securityGroupRuleId: output(text()),
  },
  identity: ["securityGroupId"],

  check(inputs) {
    const { cidrBlocks, ipv6CidrBlocks, prefixListIds, sourceSecurityGroupId, self } = inputs;
    const given = [cidrBlocks, ipv6CidrBlocks, prefixListIds, sourceSecurityGroupId].some((each) => each !== undefined);
    return given || self
      ? []
      : [
          {
            property: "cidrBlocks",
            reason: "one of cidrBlocks, ipv6CidrBlocks, prefixListIds, sourceSecurityGroupId, self is needed",
          },
        ];
  },

  async create(inputs, context) {
    await authorize(inputs.securityGroupId, inputs.type as Direction, ruleAtoms(inputs), context);
    return ruleId(inputs);
  },

  async read(id, context, known) {
    const rule: Rule = known.securityGroupId ? known : fromImportId(id);
    const { securityGroupId = "", type = "ingress" } = rule;
    const found = await matching(rule, context);
    const first = found[0];
    if (!first || found.length < ruleAtoms(rule).length) return undefined;
    const [inline] = groupAtoms(found.map((atom) => ({ ...atom, description: first.description })));
    return {
      id: ruleId(rule),
      type,
      securityGroupId,
      protocol: inline?.protocol,
      fromPort: first.protocol === "-1" ? (rule.fromPort ?? 0) : inline?.fromPort,
      toPort: first.protocol === "-1" ? (rule.toPort ?? 0) : inline?.toPort,
      cidrBlocks: inOrder(rule.cidrBlocks, inline?.cidrBlocks),
      ipv6CidrBlocks: inOrder(rule.ipv6CidrBlocks, inline?.ipv6CidrBlocks),
      prefixListIds: inOrder(rule.prefixListIds, inline?.prefixListIds),
      sourceSecurityGroupId:
        inline?.securityGroups?.[0] ?? (rule.sourceSecurityGroupId === securityGroupId ? securityGroupId : undefined),
      self: inline?.self === true && rule.sourceSecurityGroupId !== securityGroupId,
      description: first.description,
      securityGroupRuleId: found.length === 1 ? first.ruleId : "",
    };
  },

  async update({ inputs }, context) {
    const { securityGroupId } = inputs;
    for (const atom of await matching(inputs, context))
      await context.client(EC2Client).send(
        new ModifySecurityGroupRulesCommand({
          GroupId: securityGroupId,
          SecurityGroupRules: [
            {
              SecurityGroupRuleId: atom.ruleId,
              SecurityGroupRule: { ...ruleRequest(atom, securityGroupId), Description: inputs.description ?? "" },
            },
          ],
        }),
      );
  },

  async delete(_id, state, context) {
    const { securityGroupId = "", type = "ingress" } = state;
    await revoke(securityGroupId, type as Direction, await matching(state, context), context);
  },
});

/** The rules that AWS has for a rule's sources. */
async function matching(rule: Rule, context: Context): Promise<Atom[]> {
  const { securityGroupId = "", type = "ingress" } = rule;
  const wanted = new Set(ruleAtoms(rule).map((atom) => atomKey(atom)));
  const actual = await orAbsent(readAtoms(securityGroupId, type as Direction, context));
  return (actual ?? []).filter((atom) => wanted.has(atomKey(atom)));
}

/** AWS keeps sources in no order; the program's is kept where the sources are the same. */
function inOrder(known: readonly string[] | undefined, actual: string[] | undefined): string[] | undefined {
  return known && actual && known.length === actual.length && known.every((each) => actual.includes(each))
    ? [...known]
    : actual;
}

/** `sg-0123_ingress_tcp_443_443_10.0.0.0/8_…`, as the official provider imports rules. */
function fromImportId(id: string): Rule {
  const [securityGroupId, type, protocol, fromPort, toPort, ...sources] = id.split("_");
  if (!securityGroupId || !type || !protocol || !fromPort || !toPort || sources.length === 0)
    throw new Error(`"${id}" is not GROUPID_TYPE_PROTOCOL_FROMPORT_TOPORT_SOURCE…, by which a rule is imported`);
  const port = (given: string) => (given === "all" ? 0 : Number(given));
  const rule: Rule = { securityGroupId, type, protocol, fromPort: port(fromPort), toPort: port(toPort) };
  for (const source of sources) {
    if (source === "self") rule.self = true;
    else if (source.startsWith("sg-")) rule.sourceSecurityGroupId = source;
    else if (source.startsWith("pl-")) rule.prefixListIds = [...(rule.prefixListIds ?? []), source];
    else if (source.includes(":")) rule.ipv6CidrBlocks = [...(rule.ipv6CidrBlocks ?? []), source];
    else rule.cidrBlocks = [...(rule.cidrBlocks ?? []), source];
  }
  return rule;
}
