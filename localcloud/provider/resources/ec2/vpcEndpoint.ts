// aws:ec2/vpcEndpoint:VpcEndpoint
import {
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  DescribePrefixListsCommand,
  DescribeVpcEndpointsCommand,
  type DnsOptionsSpecification,
  EC2Client,
  type IpAddressType,
  ModifyVpcEndpointCommand,
  type VpcEndpoint,
  type VpcEndpointType,
} from "@aws-sdk/client-ec2";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, json, list, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ec2Arn, tagSpecifications, updateTags } from "./tags.js";

export const vpcEndpoint = resource({
  type: "aws:ec2/vpcEndpoint:VpcEndpoint",
  properties: {
    vpcId: text({ required: true, replace: true }),
    serviceName: text({ computed: true, replace: true }),
    serviceRegion: text({ computed: true, replace: true }),
    resourceConfigurationArn: text({ replace: true }),
    serviceNetworkArn: text({ replace: true }),
    vpcEndpointType: text({
      default: "Gateway",
      replace: true,
      values: ["Gateway", "Interface", "GatewayLoadBalancer", "Resource", "ServiceNetwork"],
    }),
    autoAccept: flag({ unread: true }),
    policy: json({ computed: true }),
    privateDnsEnabled: flag({ computed: true }),
    routeTableIds: set(text(), { computed: true }),
    securityGroupIds: set(text(), { computed: true }),
    subnetIds: set(text(), { computed: true }),
    subnetConfigurations: set(object({ subnetId: text(), ipv4: text(), ipv6: text() }), {
      computed: true,
      unread: true,
    }),
    ipAddressType: text({ computed: true, values: ["ipv4", "dualstack", "ipv6"] }),
    dnsOptions: object(
      {
        dnsRecordIpType: text({ computed: true }),
        privateDnsOnlyForInboundResolverEndpoint: flag({ computed: true }),
        privateDnsPreference: text({ computed: true }),
        privateDnsSpecifiedDomains: set(text(), { computed: true }),
      },
      { computed: true },
    ),
    ...tagged,
    arn: output(text()),
    cidrBlocks: output(list(text())),
    dnsEntries: output(list(object({ dnsName: text(), hostedZoneId: text() })), { volatile: true }),
    networkInterfaceIds: output(list(text()), { volatile: true }),
    ownerId: output(text()),
    prefixListId: output(text()),
    requesterManaged: output(flag()),
    state: output(text()),
  },

  check(inputs) {
    const given = [inputs.serviceName, inputs.resourceConfigurationArn, inputs.serviceNetworkArn];
    return given.filter((value) => value !== undefined).length === 1
      ? []
      : [
          {
            property: "serviceName",
            reason: "exactly one of serviceName, resourceConfigurationArn, serviceNetworkArn is needed",
          },
        ];
  },

  async create(inputs, context) {
    const made = await context.client(EC2Client).send(
      new CreateVpcEndpointCommand({
        VpcId: inputs.vpcId,
        ServiceName: inputs.serviceName,
        ServiceRegion: inputs.serviceRegion,
        ResourceConfigurationArn: inputs.resourceConfigurationArn,
        ServiceNetworkArn: inputs.serviceNetworkArn,
        VpcEndpointType: inputs.vpcEndpointType as VpcEndpointType,
        PolicyDocument: inputs.policy,
        // "Private DNS" is on by default in the API and off in the provider, which therefore always says it.
        PrivateDnsEnabled: inputs.vpcEndpointType === "Interface" ? (inputs.privateDnsEnabled ?? false) : undefined,
        RouteTableIds: inputs.routeTableIds,
        SecurityGroupIds: inputs.securityGroupIds,
        SubnetIds: inputs.subnetIds,
        SubnetConfigurations: inputs.subnetConfigurations?.map(subnetConfiguration),
        IpAddressType: inputs.ipAddressType as IpAddressType,
        DnsOptions: dnsOptions(inputs.dnsOptions),
        TagSpecifications: tagSpecifications("vpc-endpoint", inputs.tags),
      }),
    );
    const id = made.VpcEndpoint?.VpcEndpointId as string;
    context.created(id);
    await waitUntilReady(id, context);
    return id;
  },

  async read(id, context, known) {
    const found = await describe(id, context);
    if (!found || ["deleted", "deleting"].includes(stateOf(found))) return undefined;
    const prefixList =
      found.VpcEndpointType === "Gateway" ? await prefixListOf(found.ServiceName ?? "", context) : undefined;
    return {
      vpcId: found.VpcId,
      serviceName: found.ServiceName,
      serviceRegion: found.ServiceRegion,
      resourceConfigurationArn: found.ResourceConfigurationArn,
      serviceNetworkArn: found.ServiceNetworkArn,
      vpcEndpointType: found.VpcEndpointType,
      // What AWS always tells, other clouds may leave out: then what was asked for holds.
      policy: found.PolicyDocument ?? known.policy,
      privateDnsEnabled: found.PrivateDnsEnabled ?? known.privateDnsEnabled,
      routeTableIds: found.RouteTableIds ?? [],
      securityGroupIds: found.Groups?.map((group) => group.GroupId ?? "") ?? known.securityGroupIds,
      subnetIds: found.SubnetIds ?? [],
      ipAddressType: found.IpAddressType ?? known.ipAddressType,
      dnsOptions: found.DnsOptions
        ? {
            dnsRecordIpType: found.DnsOptions.DnsRecordIpType,
            privateDnsOnlyForInboundResolverEndpoint: found.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint,
            privateDnsPreference: found.DnsOptions.PrivateDnsPreference,
            privateDnsSpecifiedDomains: found.DnsOptions.PrivateDnsSpecifiedDomains,
          }
        : known.dnsOptions,
      ...tagState(found.Tags),
      arn: await ec2Arn(`vpc-endpoint/${id}`, context, found.OwnerId),
      cidrBlocks: prefixList?.Cidrs ?? [],
      dnsEntries: (found.DnsEntries ?? []).map((entry) => ({
        dnsName: entry.DnsName ?? "",
        hostedZoneId: entry.HostedZoneId ?? "",
      })),
      networkInterfaceIds: found.NetworkInterfaceIds ?? [],
      ownerId: found.OwnerId,
      prefixListId: prefixList?.PrefixListId,
      requesterManaged: found.RequesterManaged ?? false,
      state: stateOf(found),
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const routeTables = difference(old.routeTableIds, inputs.routeTableIds);
    const groups = difference(old.securityGroupIds, inputs.securityGroupIds);
    const subnets = difference(old.subnetIds, inputs.subnetIds);
    const request = {
      ...(changes("policy") && (inputs.policy ? { PolicyDocument: inputs.policy } : { ResetPolicy: true })),
      ...(changes("privateDnsEnabled") && { PrivateDnsEnabled: inputs.privateDnsEnabled }),
      ...(changes("ipAddressType") && { IpAddressType: inputs.ipAddressType as IpAddressType }),
      ...(changes("dnsOptions") && { DnsOptions: dnsOptions(inputs.dnsOptions) }),
      ...(changes("subnetConfigurations") && {
        SubnetConfigurations: inputs.subnetConfigurations?.map(subnetConfiguration),
      }),
      ...(changes("routeTableIds") && { AddRouteTableIds: routeTables.add, RemoveRouteTableIds: routeTables.remove }),
      ...(changes("securityGroupIds") && { AddSecurityGroupIds: groups.add, RemoveSecurityGroupIds: groups.remove }),
      ...(changes("subnetIds") && { AddSubnetIds: subnets.add, RemoveSubnetIds: subnets.remove }),
    };
    if (Object.keys(request).length > 0) {
      await context.client(EC2Client).send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, ...request }));
      await waitUntilReady(id, context);
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    const answer = await context.client(EC2Client).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    const failure = answer.Unsuccessful?.[0]?.Error;
    if (failure && failure.Code !== "InvalidVpcEndpointId.NotFound" && failure.Code !== "InvalidVpcEndpoint.NotFound")
      throw new Error(`${failure.Code}: ${failure.Message}`);
    await context.waitFor(
      `VPC endpoint ${id} to be deleted`,
      async () => {
        const found = await orAbsent(describe(id, context));
        return !found || stateOf(found) === "deleted" ? true : undefined;
      },
      600,
    );
  },

  isGone: (error) => hasCode(error, ["InvalidVpcEndpoint.NotFound"]),
});

