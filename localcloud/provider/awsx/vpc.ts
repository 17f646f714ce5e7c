// `awsx:ec2:Vpc`: a VPC with subnets in several availability zones, their routes, NAT gateways and endpoints. Children, their names and
// their parents are those of Pulumi's awsx, so that one program gives the same resources with either.
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { SecurityGroupRule } from "@pulumi/aws/ec2/securityGroupRule.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc as AwsVpc } from "@pulumi/aws/ec2/vpc.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones.js";
import * as pulumi from "@pulumi/pulumi";
import { parseVpcArgs, type VpcArgs, type VpcEndpointSpec } from "./args.js";
import { dnsSettings, endpointSubnets, endpointType } from "./endpoints.js";
import { ipv6SubnetBlock } from "./ipv6.js";
import { planNatGateways } from "./natGateways.js";
import { type PlannedSubnet, planSubnets, type ResolvedSubnetSpec } from "./subnets/plan.js";

/** How many availability zones a VPC has by default, and its block: awsx's. */
const DEFAULT_ZONES = 3;
const DEFAULT_CIDR_BLOCK = "10.0.0.0/16";

type Tags = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** One subnet with what belongs to it. */
interface MadeSubnet extends PlannedSubnet {
  subnet: Subnet;
  routeTable: RouteTable;
  association: RouteTableAssociation;
}

/** Outputs of the component, by their names in awsx. */
interface VpcOutputs {
  vpc: AwsVpc;
  vpcId: pulumi.Output<string>;
  internetGateway: InternetGateway;
  subnets: Subnet[];
  publicSubnets: Subnet[];
  privateSubnets: Subnet[];
  isolatedSubnets: Subnet[];
  publicSubnetIds: pulumi.Output<string>[];
  privateSubnetIds: pulumi.Output<string>[];
  isolatedSubnetIds: pulumi.Output<string>[];
  subnetLayout: ResolvedSubnetSpec[];
  routeTables: RouteTable[];
  routeTableAssociations: RouteTableAssociation[];
  routes: Route[];
  natGateways: NatGateway[];
  eips: Eip[];
  vpcEndpoints: VpcEndpoint[];
}

export const VPC_TYPE = "awsx:ec2:Vpc";

