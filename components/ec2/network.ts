// Network: a VPC for containers that nobody reaches from outside, with a way out by NAT, or none and endpoints instead.
import { getPrefixListOutput } from "@pulumi/aws/ec2/getPrefixList.js";
import { SecurityGroup, type SecurityGroupArgs } from "@pulumi/aws/ec2/securityGroup.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { SecurityGroupEgressRule, type SecurityGroupEgressRuleArgs } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import { Vpc, type VpcArgs } from "@pulumi/awsx/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { checkVpcCidr, parseCidr } from "./cidr.js";

export interface NetworkArgs {
  /** The VPC's name (its `Name` tag, and the beginning of its subnets'). */
  name: string;
  /** Region of the network; endpoints are named by it. */
  region: string;
  /** Private IPv4 block, /16 to /28. Each zone gets a private and a public subnet of equal size. */
  cidrBlock: string;
  /** How many availability zones. */
  availabilityZones: number;
  /**
   * How many NAT gateways: none, one for all zones, or one for each zone. With none, private subnets reach the internet no
   * more, and `interfaceServices` are reached through endpoints.
   */
  natGateways: number;
  /**
   * IPv4 blocks that containers may reach, by HTTPS. Where that is not everything, `interfaceServices` are reached through
   * endpoints, NAT gateway or not.
   *
   * @default ["0.0.0.0/0"]
   */
  egressCidrs?: readonly string[];
  /**
   * Services reached through a gateway endpoint, which costs nothing.
   *
   * @default ["s3", "dynamodb"]
   */
  gatewayServices?: readonly string[];
  /**
   * Services that get an interface endpoint in every zone when there is no way out to them. The default is what a Fargate job needs
   * to pull its image, get its secrets and write its log ("Interface VPC endpoints", Amazon ECS and AWS Batch User Guides).
   *
   * @default ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "batch"]
   */
  interfaceServices?: readonly string[];
  /** Name of the security group of the containers. */
  securityGroupName: string;
  transform?: { vpc?: Transform<VpcArgs>; securityGroup?: Transform<SecurityGroupArgs> };
}

const GATEWAY_SERVICES = ["s3", "dynamodb"];
const INTERFACE_SERVICES = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "batch"];
const HTTPS = 443;
const ANYWHERE = "0.0.0.0/0";

