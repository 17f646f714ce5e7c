// The network of a task in mode awsvpc: its subnet, checked with EC2, and an address in it.
import { randomUUID } from "node:crypto";
import type { Subnet } from "@aws-sdk/client-ec2";
import type { NetworkConfiguration } from "@aws-sdk/client-ecs";
import type { Scope } from "../../scope.js";
import type { ComputeContext } from "../../service.js";
import { invalidParameter } from "../errors.js";
import type { TaskNetwork } from "../model.js";

/** AWS takes so many of each (AwsVpcConfiguration, Amazon ECS API Reference). */
const MOST_SUBNETS = 16;
const MOST_SECURITY_GROUPS = 5;

/** Subnets in which a task may be. */
export type Subnets = readonly { readonly id: string; readonly availabilityZone: string; readonly cidrBlock: string }[];

/** Looks the subnets and security groups up. @throws InvalidParameterException for one that is not there */
export type NetworkReader = (scope: Scope, network: NetworkConfiguration) => Promise<Subnets>;

export function networkReader(context: Pick<ComputeContext, "clientConfig">): NetworkReader {
  return async ({ account, region }, { awsvpcConfiguration }) => {
    const { subnets = [], securityGroups = [] } = awsvpcConfiguration ?? {};
    if (subnets.length === 0) throw invalidParameter("subnets can not be empty.");
    if (subnets.length > MOST_SUBNETS) throw invalidParameter(`subnets can have at most ${MOST_SUBNETS} items.`);
    if (securityGroups.length > MOST_SECURITY_GROUPS)
      throw invalidParameter(`securityGroups can have at most ${MOST_SECURITY_GROUPS} items.`);
    // Few clouds run tasks of ECS; the client is not worth loading before one does.
    const { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } = await import("@aws-sdk/client-ec2");
    const ec2 = new EC2Client(context.clientConfig(account, region));
    try {
      const [found] = await Promise.all([
        looked("subnet", subnets, ec2.send(new DescribeSubnetsCommand({ SubnetIds: subnets }))),
        securityGroups.length > 0 &&
          looked(
            "security group",
            securityGroups,
            ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: securityGroups })),
          ),
      ]);
      return (found.Subnets ?? []).map(({ SubnetId = "", AvailabilityZone = "", CidrBlock = "" }: Subnet) => ({
        id: SubnetId,
        availabilityZone: AvailabilityZone,
        cidrBlock: CidrBlock,
      }));
    } finally {
      ec2.destroy();
    }
  };
}

async function looked<T>(what: string, ids: readonly string[], call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error as Error;
    throw invalidParameter(
      `Error retrieving ${what} information for [${ids.join(", ")}]: ${message} (ErrorCode: ${name})`,
    );
  }
}

/** The first address that AWS gives away in a subnet: it keeps the first four. */
const FIRST_ADDRESS = 4;

/**
 * A task's interface in one of the subnets.
 *
 * @param index counts the tasks of the account: which subnet and which address
 */
export function interfaceIn(subnets: Subnets, index: number): TaskNetwork {
  const subnet = subnets[index % subnets.length];
  const [base = "0.0.0.0", bits = "24"] = subnet?.cidrBlock.split("/") ?? [];
  const hosts = Math.max(1, 2 ** (32 - Number(bits)) - FIRST_ADDRESS - 1);
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + FIRST_ADDRESS + (index % hosts);
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
  const hex = randomUUID().replaceAll("-", "");
  return {
    attachmentId: randomUUID(),
    interfaceId: `eni-0${hex.slice(0, 16)}`,
    subnetId: subnet?.id ?? "",
    availabilityZone: subnet?.availabilityZone ?? "",
    cidrBlock: subnet?.cidrBlock ?? "",
    privateIpv4Address: octets.join("."),
    macAddress: `0a:${hex.slice(16, 26).match(/../g)?.join(":")}`,
  };
}

/** A host name as EC2 gives it to a private address: of its own kind in us-east-1. */
export const privateDnsName = (address: string, region: string): string =>
  `ip-${address.replaceAll(".", "-")}.${region === "us-east-1" ? "ec2" : `${region}.compute`}.internal`;
