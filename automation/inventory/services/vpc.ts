import {
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages, tagValue } from "../pages.js";

interface Found {
  id: string | undefined;
  vpc?: string | undefined;
  tags?: Tag[] | undefined;
  name?: string | undefined;
  remove(): Promise<unknown>;
}

const item = (type: string, { id = "", tags, name = tagValue(tags, "Name"), remove }: Found): InventoryItem => ({
  type: `AWS::EC2::${type}`,
  id,
  ...(name && { name }),
  remove,
});

/** Networks. Every account has a default VPC, and every VPC a main route table, a default ACL and a default security group. */
export const vpc: InventorySource = {
  service: "ec2",
  async list(client) {
    const api = client(EC2Client);
    const vpcs = await pages(
      (NextToken) => api.send(new DescribeVpcsCommand({ NextToken })),
      (page) => page.Vpcs,
    );
    const defaults = new Set(vpcs.filter((candidate) => candidate.IsDefault).map(({ VpcId }) => VpcId));
    const kinds = await Promise.all([
      endpoints(api),
      natGateways(api),
      addresses(api),
      networkInterfaces(api),
      securityGroups(api),
      routeTables(api),
      networkAcls(api),
      subnets(api),
      internetGateways(api),
    ]);
    const outsideDefaults = (type: string, found: Found[]) =>
      found.filter((one) => one.vpc === undefined || !defaults.has(one.vpc)).map((one) => item(type, one));
    return [
      ...kinds.flatMap(([type, found]) => outsideDefaults(type, found)),
      ...vpcs
        .filter(({ VpcId }) => !defaults.has(VpcId))
        .map(({ VpcId, Tags }) =>
          item("VPC", { id: VpcId, tags: Tags, remove: () => api.send(new DeleteVpcCommand({ VpcId })) }),
        ),
    ];
  },
};

type Kind = [type: string, found: Found[]];

const pages = <P extends { NextToken?: string | undefined }, T>(
  next: (token: string | undefined) => Promise<P>,
  items: (page: P) => T[] | undefined,
): Promise<T[]> =>
  allPages(async (token) => {
    const page = await next(token);
    return { items: items(page), token: page.NextToken };
  });

async function endpoints(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeVpcEndpointsCommand({ NextToken })),
    (page) => page.VpcEndpoints,
  );
  return [
    "VPCEndpoint",
    found
      .filter(({ State }) => State?.toLowerCase() !== "deleted")
      .map(({ VpcEndpointId = "", Tags, ServiceName }) => ({
        id: VpcEndpointId,
        name: tagValue(Tags, "Name") ?? ServiceName,
        remove: () => api.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] })),
      })),
  ];
}

async function natGateways(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeNatGatewaysCommand({ NextToken })),
    (page) => page.NatGateways,
  );
  return [
    "NatGateway",
    found
      .filter(({ State }) => State !== "deleted")
      .map(({ NatGatewayId, Tags }) => ({
        id: NatGatewayId,
        tags: Tags,
        remove: () => api.send(new DeleteNatGatewayCommand({ NatGatewayId })),
      })),
  ];
}

async function addresses(api: EC2Client): Promise<Kind> {
  const { Addresses = [] } = await api.send(new DescribeAddressesCommand({}));
  return [
    "EIP",
    Addresses.map(({ AllocationId, PublicIp, Tags }) => ({
      id: AllocationId ?? PublicIp,
      tags: Tags,
      remove: () => api.send(new ReleaseAddressCommand({ AllocationId })),
    })),
  ];
}

async function networkInterfaces(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeNetworkInterfacesCommand({ NextToken })),
    (page) => page.NetworkInterfaces,
  );
  return [
    "NetworkInterface",
    found.map(({ NetworkInterfaceId, VpcId, TagSet, Description }) => ({
      id: NetworkInterfaceId,
      vpc: VpcId,
      name: tagValue(TagSet, "Name") ?? Description,
      remove: () => api.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })),
    })),
  ];
}

async function securityGroups(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeSecurityGroupsCommand({ NextToken })),
    (page) => page.SecurityGroups,
  );
  return [
    "SecurityGroup",
    found
      .filter(({ GroupName }) => GroupName !== "default")
      .map(({ GroupId, GroupName, IpPermissions = [], IpPermissionsEgress = [] }) => ({
        id: GroupId,
        name: GroupName,
        async remove() {
          // Two groups that name each other could not be deleted otherwise.
          if (IpPermissions.length > 0)
            await api.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })).catch(() => {});
          if (IpPermissionsEgress.length > 0)
            await api
              .send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }))
              .catch(() => {});
          await api.send(new DeleteSecurityGroupCommand({ GroupId }));
        },
      })),
  ];
}

async function routeTables(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeRouteTablesCommand({ NextToken })),
    (page) => page.RouteTables,
  );
  return [
    "RouteTable",
    found
      .filter(({ Associations = [] }) => !Associations.some(({ Main }) => Main))
      .map(({ RouteTableId, VpcId, Tags }) => ({
        id: RouteTableId,
        vpc: VpcId,
        tags: Tags,
        remove: () => api.send(new DeleteRouteTableCommand({ RouteTableId })),
      })),
  ];
}

async function networkAcls(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeNetworkAclsCommand({ NextToken })),
    (page) => page.NetworkAcls,
  );
  return [
    "NetworkAcl",
    found
      .filter(({ IsDefault }) => !IsDefault)
      .map(({ NetworkAclId, VpcId, Tags }) => ({
        id: NetworkAclId,
        vpc: VpcId,
        tags: Tags,
        remove: () => api.send(new DeleteNetworkAclCommand({ NetworkAclId })),
      })),
  ];
}

async function subnets(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeSubnetsCommand({ NextToken })),
    (page) => page.Subnets,
  );
  return [
    "Subnet",
    found.map(({ SubnetId, VpcId, Tags }) => ({
      id: SubnetId,
      vpc: VpcId,
      tags: Tags,
      remove: () => api.send(new DeleteSubnetCommand({ SubnetId })),
    })),
  ];
}

async function internetGateways(api: EC2Client): Promise<Kind> {
  const found = await pages(
    (NextToken) => api.send(new DescribeInternetGatewaysCommand({ NextToken })),
    (page) => page.InternetGateways,
  );
  return [
    "InternetGateway",
    found.map(({ InternetGatewayId, Attachments = [], Tags }) => ({
      id: InternetGatewayId,
      vpc: Attachments[0]?.VpcId,
      tags: Tags,
      async remove() {
        for (const { VpcId } of Attachments)
          await api.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
        await api.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
      },
    })),
  ];
}
