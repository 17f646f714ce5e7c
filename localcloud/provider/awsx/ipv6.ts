// The IPv6 blocks of subnets: AWS gives a VPC a /56, of which each subnet takes a /64.
import { isIPv6 } from "node:net";

/**
 * The `index`-th /64 of a VPC's /56: `2001:db8:1234:1a00::/56`, 2 → `2001:db8:1234:1a02::/64`.
 *
 * @throws when it is no /56, or `index` is not within 0 to 255.
 */
export function ipv6SubnetBlock(vpcBlock: string, index: number): string {
  const [address = "", prefix] = vpcBlock.split("/");
  if (!isIPv6(address) || prefix !== "56") throw new Error(`"${vpcBlock}" is not an IPv6 /56 block`);
  if (!Number.isInteger(index) || index < 0 || index > 255)
    throw new RangeError(`a /56 has subnets 0 to 255, not ${index}`);
  const groups = expand(address);
  groups[3] = (Math.floor((groups[3] ?? 0) / 256) * 256 + index) % 65_536;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an address. */
function expand(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const left = parse(head);
  const right = parse(tail ?? "");
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
