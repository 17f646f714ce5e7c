// What a VPC endpoint's spec leaves out and the strategy Auto fills in from the VPC's own subnets and route tables.
import type { VpcArgs, VpcEndpointSpec } from "./args.js";
import type { PlannedSubnet } from "./subnets/plan.js";

/** The endpoint's type in small letters; `undefined` when it is an output. AWS's default is a gateway. */
export function endpointType(spec: VpcEndpointSpec): string | undefined {
  if (spec.vpcEndpointType === undefined) return "gateway";
  return typeof spec.vpcEndpointType === "string" ? spec.vpcEndpointType.toLowerCase() : undefined;
}

/**
 * The VPC's DNS settings: Auto turns them on for interface endpoints with private names, which need both.
 *
 * @throws when the program turned off what its endpoints need, or (Auto) an endpoint's type is not known yet.
 */
export function dnsSettings(args: VpcArgs): Pick<VpcArgs, "enableDnsHostnames" | "enableDnsSupport"> {
  const { enableDnsHostnames, enableDnsSupport } = args;
  if (args.vpcEndpointStrategy !== "Auto") return { enableDnsHostnames, enableDnsSupport };
  const unknown = args.vpcEndpointSpecs.find((spec) => endpointType(spec) === undefined);
  if (unknown)
    throw new Error(
      `vpcEndpointStrategy "Auto" needs the type of the endpoint ${unknown.serviceName} as a plain text; use "Legacy" instead.`,
    );
  const privateNames = args.vpcEndpointSpecs.some(
    (spec) => endpointType(spec) === "interface" && spec.privateDnsEnabled !== false,
  );
  if (!privateNames) return { enableDnsHostnames, enableDnsSupport };
  for (const [setting, value] of Object.entries({ enableDnsHostnames, enableDnsSupport }))
    if (value === false)
      throw new Error(`${setting} is false, but interface endpoints with private DNS names need it to be true.`);
  return { enableDnsHostnames: enableDnsHostnames ?? true, enableDnsSupport: enableDnsSupport ?? true };
}

/** One subnet of each zone for an interface endpoint: private if there is one, else isolated, else public. */
export function endpointSubnets<S extends Pick<PlannedSubnet, "zone" | "type">>(
  subnets: readonly S[],
  zones: readonly string[],
): S[] {
  return zones.flatMap((zone) => {
    const own = subnets.filter((subnet) => subnet.zone === zone);
    const chosen = ["Private", "Isolated", "Public"]
      .map((type) => own.find((subnet) => subnet.type === type))
      .find((subnet) => subnet !== undefined);
    return chosen ? [chosen] : [];
  });
}
