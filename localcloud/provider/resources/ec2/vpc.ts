// aws:ec2/vpc:Vpc
import {
  AssociateVpcCidrBlockCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DisassociateVpcCidrBlockCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  ModifyVpcTenancyCommand,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, number, output, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

/** Attributes that can only be read and changed one by one, and what AWS begins with. */
const ATTRIBUTES = {
  enableDnsSupport: true,
  enableDnsHostnames: false,
  enableNetworkAddressUsageMetrics: false,
} as const;
type Attribute = keyof typeof ATTRIBUTES;
const ATTRIBUTE_NAMES = Object.keys(ATTRIBUTES) as Attribute[];

export const vpc = resource({
  type: "aws:ec2/vpc:Vpc",
  properties: {
    cidrBlock: text({ computed: true, replace: true }),
    instanceTenancy: text({ default: "default", values: ["default", "dedicated"] }),
    enableDnsSupport: flag({ default: ATTRIBUTES.enableDnsSupport }),
    enableDnsHostnames: flag({ default: ATTRIBUTES.enableDnsHostnames }),
    enableNetworkAddressUsageMetrics: flag({ default: ATTRIBUTES.enableNetworkAddressUsageMetrics }),
    assignGeneratedIpv6CidrBlock: flag({ default: false }),
    ipv4IpamPoolId: text({ replace: true, unread: true }),
    ipv4NetmaskLength: number({ replace: true, unread: true }),
    ipv6CidrBlock: text({ computed: true, replace: true }),
    ipv6CidrBlockNetworkBorderGroup: text({ computed: true, replace: true }),
    ipv6IpamPoolId: text({ computed: true, replace: true }),
    ipv6NetmaskLength: number({ replace: true, unread: true }),
    ...tagged,
    arn: output(text()),
    defaultNetworkAclId: output(text()),
    defaultRouteTableId: output(text()),
    defaultSecurityGroupId: output(text()),
    dhcpOptionsId: output(text()),
    ipv6AssociationId: output(text(), { volatile: true }),
    mainRouteTableId: output(text()),
    ownerId: output(text()),
  },

  replaceWhen: (old, inputs) =>
    // "Change the tenancy of a VPC": from dedicated to default only.
    old.instanceTenancy === "dedicated" && inputs.instanceTenancy !== "dedicated" ? [] : ["instanceTenancy"],

  async create(inputs, context) {
    const ec2 = context.client(EC2Client);
    const made = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: inputs.cidrBlock,
        InstanceTenancy: inputs.instanceTenancy as "default",
        AmazonProvidedIpv6CidrBlock: inputs.assignGeneratedIpv6CidrBlock || undefined,
        Ipv4IpamPoolId: inputs.ipv4IpamPoolId,
        Ipv4NetmaskLength: inputs.ipv4NetmaskLength,
        Ipv6CidrBlock: inputs.ipv6CidrBlock,
        Ipv6CidrBlockNetworkBorderGroup: inputs.ipv6CidrBlockNetworkBorderGroup,
        Ipv6IpamPoolId: inputs.ipv6IpamPoolId,
        Ipv6NetmaskLength: inputs.ipv6NetmaskLength,
        TagSpecifications: tagSpecifications("vpc", inputs.tags),
      }),
    );
    const id = made.Vpc?.VpcId as string;
    context.created(id);
    await context.waitFor(
      `VPC ${id} to be available`,
      async () => ((await describe(id, context))?.State === "available" ? true : undefined),
      600,
    );
    for (const name of ATTRIBUTE_NAMES)
      if (inputs[name] !== ATTRIBUTES[name]) await setAttribute(id, name, inputs[name], context);
    return id;
  },

  async read(id, context) {
    const ec2 = context.client(EC2Client);
    const found = await describe(id, context);
    if (!found) return undefined;
    const ofVpc = [{ Name: "vpc-id", Values: [id] }];
    const [attributes, tables, groups, acls] = await Promise.all([
      Promise.all(ATTRIBUTE_NAMES.map((name) => getAttribute(id, name, context))),
      ec2.send(new DescribeRouteTablesCommand({ Filters: [...ofVpc, { Name: "association.main", Values: ["true"] }] })),
      ec2.send(new DescribeSecurityGroupsCommand({ Filters: [...ofVpc, { Name: "group-name", Values: ["default"] }] })),
      ec2.send(new DescribeNetworkAclsCommand({ Filters: [...ofVpc, { Name: "default", Values: ["true"] }] })),
    ]);
    const ipv6 = found.Ipv6CidrBlockAssociationSet?.find((each) => each.Ipv6CidrBlockState?.State === "associated");
    const mainRouteTableId = tables.RouteTables?.[0]?.RouteTableId;
    return {
      cidrBlock: found.CidrBlock,
      instanceTenancy: found.InstanceTenancy,
      ...Object.fromEntries(ATTRIBUTE_NAMES.map((name, at) => [name, attributes[at]])),
      assignGeneratedIpv6CidrBlock: ipv6?.Ipv6Pool === "Amazon",
      ipv6CidrBlock: ipv6?.Ipv6CidrBlock,
      ipv6CidrBlockNetworkBorderGroup: ipv6?.NetworkBorderGroup,
      ipv6IpamPoolId: ipv6?.Ipv6Pool === "Amazon" ? undefined : ipv6?.Ipv6Pool,
      ...tagState(found.Tags),
      arn: await ec2Arn(`vpc/${id}`, context, found.OwnerId),
      defaultNetworkAclId: acls.NetworkAcls?.find((acl) => acl.IsDefault && acl.VpcId === id)?.NetworkAclId,
      defaultRouteTableId: mainRouteTableId,
      defaultSecurityGroupId: groups.SecurityGroups?.[0]?.GroupId,
      dhcpOptionsId: found.DhcpOptionsId,
      ipv6AssociationId: ipv6?.AssociationId,
      mainRouteTableId,
      ownerId: found.OwnerId,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const ec2 = context.client(EC2Client);
    if (changes("instanceTenancy"))
      await ec2.send(new ModifyVpcTenancyCommand({ VpcId: id, InstanceTenancy: "default" }));
    for (const name of ATTRIBUTE_NAMES) if (changes(name)) await setAttribute(id, name, inputs[name], context);
    if (changes("assignGeneratedIpv6CidrBlock")) {
      if (inputs.assignGeneratedIpv6CidrBlock)
        await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId: id, AmazonProvidedIpv6CidrBlock: true }));
      else if (old.ipv6AssociationId)
        await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId: old.ipv6AssociationId }));
      await context.waitFor(
        `the IPv6 block of VPC ${id} to be ${inputs.assignGeneratedIpv6CidrBlock ? "there" : "gone"}`,
        async () => {
          const states = (await describe(id, context))?.Ipv6CidrBlockAssociationSet ?? [];
          const there = states.some((each) => each.Ipv6CidrBlockState?.State === "associated");
          return there === inputs.assignGeneratedIpv6CidrBlock ? true : undefined;
        },
        600,
      );
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const ec2 = context.client(EC2Client);
    // Network interfaces of services that were just deleted linger for a while.
    await context.retry(
      () => ec2.send(new DeleteVpcCommand({ VpcId: id })),
      (error) => hasCode(error, ["DependencyViolation"]),
      300,
    );
  },
});

async function describe(id: string, context: Context): Promise<Vpc | undefined> {
  const { Vpcs } = await context.client(EC2Client).send(new DescribeVpcsCommand({ VpcIds: [id] }));
  return Vpcs?.[0];
}

async function getAttribute(id: string, name: Attribute, context: Context): Promise<boolean | undefined> {
  const answer = await context.client(EC2Client).send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute: name }));
  return ATTRIBUTE_ANSWERS[name](answer);
}

type AttributeAnswer = {
  [name in "EnableDnsSupport" | "EnableDnsHostnames" | "EnableNetworkAddressUsageMetrics"]?: { Value?: boolean };
};

const ATTRIBUTE_ANSWERS: Record<Attribute, (answer: AttributeAnswer) => boolean | undefined> = {
  enableDnsSupport: (answer) => answer.EnableDnsSupport?.Value,
  enableDnsHostnames: (answer) => answer.EnableDnsHostnames?.Value,
  enableNetworkAddressUsageMetrics: (answer) => answer.EnableNetworkAddressUsageMetrics?.Value,
};

async function setAttribute(id: string, name: Attribute, value: boolean, context: Context): Promise<void> {
  const member = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  await context.client(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId: id, [member]: { Value: value } }));
}
