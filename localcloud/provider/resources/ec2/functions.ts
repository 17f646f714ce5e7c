// aws:ec2/getVpc:getVpc, getSubnet, getSubnets, getSecurityGroup and getPrefixList: things that are there already, found by id, tags or filters.
import {
  DescribePrefixListsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
  type Filter,
} from "@aws-sdk/client-ec2";
import { func } from "../../descriptor.js";
import { flag, list, map, number, object, output, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn } from "./tags.js";

/** What every search takes besides. */
const criteria = {
  filters: list(object({ name: text({ required: true }), values: list(text(), { required: true }) })),
  tags: map(text()),
};

interface Criteria {
  filters?: { name: string; values: string[] }[];
  tags?: Record<string, string>;
}

/** AWS's filters for the given ones; `own` are those that arguments stand for, left out where there is no value. */
function filtersOf(given: Criteria, own: Record<string, string | undefined>): Filter[] | undefined {
  const filters = [
    ...Object.entries(own).flatMap(([Name, value]) => (value ? [{ Name, Values: [value] }] : [])),
    ...Object.entries(given.tags ?? {}).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
    ...(given.filters ?? []).map((filter) => ({ Name: filter.name, Values: filter.values })),
  ];
  return filters.length > 0 ? filters : undefined;
}

/** The one thing found. @throws when there is none, or more than one. */
function single<T>(what: string, found: readonly T[] | undefined): T {
  const [first, second] = found ?? [];
  if (!first) throw new Error(`no ${what} fits the search`);
  if (second) throw new Error(`${found?.length} ${what}s fit the search; narrow it down to one`);
  return first;
}

export const getVpc = func({
  token: "aws:ec2/getVpc:getVpc",
  properties: {
    id: text(),
    cidrBlock: text(),
    default: flag(),
    state: text(),
    ...criteria,
    arn: output(text()),
    enableDnsHostnames: output(flag()),
    enableDnsSupport: output(flag()),
    instanceTenancy: output(text()),
    dhcpOptionsId: output(text()),
    ownerId: output(text()),
  },

  async run(args, context) {
    const ec2 = context.client(EC2Client);
    const Filters = filtersOf(args, {
      "cidr-block": args.cidrBlock,
      "is-default": args.default === undefined ? undefined : `${args.default}`,
      state: args.state,
    });
    const answer = await ec2.send(new DescribeVpcsCommand({ VpcIds: args.id ? [args.id] : undefined, Filters }));
    const vpc = single("VPC", answer.Vpcs);
    const [hostnames, support] = await Promise.all([
      ec2.send(new DescribeVpcAttributeCommand({ VpcId: vpc.VpcId, Attribute: "enableDnsHostnames" })),
      ec2.send(new DescribeVpcAttributeCommand({ VpcId: vpc.VpcId, Attribute: "enableDnsSupport" })),
    ]);
    return {
      id: vpc.VpcId,
      cidrBlock: vpc.CidrBlock,
      default: vpc.IsDefault,
      state: vpc.State,
      tags: tagState(vpc.Tags).tags,
      arn: await ec2Arn(`vpc/${vpc.VpcId}`, context, vpc.OwnerId),
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value,
      enableDnsSupport: support.EnableDnsSupport?.Value,
      instanceTenancy: vpc.InstanceTenancy,
      dhcpOptionsId: vpc.DhcpOptionsId,
      ownerId: vpc.OwnerId,
    };
  },
});

export const getSubnet = func({
  token: "aws:ec2/getSubnet:getSubnet",
  properties: {
    id: text(),
    vpcId: text(),
    cidrBlock: text(),
    availabilityZone: text(),
    ...criteria,
    arn: output(text()),
    availabilityZoneId: output(text()),
    availableIpAddressCount: output(number()),
    mapPublicIpOnLaunch: output(flag()),
    ownerId: output(text()),
  },

  async run(args, context) {
    const Filters = filtersOf(args, {
      "vpc-id": args.vpcId,
      "cidr-block": args.cidrBlock,
      "availability-zone": args.availabilityZone,
    });
    const answer = await context
      .client(EC2Client)
      .send(new DescribeSubnetsCommand({ SubnetIds: args.id ? [args.id] : undefined, Filters }));
    const subnet = single("subnet", answer.Subnets);
    return {
      id: subnet.SubnetId,
      vpcId: subnet.VpcId,
      cidrBlock: subnet.CidrBlock,
      availabilityZone: subnet.AvailabilityZone,
      tags: tagState(subnet.Tags).tags,
      arn: subnet.SubnetArn,
      availabilityZoneId: subnet.AvailabilityZoneId,
      availableIpAddressCount: subnet.AvailableIpAddressCount,
      mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch,
      ownerId: subnet.OwnerId,
    };
  },
});

export const getSubnets = func({
  token: "aws:ec2/getSubnets:getSubnets",
  properties: { ...criteria, id: output(text()), ids: output(list(text())) },

  async run(args, context) {
    const ids: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await context
        .client(EC2Client)
        .send(new DescribeSubnetsCommand({ Filters: filtersOf(args, {}), NextToken }));
      ids.push(...(page.Subnets ?? []).map((subnet) => subnet.SubnetId ?? ""));
      NextToken = page.NextToken || undefined;
    } while (NextToken);
    return { id: context.region, ids, tags: args.tags, filters: args.filters };
  },
});

export const getSecurityGroup = func({
  token: "aws:ec2/getSecurityGroup:getSecurityGroup",
  properties: {
    id: text(),
    name: text(),
    vpcId: text(),
    ...criteria,
    arn: output(text()),
    description: output(text()),
  },

  async run(args, context) {
    const Filters = filtersOf(args, { "group-name": args.name, "vpc-id": args.vpcId });
    const answer = await context
      .client(EC2Client)
      .send(new DescribeSecurityGroupsCommand({ GroupIds: args.id ? [args.id] : undefined, Filters }));
    const group = single("security group", answer.SecurityGroups);
    return {
      id: group.GroupId,
      name: group.GroupName,
      vpcId: group.VpcId,
      tags: tagState(group.Tags).tags,
      arn: group.SecurityGroupArn ?? (await ec2Arn(`security-group/${group.GroupId}`, context, group.OwnerId)),
      description: group.Description,
    };
  },
});

export const getPrefixList = func({
  token: "aws:ec2/getPrefixList:getPrefixList",
  properties: {
    name: text(),
    prefixListId: text(),
    filters: criteria.filters,
    id: output(text()),
    cidrBlocks: output(list(text())),
  },

  async run(args, context) {
    const answer = await context.client(EC2Client).send(
      new DescribePrefixListsCommand({
        PrefixListIds: args.prefixListId ? [args.prefixListId] : undefined,
        Filters: filtersOf(args, { "prefix-list-name": args.name }),
      }),
    );
    const found = single("prefix list", answer.PrefixLists);
    return {
      id: found.PrefixListId,
      name: found.PrefixListName,
      prefixListId: args.prefixListId,
      filters: args.filters,
      cidrBlocks: found.Cidrs ?? [],
    };
  },
});