export class Vpc extends pulumi.ComponentResource<VpcOutputs> {
  /** @throws (as a failed output) when arguments, strategy and zones do not fit together. */
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions = {}) {
    super(VPC_TYPE, name, { name, inputs }, options);
  }

  /** What the component gives to the program. */
  outputs(): Promise<VpcOutputs> {
    return this.getData();
  }

  protected override async initialize(given: { name: string; inputs: pulumi.Inputs }): Promise<VpcOutputs> {
    const { name } = given;
    const args = parseVpcArgs(name, given.inputs);
    const zones = args.availabilityZoneNames ?? (await this.firstZones(args));
    const cidrBlock = args.cidrBlock ?? DEFAULT_CIDR_BLOCK;
    const plan = planSubnets({
      vpcName: name,
      cidrBlock,
      zones,
      strategy: args.subnetStrategy ?? "Legacy",
      specs: args.subnetSpecs,
      zonePrefix: args.availabilityZoneCidrMask,
      nameTags: args.subnetNameTagStrategy,
    });
    const allocationIds = args.natGateways?.elasticIpAllocationIds ?? [];
    const nat = planNatGateways(args.natGateways?.strategy ?? "OnePerAz", zones, plan, allocationIds.length);

    const { region } = args;
    const tags = withTags({ Name: name }, args.tags);
    const vpc = new AwsVpc(name, { ...vpcSettings(args), ...dnsSettings(args), cidrBlock, tags }, { parent: this });
    const below = { parent: vpc, dependsOn: [vpc] };
    const internetGateway = new InternetGateway(name, { region, vpcId: vpc.id, tags }, below);

    const made = plan.subnets.map((planned) => {
      const label = { Name: planned.nameTag, SubnetType: planned.type };
      const subnet = new Subnet(
        planned.name,
        {
          region,
          vpcId: vpc.id,
          availabilityZone: planned.zone,
          cidrBlock: planned.cidrBlock,
          mapPublicIpOnLaunch: planned.type === "Public",
          ...ipv6Settings(args, vpc, planned, ipv6Index(plan.subnets, zones, planned)),
          tags: withTags(tags, planned.tags, label),
        },
        below,
      );
      const routeTable = new RouteTable(
        planned.name,
        { region, vpcId: vpc.id, tags: withTags(tags, label) },
        { parent: subnet, dependsOn: [subnet] },
      );
      const association = new RouteTableAssociation(
        planned.name,
        { region, routeTableId: routeTable.id, subnetId: subnet.id },
        { parent: routeTable, dependsOn: [routeTable] },
      );
      return { ...planned, subnet, routeTable, association };
    });

    const eips: Eip[] = [];
    const natGateways = nat.hosts.map((host, at) => {
      const gatewayName = `${name}-${zones.indexOf(host.zone) + 1}`;
      const { subnet } = made.find((each) => each.name === host.name) as MadeSubnet;
      const gatewayTags = withTags(args.tags, { Name: gatewayName });
      let allocationId = allocationIds[at];
      if (allocationId === undefined) {
        const eip = new Eip(gatewayName, { region, tags: gatewayTags }, { parent: subnet, dependsOn: [subnet] });
        eips.push(eip);
        allocationId = eip.allocationId;
      }
      // AWS refuses a NAT gateway in a VPC whose internet gateway is not attached yet.
      const options = { parent: subnet, dependsOn: [subnet, internetGateway] };
      return new NatGateway(gatewayName, { region, subnetId: subnet.id, allocationId, tags: gatewayTags }, options);
    });

    const routes = made.flatMap(({ name: subnetName, type, zone, routeTable }) => {
      const natGateway = natGateways[nat.gatewayOf(zone) ?? -1];
      const target =
        type === "Public"
          ? { gatewayId: internetGateway.id }
          : type === "Private" && natGateway
            ? { natGatewayId: natGateway.id }
            : undefined;
      if (!target) return [];
      const settings = { region, routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", ...target };
      return [new Route(subnetName, settings, { parent: routeTable, dependsOn: [routeTable] })];
    });

    const vpcEndpoints = args.vpcEndpointSpecs.map((spec) => makeEndpoint(spec, args, { vpc, tags, zones, made }));

    const ofType = (type: string) => made.filter((each) => each.type === type).map((each) => each.subnet);
    const outputs: VpcOutputs = {
      vpc,
      vpcId: vpc.id,
      internetGateway,
      subnets: made.map((each) => each.subnet),
      publicSubnets: ofType("Public"),
      privateSubnets: ofType("Private"),
      isolatedSubnets: ofType("Isolated"),
      publicSubnetIds: ofType("Public").map((subnet) => subnet.id),
      privateSubnetIds: ofType("Private").map((subnet) => subnet.id),
      isolatedSubnetIds: ofType("Isolated").map((subnet) => subnet.id),
      subnetLayout: plan.layout,
      routeTables: made.map((each) => each.routeTable),
      routeTableAssociations: made.map((each) => each.association),
      routes,
      natGateways,
      eips,
      vpcEndpoints,
    };
    this.registerOutputs(outputs);
    return outputs;
  }

  private async firstZones(args: VpcArgs): Promise<string[]> {
    const wanted = args.numberOfAvailabilityZones ?? DEFAULT_ZONES;
    if (args.region !== undefined && typeof args.region !== "string")
      throw new Error(
        "region is an output: give availabilityZoneNames as well, so that the zones are known beforehand.",
      );
    const { names } = await getAvailabilityZones(args.region ? { region: args.region } : {}, { parent: this });
    if (names.length < wanted)
      throw new Error(
        `The region has ${names.length} availability zones and ${wanted} are asked for: ` +
          "set numberOfAvailabilityZones or availabilityZoneNames.",
      );
    return names.slice(0, wanted);
  }
}

