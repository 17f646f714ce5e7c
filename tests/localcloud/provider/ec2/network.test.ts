import assert from "node:assert/strict";
import {
  CreateRouteCommand,
  CreateTagsCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { DefaultRouteTable } from "@pulumi/aws/ec2/defaultRouteTable.js";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import type { CustomResource } from "@pulumi/pulumi";
import { type Life, type Surroundings, testLives } from "../lifecycle.js";
import { by, id, steady } from "../versions.js";

const ec2 = ({ client }: Surroundings) => new EC2Client(client);
const intrude = (id: string, surroundings: Surroundings) =>
  ec2(surroundings).send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "Intruder", Value: "1" }] }));

const policy = (action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: [action], Resource: "*" }],
});

const lives: Life[] = [
  {
    name: "net",
    declare: (version, options) =>
      new Vpc(
        "net",
        {
          cidrBlock: by(version, "10.1.0.0/16", "10.1.0.0/16", "10.2.0.0/16"),
          enableDnsHostnames: by(version, false, true),
          enableDnsSupport: by(version, true, false),
          tags: by<Record<string, string>>(version, { Name: "net", Old: "1" }, { Name: "net2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:ec2:eu-central-1:\d{12}:vpc\/vpc-/);
        assert.match(String(outputs.mainRouteTableId), /^rtb-/);
        assert.equal(outputs.defaultRouteTableId, outputs.mainRouteTableId);
        assert.match(String(outputs.defaultSecurityGroupId), /^sg-/);
        assert.match(String(outputs.defaultNetworkAclId), /^acl-/);
      },
      updated: (outputs) => assert.deepEqual(outputs.tagsAll, { Name: "net2" }),
    },
    verify: {
      updated: async (vpcId, surroundings) => {
        const found = await ec2(surroundings).send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
        assert.deepEqual(found.Vpcs?.[0]?.Tags, [{ Key: "Name", Value: "net2" }]);
      },
    },
    disturb: async (vpcId, surroundings) => {
      await intrude(vpcId, surroundings);
      await ec2(surroundings).send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsSupport: { Value: true } }));
    },
  },
  {
    name: "house",
    declare: (_version, options) => new Vpc("house", { cidrBlock: "10.9.0.0/16" }, options),
    ...steady,
  },
  {
    name: "room",
    declare: (version, options, others) =>
      new Subnet(
        "room",
        {
          vpcId: id(others, "house"),
          cidrBlock: by(version, "10.9.0.0/24", "10.9.0.0/24", "10.9.1.0/24"),
          availabilityZone: "eu-central-1b",
          mapPublicIpOnLaunch: by(version, false, true),
          tags: by<Record<string, string>>(version, { Name: "room" }, { Name: "room", Floor: "2" }),
        },
        options,
      ),
    outputs: {
      updated: (outputs) => {
        assert.equal(outputs.mapPublicIpOnLaunch, true);
        assert.equal(outputs.availabilityZone, "eu-central-1b");
        assert.match(String(outputs.arn), /:subnet\/subnet-/);
      },
    },
    disturb: async (subnetId, surroundings) => {
      const attribute = { SubnetId: subnetId, MapPublicIpOnLaunch: { Value: false } };
      await ec2(surroundings).send(new ModifySubnetAttributeCommand(attribute));
    },
  },
  {
    name: "shed",
    declare: (_version, options, others) =>
      new Subnet("shed", { vpcId: id(others, "house"), cidrBlock: "10.9.8.0/24" }, options),
    ...steady,
  },
  {
    name: "door",
    declare: (version, options, others) =>
      new InternetGateway(
        "door",
        { vpcId: by(version, undefined, id(others, "house")), tags: by(version, { a: "1" }, { a: "2" }) },
        options,
      ),
    replaced: "same",
    outputs: {
      created: (outputs) => assert.equal(outputs.vpcId, undefined),
      updated: (outputs) => assert.match(String(outputs.vpcId), /^vpc-/),
    },
    disturb: async (gatewayId, surroundings) => {
      await intrude(gatewayId, surroundings);
    },
  },
  {
    name: "address",
    declare: (version, options) => new Eip("address", { tags: by(version, { a: "1" }, { a: "2" }) }, options),
    replaced: "same",
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.publicIp), /^\d+\.\d+\.\d+\.\d+$/);
        assert.equal(
          outputs.publicDns,
          `ec2-${String(outputs.publicIp).replaceAll(".", "-")}.eu-central-1.compute.amazonaws.com`,
        );
        assert.match(String(outputs.allocationId), /^eipalloc-/);
      },
    },
    disturb: async (allocationId, surroundings) => {
      await intrude(allocationId, surroundings);
    },
  },
  {
    name: "nat",
    declare: (version, options, others) =>
      new NatGateway(
        "nat",
        {
          subnetId: by(version, id(others, "shed"), id(others, "shed"), id(others, "room")),
          allocationId: (others.address as Eip).allocationId,
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        { ...options, dependsOn: [others.door as CustomResource] },
      ),
    outputs: { created: (outputs) => assert.match(String(outputs.publicIp), /^\d+\.\d+\.\d+\.\d+$/) },
    // A cloud that does not tell the address of a gateway cannot have it imported.
    unimportable: ["allocationId"],
    disturb: async (natId, surroundings) => {
      await intrude(natId, surroundings);
    },
  },
  {
    name: "map",
    declare: (version, options, others) =>
      new RouteTable(
        "map",
        {
          vpcId: by(version, id(others, "house"), id(others, "house"), id(others, "net")),
          routes: by(
            version,
            [
              { cidrBlock: "0.0.0.0/0", gatewayId: id(others, "door") },
              { cidrBlock: "10.50.0.0/16", natGatewayId: id(others, "nat") },
            ],
            [
              { cidrBlock: "10.60.0.0/16", gatewayId: id(others, "door") },
              { cidrBlock: "0.0.0.0/0", natGatewayId: id(others, "nat") },
            ],
          ),
          tags: { Name: "map" },
        },
        options,
      ),
    verify: {
      updated: async (tableId, surroundings) => {
        const found = await ec2(surroundings).send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] }));
        const routes = (found.RouteTables?.[0]?.Routes ?? []).map(
          (route) => `${route.DestinationCidrBlock} ${(route.GatewayId ?? route.NatGatewayId ?? "").split("-")[0]}`,
        );
        assert.deepEqual(routes.sort(), ["0.0.0.0/0 nat", "10.60.0.0/16 igw", "10.9.0.0/16 local"]);
      },
    },
    disturb: async (tableId, surroundings, outputs) => {
      const [first] = outputs.routes as { gatewayId: string }[];
      const route = { RouteTableId: tableId, DestinationCidrBlock: "10.70.0.0/16", GatewayId: first?.gatewayId };
      await ec2(surroundings).send(new CreateRouteCommand(route));
    },
  },
  {
    name: "sketch",
    declare: (_version, options, others) => new RouteTable("sketch", { vpcId: id(others, "house") }, options),
    ...steady,
  },
  {
    name: "path",
    declare: (version, options, others) =>
      new Route(
        "path",
        {
          // Not a table that is in the stack: its routes would show in it once it is read again.
          routeTableId: (others.house as Vpc).defaultRouteTableId,
          destinationCidrBlock: by(version, "192.168.1.0/24", "192.168.1.0/24", "192.168.2.0/24"),
          ...by<object>(version, { gatewayId: id(others, "door") }, { natGatewayId: id(others, "nat") }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.equal(outputs.state, "active"),
    },
    disturb: async (_routeId, surroundings, outputs) => {
      const found = await ec2(surroundings).send(new DescribeInternetGatewaysCommand({}));
      await ec2(surroundings).send(
        new ReplaceRouteCommand({
          RouteTableId: String(outputs.routeTableId),
          DestinationCidrBlock: "192.168.1.0/24",
          GatewayId: found.InternetGateways?.[0]?.InternetGatewayId,
        }),
      );
    },
    importId: (outputs) => `${outputs.routeTableId}_${outputs.destinationCidrBlock}`,
  },
  {
    name: "seat",
    declare: (version, options, others) =>
      new RouteTableAssociation(
        "seat",
        {
          routeTableId: by(version, id(others, "sketch"), id(others, "map"), id(others, "sketch")),
          subnetId: by(version, id(others, "shed"), id(others, "shed"), id(others, "room")),
        },
        options,
      ),
    importId: (outputs) => `${outputs.subnetId}/${outputs.routeTableId}`,
    disturb: async (AssociationId, surroundings) => {
      await ec2(surroundings).send(new DisassociateRouteTableCommand({ AssociationId }));
    },
  },
  {
    name: "attic",
    declare: (version, options, others) =>
      new DefaultRouteTable(
        "attic",
        {
          defaultRouteTableId: (others.net as Vpc).defaultRouteTableId,
          tags: by(version, { Name: "attic" }, { Name: "attic2" }),
        },
        options,
      ),
    disturb: async (tableId, surroundings) => {
      await intrude(tableId, surroundings);
    },
    importId: (outputs) => String(outputs.vpcId),
  },
  {
    name: "s3",
    declare: (version, options, others) =>
      new VpcEndpoint(
        "s3",
        {
          vpcId: by(version, id(others, "house"), id(others, "house"), id(others, "net")),
          serviceName: "com.amazonaws.eu-central-1.s3",
          routeTableIds: by(version, [id(others, "map")], [id(others, "sketch")], [id(others, "map")]),
          policy: JSON.stringify(policy(by(version, "s3:GetObject", "s3:*"))),
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.equal(outputs.vpcEndpointType, "Gateway");
        assert.equal(outputs.state, "available");
        assert.match(String(outputs.prefixListId), /^pl-/);
      },
    },
    unimportable: ["policy"],
    disturb: async (endpointId, surroundings, outputs) => {
      const change = { VpcEndpointId: endpointId, RemoveRouteTableIds: outputs.routeTableIds as string[] };
      await ec2(surroundings).send(new ModifyVpcEndpointCommand(change));
    },
  },
  {
    name: "logs",
    declare: (version, options, others) =>
      new VpcEndpoint(
        "logs",
        {
          vpcId: id(others, "house"),
          serviceName: by(
            version,
            "com.amazonaws.eu-central-1.logs",
            "com.amazonaws.eu-central-1.logs",
            "com.amazonaws.eu-central-1.monitoring",
          ),
          vpcEndpointType: "Interface",
          privateDnsEnabled: by(version, false, true),
          subnetIds: by(version, [id(others, "shed")], [id(others, "shed"), id(others, "room")]),
          securityGroupIds: [(others.house as Vpc).defaultSecurityGroupId],
        },
        options,
      ),
    unimportable: ["privateDnsEnabled", "securityGroupIds"],
  },
  {
    name: "watch",
    declare: (version, options, others) =>
      new FlowLog(
        "watch",
        {
          vpcId: id(others, "house"),
          trafficType: by(version, "ALL", "ALL", "REJECT"),
          logDestinationType: "s3",
          logDestination: "arn:aws:s3:::flow-logs",
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    disturb: async (flowLogId, surroundings) => {
      await intrude(flowLogId, surroundings);
    },
  },
];

testLives("provider: ec2 network", lives, async (surroundings) => {
  const client = ec2(surroundings);
  const defaults = await client.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }));
  const isDefault = (vpcId: string | undefined) => defaults.Vpcs?.some((vpc) => vpc.VpcId === vpcId);
  const [vpcs, subnets, gateways, nats, addresses, tables, endpoints] = await Promise.all([
    client.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["false"] }] })),
    client.send(new DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["false"] }] })),
    client.send(new DescribeInternetGatewaysCommand({})),
    client.send(new DescribeNatGatewaysCommand({ Filter: [{ Name: "state", Values: ["available", "pending"] }] })),
    client.send(new DescribeAddressesCommand({})),
    client.send(new DescribeRouteTablesCommand({ Filters: [{ Name: "association.main", Values: ["false"] }] })),
    client.send(new DescribeVpcEndpointsCommand({})),
  ]);
  return [
    vpcs.Vpcs?.map((each) => each.VpcId),
    subnets.Subnets?.map((each) => each.SubnetId),
    gateways.InternetGateways?.filter((each) => !isDefault(each.Attachments?.[0]?.VpcId)).map(
      (each) => each.InternetGatewayId,
    ),
    nats.NatGateways?.map((each) => each.NatGatewayId),
    addresses.Addresses?.map((each) => each.AllocationId),
    tables.RouteTables?.map((each) => each.RouteTableId),
    endpoints.VpcEndpoints?.map((each) => each.VpcEndpointId),
  ].flatMap((ids) => (ids ?? []) as string[]);
});
