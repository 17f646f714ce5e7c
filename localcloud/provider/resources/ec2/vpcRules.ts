// aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule and its egress twin: one rule with one source, known by AWS's own id.
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
} from "@aws-sdk/client-ec2";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { number, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { isKnown } from "../../wire.js";
import { type Atom, type Direction, permissionOf, protocolName, revoke, ruleRequest } from "./permissions.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

interface Rule {
  ipProtocol: string;
  fromPort?: number;
  toPort?: number;
  cidrIpv4?: string;
  cidrIpv6?: string;
  prefixListId?: string;
  referencedSecurityGroupId?: string;
  description?: string;
}

function atomOf(rule: Rule): Atom {
  const [kind, source]: [Atom["kind"], string] = rule.cidrIpv4
    ? ["ipv4", rule.cidrIpv4]
    : rule.cidrIpv6
      ? ["ipv6", rule.cidrIpv6]
      : rule.prefixListId
        ? ["prefixList", rule.prefixListId]
        : ["group", rule.referencedSecurityGroupId ?? ""];
  return {
    protocol: protocolName(rule.ipProtocol),
    fromPort: rule.fromPort ?? -1,
    toPort: rule.toPort ?? -1,
    kind,
    source,
    description: rule.description,
  };
}

function ruleResource(type: string, direction: Direction) {
  return resource({
    type,
    properties: {
      securityGroupId: text({ required: true, replace: true }),
      ipProtocol: text({ required: true, equals: (left, right) => protocolName(left) === protocolName(right) }),
      fromPort: number({ min: -1, max: 65_535 }),
      toPort: number({ min: -1, max: 65_535 }),
      cidrIpv4: text(),
      cidrIpv6: text(),
      prefixListId: text(),
      referencedSecurityGroupId: text(),
      description: text(),
      ...tagged,
      arn: output(text()),
      securityGroupRuleId: output(text()),
    },

    check(inputs) {
      const given = SOURCES.filter((name) => inputs[name] !== undefined);
      return given.length === 0 || given.filter((name) => isKnown(inputs[name])).length > 1
        ? [{ property: "cidrIpv4", reason: `exactly one of ${SOURCES.join(", ")} is needed` }]
        : [];
    },

    async create(inputs, context) {
      const ec2 = context.client(EC2Client);
      const request = {
        GroupId: inputs.securityGroupId,
        IpPermissions: [permissionOf(atomOf(inputs), inputs.securityGroupId)],
        TagSpecifications: tagSpecifications("security-group-rule", inputs.tags),
      };
      const made = await context.retry(
        () =>
          direction === "ingress"
            ? ec2.send(new AuthorizeSecurityGroupIngressCommand(request))
            : ec2.send(new AuthorizeSecurityGroupEgressCommand(request)),
        (error) => hasCode(error, ["InvalidGroup.NotFound"]),
        60,
      );
      return made.SecurityGroupRules?.[0]?.SecurityGroupRuleId as string;
    },

    async read(id, context) {
      const { SecurityGroupRules } = await context
        .client(EC2Client)
        .send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
      const found = SecurityGroupRules?.find((rule) => (rule.IsEgress === true) === (direction === "egress"));
      if (!found) return undefined;
      // AWS says -1 for "no ports".
      const hasPorts = protocolName(found.IpProtocol ?? "-1") !== "-1";
      return {
        securityGroupId: found.GroupId,
        ipProtocol: found.IpProtocol,
        fromPort: hasPorts ? found.FromPort : undefined,
        toPort: hasPorts ? found.ToPort : undefined,
        cidrIpv4: found.CidrIpv4,
        cidrIpv6: found.CidrIpv6,
        prefixListId: found.PrefixListId,
        referencedSecurityGroupId: found.ReferencedGroupInfo?.GroupId,
        description: found.Description,
        ...tagState(found.Tags),
        arn: found.SecurityGroupRuleArn ?? (await ec2Arn(`security-group-rule/${id}`, context, found.GroupOwnerId)),
        securityGroupRuleId: id,
      };
    },

    async update({ id, old, inputs, changes }, context) {
      if (changes("ipProtocol", "fromPort", "toPort", "description", ...SOURCES))
        await context.client(EC2Client).send(
          new ModifySecurityGroupRulesCommand({
            GroupId: inputs.securityGroupId,
            SecurityGroupRules: [
              {
                SecurityGroupRuleId: id,
                SecurityGroupRule: ruleRequest(atomOf(inputs), inputs.securityGroupId),
              },
            ],
          }),
        );
      if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
    },

    async delete(id, state, context) {
      const rule = { ruleId: id } as Atom;
      await revoke(state.securityGroupId ?? "", direction, [rule], context);
    },
  });
}

export const securityGroupIngressRule = ruleResource(
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "ingress",
);
export const securityGroupEgressRule = ruleResource(
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "egress",
);