/** The arguments that are the VPC resource's own. */
function vpcSettings(args: VpcArgs) {
  const {
    availabilityZoneCidrMask: _mask,
    availabilityZoneNames: _names,
    natGateways: _nat,
    numberOfAvailabilityZones: _count,
    subnetNameTagStrategy: _nameTags,
    subnetSpecs: _specs,
    subnetStrategy: _strategy,
    vpcEndpointSpecs: _endpoints,
    vpcEndpointStrategy: _endpointStrategy,
    ...own
  } = args;
  return own;
}

/** Tags of several origins, later ones winning. Plain where all are plain, so that previews show them. */
function withTags(...layers: (Tags | undefined)[]): Tags {
  const given = layers.filter((layer) => layer !== undefined);
  if (!given.some((layer) => pulumi.Output.isInstance(layer))) return Object.assign({}, ...given);
  return pulumi.all(given).apply((all) => Object.assign({}, ...all) as Record<string, string>);
}

/** Number of a subnet's /64: zones follow each other, then the next kind of subnet. */
function ipv6Index(subnets: readonly PlannedSubnet[], zones: readonly string[], subnet: PlannedSubnet): number {
  const within = subnets.filter((each) => each.zone === subnet.zone).indexOf(subnet);
  return zones.indexOf(subnet.zone) + within * zones.length;
}

function ipv6Settings(args: VpcArgs, vpc: AwsVpc, planned: PlannedSubnet, index: number) {
  const assign = planned.assignIpv6AddressOnCreation ?? args.assignGeneratedIpv6CidrBlock ?? false;
  if (assign === false) return {};
  return {
    assignIpv6AddressOnCreation: assign,
    ipv6CidrBlock: pulumi
      .all([vpc.ipv6CidrBlock, assign])
      .apply(([block, wanted]) => (wanted ? ipv6SubnetBlock(block, index) : (undefined as unknown as string))),
  };
}

interface EndpointPlace {
  vpc: AwsVpc;
  tags: Tags;
  zones: readonly string[];
  made: readonly MadeSubnet[];
}

function makeEndpoint(spec: VpcEndpointSpec, args: VpcArgs, place: EndpointPlace): VpcEndpoint {
  const { vpc } = place;
  const { serviceName, tags: ownTags, ...settings } = spec;
  const region = spec.region ?? args.region;
  const tags = withTags(place.tags, ownTags);
  const kind = args.vpcEndpointStrategy === "Auto" ? endpointType(spec) : undefined;
  if (kind === "gateway") settings.routeTableIds ??= place.made.map((each) => each.routeTable.id);
  if (kind === "interface") {
    if (spec.subnetConfigurations === undefined)
      settings.subnetIds ??= endpointSubnets(place.made, place.zones).map((each) => each.subnet.id);
    settings.privateDnsEnabled ??= true;
    settings.securityGroupIds ??= [makeEndpointSecurityGroup(spec, region, tags, vpc).id];
  }
  return new VpcEndpoint(
    serviceName,
    { ...settings, serviceName, region, tags, vpcId: vpc.id },
    { parent: vpc, dependsOn: [vpc] },
  );
}

/** A security group that lets the whole VPC reach an interface endpoint. */
function makeEndpointSecurityGroup(
  spec: VpcEndpointSpec,
  region: pulumi.Input<string> | undefined,
  tags: Tags,
  vpc: AwsVpc,
): SecurityGroup {
  const group = new SecurityGroup(
    `${spec.serviceName}-sg`,
    { region, vpcId: vpc.id, tags },
    { parent: vpc, dependsOn: [vpc] },
  );
  const ipv6 = spec.ipAddressType === "ipv6" || spec.ipAddressType === "dualstack";
  new SecurityGroupRule(
    `${spec.serviceName}-ingress`,
    {
      region,
      type: "ingress",
      securityGroupId: group.id,
      protocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrBlocks: [vpc.cidrBlock],
      ...(ipv6 ? { ipv6CidrBlocks: [vpc.ipv6CidrBlock] } : {}),
    },
    { parent: vpc, dependsOn: [group] },
  );
  return group;
}
