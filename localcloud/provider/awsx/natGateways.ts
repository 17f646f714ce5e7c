// Where the NAT gateways of a VPC stand, by strategy. Pure.
import type { PlannedSubnet, SubnetPlan } from "./subnets/plan.js";

export const NAT_STRATEGIES = ["None", "Single", "OnePerAz"] as const;
export type NatStrategy = (typeof NAT_STRATEGIES)[number];

export interface NatPlan {
  /** The public subnets that hold a gateway, in the order of the gateways. */
  hosts: PlannedSubnet[];
  /** Index of the gateway that a zone's private subnets use; `undefined` when there is none. */
  gatewayOf(zone: string): number | undefined;
}

/**
 * @param allocationIdCount how many Elastic IPs the program brings: none, or one for each gateway. A fixed set of addresses is
 *   usually known to somebody's firewall, so gateways beyond it are refused and not given an address of their own.
 * @throws when the strategy does not fit the subnets or the addresses.
 */
export function planNatGateways(
  strategy: NatStrategy,
  zones: readonly string[],
  plan: SubnetPlan,
  allocationIdCount: number,
): NatPlan {
  if (strategy === "None") {
    if (allocationIdCount > 0)
      throw new Error('natGateways.elasticIpAllocationIds makes no sense with the strategy "None".');
    return { hosts: [], gatewayOf: () => undefined };
  }
  const wanted = strategy === "Single" ? 1 : zones.length;
  if (allocationIdCount > 0 && allocationIdCount !== wanted)
    throw new Error(
      `The NAT gateway strategy "${strategy}" makes ${wanted} gateway(s) here, ` +
        `but natGateways.elasticIpAllocationIds has ${allocationIdCount}.`,
    );
  const has = (...types: string[]) => plan.subnets.some((subnet) => types.includes(subnet.type));
  if (!has("Public") || !has("Private", "Isolated"))
    throw new Error(
      `The NAT gateway strategy "${strategy}" needs public subnets to hold the gateways and private (or isolated) ones beside ` +
        'them. Without such subnets, set natGateways to { strategy: "None" }.',
    );
  const firstPublic = zones.flatMap((zone) => {
    const subnet = plan.subnets.find((each) => each.zone === zone && each.type === "Public");
    return subnet ? [subnet] : [];
  });
  const hosts = firstPublic.slice(0, wanted);
  return {
    hosts,
    gatewayOf: (zone) => (strategy === "Single" ? 0 : hosts.findIndex((host) => host.zone === zone)),
  };
}
