import assert from "node:assert/strict";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { getPrefixListOutput } from "@pulumi/aws/ec2/getPrefixList.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { SecurityGroupRule } from "@pulumi/aws/ec2/securityGroupRule.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";
import { by, id, steady } from "../versions.js";

const ec2 = ({ client }: Surroundings) => new EC2Client(client);

/** Rules of a group, one text for each source. */
async function rules(groupId: string, surroundings: Surroundings): Promise<string[]> {
  const found = await ec2(surroundings).send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [groupId] }] }),
  );
  return (found.SecurityGroupRules ?? [])
    .map((rule) => {
      const source = rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.ReferencedGroupInfo?.GroupId ?? "";
      const ports = rule.IpProtocol === "-1" ? "" : ` ${rule.FromPort}-${rule.ToPort}`;
      return `${rule.IsEgress ? "out" : "in"} ${rule.IpProtocol}${ports} ${source === groupId ? "self" : source}`;
    })
    .sort();
}

async function intrude(groupId: string, surroundings: Surroundings): Promise<void> {
  const permission = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  await ec2(surroundings).send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [permission] }),
  );
}

const https = { protocol: "tcp", fromPort: 443, toPort: 443 };
const everything = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] };

const lives: Life[] = [
  {
    name: "vpc",
    declare: (_version, options) => new Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, options),
    ...steady,
  },
  {
    name: "web",
    declare: (version, options, others) =>
      new SecurityGroup(
        "web",
        {
          vpcId: id(others, "vpc"),
          description: by(version, "web", "web", "web, better"),
          ingress: by(
            version,
            [
              { ...https, cidrBlocks: ["10.0.0.0/8", "192.168.0.0/16"], self: true },
              { protocol: "udp", fromPort: 53, toPort: 53, cidrBlocks: ["10.0.0.0/8"] },
            ],
            [
              { ...https, protocol: "6", cidrBlocks: ["192.168.0.0/16", "172.16.0.0/12"], self: true },
              { protocol: "icmp", fromPort: -1, toPort: -1, cidrBlocks: ["10.0.0.0/8"] },
            ],
          ),
          egress: [everything],
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.name), /^web-[0-9a-f]{7}$/);
        assert.match(String(outputs.arn), /^arn:aws:ec2:eu-central-1:\d{12}:security-group\/sg-/);
      },
    },
    verify: {
      created: async (groupId, surroundings) =>
        assert.deepEqual(await rules(groupId, surroundings), [
          "in tcp 443-443 10.0.0.0/8",
          "in tcp 443-443 192.168.0.0/16",
          "in tcp 443-443 self",
          "in udp 53-53 10.0.0.0/8",
          "out -1 0.0.0.0/0",
        ]),
      updated: async (groupId, surroundings) =>
        assert.deepEqual(await rules(groupId, surroundings), [
          "in icmp -1--1 10.0.0.0/8",
          "in tcp 443-443 172.16.0.0/12",
          "in tcp 443-443 192.168.0.0/16",
          "in tcp 443-443 self",
          "out -1 0.0.0.0/0",
        ]),
    },
    // The program leaves its name to Pulumi.
    unimportable: ["name"],
    disturb: intrude,
  },
  {
    name: "closed",
    declare: (version, options, others) =>
      new SecurityGroup(
        "closed",
        {
          name: by(version, "closed", "closed", "closed-2"),
          vpcId: id(others, "vpc"),
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: { created: (outputs) => assert.equal(outputs.description, "Managed by Pulumi") },
    verify: { created: async (groupId, surroundings) => assert.deepEqual(await rules(groupId, surroundings), []) },
    disturb: async (groupId, surroundings) => {
      const tag = { Key: "Intruder", Value: "1" };
      await ec2(surroundings).send(new CreateTagsCommand({ Resources: [groupId], Tags: [tag] }));
    },
  },
  {
    name: "given",
    declare: (version, options, others) =>
      new DefaultSecurityGroup(
        "given",
        {
          vpcId: id(others, "vpc"),
          ingress: by(version, [], [{ ...https, self: true }]),
          tags: { Name: "given" },
        },
        options,
      ),
    replaced: "same",
    verify: {
      created: async (groupId, surroundings) => assert.deepEqual(await rules(groupId, surroundings), []),
      updated: async (groupId, surroundings) =>
        assert.deepEqual(await rules(groupId, surroundings), ["in tcp 443-443 self"]),
    },
    disturb: intrude,
  },
  {
    name: "rule",
    declare: (version, options, others) =>
      new SecurityGroupRule(
        "rule",
        {
          // A group that is not in the stack: its rules would show in it once it is read again.
          securityGroupId: (others.away as Vpc).defaultSecurityGroupId,
          type: "ingress",
          ...https,
          cidrBlocks: by(version, ["10.2.0.0/16", "10.1.0.0/16"], ["10.2.0.0/16", "10.1.0.0/16"], ["10.3.0.0/16"]),
          description: by(version, "from the house", "from the garden"),
        },
        options,
      ),
    outputs: { created: (outputs) => assert.deepEqual(outputs.cidrBlocks, ["10.2.0.0/16", "10.1.0.0/16"]) },
    importId: (outputs) => `${outputs.securityGroupId}_ingress_tcp_443_443_10.3.0.0/16`,
    disturb: async (_id, surroundings, { securityGroupId }) => {
      const rule = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIp: "10.1.0.0/16" };
      await ec2(surroundings).send(
        new RevokeSecurityGroupIngressCommand({ GroupId: String(securityGroupId), ...rule }),
      );
    },
  },
  {
    name: "in",
    declare: (version, options, others) =>
      new SecurityGroupIngressRule(
        "in",
        {
          securityGroupId: by(
            version,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.far as Vpc).defaultSecurityGroupId,
          ),
          ipProtocol: "tcp",
          fromPort: by(version, 80, 8080),
          toPort: by(version, 80, 8080),
          cidrIpv4: "10.0.0.0/16",
          description: by(version, "plain", "proxy"),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.arn), /:security-group-rule\/sgr-/),
      updated: (outputs) => assert.equal(outputs.fromPort, 8080),
    },
    disturb: async (ruleId, surroundings, outputs) => {
      const change = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIpv4: "10.0.0.0/16", Description: "proxy" };
      await ec2(surroundings).send(
        new ModifySecurityGroupRulesCommand({
          GroupId: String(outputs.securityGroupId),
          SecurityGroupRules: [{ SecurityGroupRuleId: ruleId, SecurityGroupRule: change }],
        }),
      );
    },
  },
  {
    name: "out",
    declare: (version, options, others) =>
      new SecurityGroupEgressRule(
        "out",
        {
          securityGroupId: by(
            version,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.far as Vpc).defaultSecurityGroupId,
          ),
          ipProtocol: "-1",
          cidrIpv4: by(version, "10.0.0.0/16", "10.9.0.0/16"),
        },
        options,
      ),
    disturb: async (ruleId, surroundings, { securityGroupId }) => {
      const rule = { GroupId: String(securityGroupId), SecurityGroupRuleIds: [ruleId] };
      await ec2(surroundings).send(new RevokeSecurityGroupEgressCommand(rule));
    },
  },
  {
    name: "to-s3",
    declare: (version, options, others) =>
      new SecurityGroupEgressRule(
        "to-s3",
        {
          securityGroupId: by(
            version,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.away as Vpc).defaultSecurityGroupId,
            (others.far as Vpc).defaultSecurityGroupId,
          ),
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          prefixListId: getPrefixListOutput({
            name: by(version, "com.amazonaws.eu-central-1.s3", "com.amazonaws.eu-central-1.dynamodb"),
          }).id,
        },
        options,
      ),
    outputs: { created: (outputs) => assert.match(String(outputs.prefixListId), /^pl-/) },
  },
];
for (const [at, name] of ["away", "far"].entries())
  lives.splice(1, 0, {
    name,
    declare: (_version, options) => new Vpc(name, { cidrBlock: `10.${at + 1}.0.0/16` }, options),
    ...steady,
  });

testLives("provider: ec2 security groups", lives, async (surroundings) => {
  const found = await ec2(surroundings).send(new DescribeSecurityGroupsCommand({}));
  return (found.SecurityGroups ?? [])
    .filter((group) => group.GroupName !== "default")
    .map((group) => group.GroupName ?? "");
});