export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** One per zone. */
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** Group of containers in the private subnets: HTTPS out (to the allowed blocks), nothing in. */
  readonly securityGroupId: pulumi.Output<string>;
  readonly nodes: { vpc: Vpc; securityGroup: SecurityGroup; endpoints: VpcEndpoint[] };

  /** @throws when a block is none, has no room for the subnets, or the number of NAT gateways fits neither strategy. */
  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:ec2:Network", name, {}, options);
    checkVpcCidr(args.cidrBlock, 2 * args.availabilityZones);
    const strategy = natStrategy(args.natGateways, args.availabilityZones);
    const egressCidrs = args.egressCidrs ?? [ANYWHERE];
    for (const block of egressCidrs) parseCidr(block);
    const isOpen = egressCidrs.includes(ANYWHERE);
    const vpc = new Vpc(
      ...transformed<VpcArgs>(
        args.transform?.vpc,
        // awsx names the VPC, its subnets and gateways after the component.
        args.name,
        {
          cidrBlock: args.cidrBlock,
          numberOfAvailabilityZones: args.availabilityZones,
          enableDnsHostnames: true,
          enableDnsSupport: true,
          natGateways: { strategy },
          subnetStrategy: "Auto",
          subnetSpecs: [{ type: "Private" }, { type: "Public" }],
        },
        { parent: this },
      ),
    );
    const gateways = this.gatewayEndpoints(name, args, vpc);
    const securityGroup = this.group(name, args.securityGroupName, "Containers: HTTPS out, nothing in", vpc, args);
    // The rule for everything keeps its plain name, so that a network that is opened or closed changes by one rule.
    for (const block of egressCidrs)
      httpsOut(
        block === ANYWHERE ? `${name}-https-out` : `${name}-https-out-${block.replace(/\W/g, "-")}`,
        securityGroup,
        {
          cidrIpv4: block,
        },
      );
    if (!isOpen)
      for (const service of args.gatewayServices ?? GATEWAY_SERVICES)
        httpsOut(`${name}-https-out-${service}`, securityGroup, {
          prefixListId: getPrefixListOutput(
            { name: endpointService(args.region, service), region: args.region },
            { parent: this },
          ).id,
        });
    const endpoints =
      strategy === "None" || !isOpen ? this.interfaceEndpoints(name, args, vpc, securityGroup, isOpen) : [];
    this.nodes = { vpc, securityGroup, endpoints: [...gateways, ...endpoints] };
    this.vpcId = vpc.vpcId;
    // A container must not start before it can reach what it needs.
    this.privateSubnetIds = pulumi
      .all([vpc.privateSubnetIds, this.nodes.endpoints.map(({ id }) => id)])
      .apply(([subnetIds]) => subnetIds);
    this.securityGroupId = securityGroup.id;
    this.registerOutputs({
      vpcId: this.vpcId,
      privateSubnetIds: this.privateSubnetIds,
      securityGroupId: this.securityGroupId,
    });
  }

  /** Not awsx's: it names endpoints after their services alone, so that a stack could not have two networks. */
  private gatewayEndpoints(name: string, args: NetworkArgs, vpc: Vpc): VpcEndpoint[] {
    // A resource of a remote component comes as its id where its class was not loaded, which it is not here.
    const routeTableIds = vpc.routeTables.apply((tables) =>
      pulumi.all(
        (tables as (string | { id: pulumi.Output<string> })[]).map((table) =>
          typeof table === "string" ? table : table.id,
        ),
      ),
    );
    return (args.gatewayServices ?? GATEWAY_SERVICES).map(
      (service) =>
        new VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId: vpc.vpcId,
            serviceName: endpointService(args.region, service),
            vpcEndpointType: "Gateway",
            routeTableIds,
            tags: { Name: `${args.name}-${service}` },
          },
          { parent: this },
        ),
    );
  }

  private interfaceEndpoints(
    name: string,
    args: NetworkArgs,
    vpc: Vpc,
    containers: SecurityGroup,
    isOpen: boolean,
  ): VpcEndpoint[] {
    const services = args.interfaceServices ?? INTERFACE_SERVICES;
    if (services.length === 0) return [];
    const group = this.group(
      `${name}-endpoints`,
      `${args.securityGroupName}-endpoints`,
      "Interface endpoints: HTTPS from the containers",
      vpc,
      {},
    );
    new SecurityGroupIngressRule(
      `${name}-endpoints-https-in`,
      {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: HTTPS,
        toPort: HTTPS,
        referencedSecurityGroupId: containers.id,
      },
      { parent: group },
    );
    if (!isOpen) httpsOut(`${name}-https-out-endpoints`, containers, { referencedSecurityGroupId: group.id });
    return services.map(
      (service) =>
        new VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId: vpc.vpcId,
            serviceName: endpointService(args.region, service),
            vpcEndpointType: "Interface",
            privateDnsEnabled: true,
            subnetIds: vpc.privateSubnetIds,
            securityGroupIds: [group.id],
            tags: { Name: `${args.name}-${service}` },
          },
          { parent: this },
        ),
    );
  }

  private group(
    name: string,
    groupName: string,
    description: string,
    vpc: Vpc,
    args: Pick<NetworkArgs, "transform">,
  ): SecurityGroup {
    return new SecurityGroup(
      ...transformed<SecurityGroupArgs>(
        args.transform?.securityGroup,
        name,
        { name: groupName, description, vpcId: vpc.vpcId, tags: { Name: groupName } },
        { parent: this },
      ),
    );
  }
}

function httpsOut(
  name: string,
  group: SecurityGroup,
  to: Pick<SecurityGroupEgressRuleArgs, "cidrIpv4" | "prefixListId" | "referencedSecurityGroupId">,
): void {
  new SecurityGroupEgressRule(
    name,
    { securityGroupId: group.id, ipProtocol: "tcp", fromPort: HTTPS, toPort: HTTPS, ...to },
    { parent: group },
  );
}

/** `com.amazonaws.eu-central-1.s3`. */
export function endpointService(region: string, service: string): string {
  return `com.amazonaws.${region}.${service}`;
}

/** awsx's strategy for a number of NAT gateways. @throws when the number is neither 0, 1 nor that of the zones. */
export function natStrategy(natGateways: number, availabilityZones: number): "None" | "Single" | "OnePerAz" {
  if (natGateways === 0) return "None";
  if (natGateways === 1) return "Single";
  if (natGateways === availabilityZones) return "OnePerAz";
  throw new Error(
    `${natGateways} NAT gateways for ${availabilityZones} availability zones: give 0, 1 or one per zone (${availabilityZones})`,
  );
}