async function describe(id: string, context: Context): Promise<VpcEndpoint | undefined> {
  const { VpcEndpoints } = await context
    .client(EC2Client)
    .send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }));
  return VpcEndpoints?.[0];
}

/** Gateways say `available`, interfaces `Available`. */
function stateOf(endpoint: VpcEndpoint): string {
  return (endpoint.State ?? "").toLowerCase();
}

async function waitUntilReady(id: string, context: Context): Promise<void> {
  await context.waitFor(
    `VPC endpoint ${id} to be available`,
    async () => {
      const found = await describe(id, context);
      const state = found && stateOf(found);
      if (state === "failed" || state === "rejected")
        throw new Error(`VPC endpoint ${id} is ${state}: ${found?.LastError?.Message ?? "no reason given"}`);
      return state === "available" || state === "pendingacceptance" ? true : undefined;
    },
    600,
  );
}

async function prefixListOf(serviceName: string, context: Context) {
  const found = await context
    .client(EC2Client)
    .send(new DescribePrefixListsCommand({ Filters: [{ Name: "prefix-list-name", Values: [serviceName] }] }));
  return found.PrefixLists?.[0];
}

interface DnsOptions {
  dnsRecordIpType?: string;
  privateDnsOnlyForInboundResolverEndpoint?: boolean;
  privateDnsPreference?: string;
  privateDnsSpecifiedDomains?: string[];
}

function dnsOptions(given: DnsOptions | undefined): DnsOptionsSpecification | undefined {
  return (
    given && {
      DnsRecordIpType: given.dnsRecordIpType as DnsOptionsSpecification["DnsRecordIpType"],
      PrivateDnsOnlyForInboundResolverEndpoint: given.privateDnsOnlyForInboundResolverEndpoint,
      PrivateDnsPreference: given.privateDnsPreference,
      PrivateDnsSpecifiedDomains: given.privateDnsSpecifiedDomains,
    }
  );
}

function subnetConfiguration(given: { subnetId?: string; ipv4?: string; ipv6?: string }) {
  return { SubnetId: given.subnetId, Ipv4: given.ipv4, Ipv6: given.ipv6 };
}

/** What must be added to and removed from `old` to get `wanted`; nothing where the program leaves the choice to AWS. */
function difference(old: readonly string[] = [], wanted: readonly string[] | undefined) {
  if (!wanted) return {};
  const add = wanted.filter((each) => !old.includes(each));
  const remove = old.filter((each) => !wanted.includes(each));
  return { add: add.length > 0 ? add : undefined, remove: remove.length > 0 ? remove : undefined };
}
