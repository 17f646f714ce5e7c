import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { parseVpcArgs } from "../../../../localcloud/provider/awsx/args.js";
import { dnsSettings, endpointSubnets } from "../../../../localcloud/provider/awsx/endpoints.js";
import { ipv6SubnetBlock } from "../../../../localcloud/provider/awsx/ipv6.js";
import { planNatGateways } from "../../../../localcloud/provider/awsx/natGateways.js";
import { planSubnets } from "../../../../localcloud/provider/awsx/subnets/plan.js";
import type { SubnetSpec } from "../../../../localcloud/provider/awsx/subnets/spec.js";

const ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

function subnets(specs?: SubnetSpec[]) {
  return planSubnets({
    vpcName: "vpc",
    cidrBlock: "10.0.0.0/16",
    zones: ZONES,
    strategy: "Legacy",
    specs,
    nameTags: "Legacy",
  });
}

describe("awsx NAT gateways", () => {
  it("stand in one public subnet, in one of each zone, or nowhere", () => {
    const hosts = (strategy: "None" | "Single" | "OnePerAz") =>
      planNatGateways(strategy, ZONES, subnets(), 0).hosts.map((host) => host.name);
    assert.deepEqual(hosts("None"), []);
    assert.deepEqual(hosts("Single"), ["vpc-public-1"]);
    assert.deepEqual(hosts("OnePerAz"), ["vpc-public-1", "vpc-public-2", "vpc-public-3"]);
  });

  it("serve the zone they stand in, or all", () => {
    const gateways = (strategy: "None" | "Single" | "OnePerAz") =>
      ZONES.map((zone) => planNatGateways(strategy, ZONES, subnets(), 0).gatewayOf(zone));
    assert.deepEqual(gateways("Single"), [0, 0, 0]);
    assert.deepEqual(gateways("OnePerAz"), [0, 1, 2]);
    assert.deepEqual(gateways("None"), [undefined, undefined, undefined]);
  });

  it("are refused where there is no place or use for them, or the addresses do not fit", () => {
    assert.throws(() => planNatGateways("Single", ZONES, subnets([{ type: "Private" }]), 0), /needs public subnets/);
    assert.throws(() => planNatGateways("OnePerAz", ZONES, subnets([{ type: "Public" }]), 0), /needs public subnets/);
    assert.throws(() => planNatGateways("OnePerAz", ZONES, subnets(), 2), /makes 3 gateway\(s\) here, .* has 2/);
    assert.throws(() => planNatGateways("None", ZONES, subnets(), 1), /makes no sense/);
    assert.equal(planNatGateways("None", ZONES, subnets([{ type: "Isolated" }]), 0).hosts.length, 0);
  });
});

describe("awsx endpoints", () => {
  it("turn on the VPC's DNS where they have private names, with Auto only", () => {
    const interfaceSpec = { serviceName: "com.amazonaws.eu-central-1.logs", vpcEndpointType: "Interface" };
    const settings = (inputs: Record<string, unknown>) => dnsSettings(parseVpcArgs("vpc", inputs));
    const on = { enableDnsHostnames: true, enableDnsSupport: true };
    const off = { enableDnsHostnames: undefined, enableDnsSupport: undefined };
    assert.deepEqual(settings({ vpcEndpointStrategy: "Auto", vpcEndpointSpecs: [interfaceSpec] }), on);
    assert.deepEqual(settings({ vpcEndpointSpecs: [interfaceSpec] }), off);
    const named = { ...interfaceSpec, privateDnsEnabled: false };
    assert.deepEqual(settings({ vpcEndpointStrategy: "Auto", vpcEndpointSpecs: [named] }), off);
    assert.throws(
      () => settings({ vpcEndpointStrategy: "Auto", vpcEndpointSpecs: [interfaceSpec], enableDnsSupport: false }),
      /enableDnsSupport is false/,
    );
  });

  it("take one subnet of each zone, a private one if there is", () => {
    const names = (specs?: SubnetSpec[]) => endpointSubnets(subnets(specs).subnets, ZONES).map((each) => each.name);
    assert.deepEqual(names(), ["vpc-private-1", "vpc-private-2", "vpc-private-3"]);
    assert.deepEqual(names([{ type: "Public" }, { type: "Isolated" }]), [
      "vpc-isolated-1",
      "vpc-isolated-2",
      "vpc-isolated-3",
    ]);
  });
});

describe("awsx VPC arguments", () => {
  it("may hold outputs where only a child's property depends on them", () => {
    const id = pulumi.output("sg-1");
    const args = parseVpcArgs("vpc", { vpcEndpointSpecs: [{ serviceName: "s", securityGroupIds: [id] }] });
    assert.deepEqual(args.vpcEndpointSpecs[0]?.securityGroupIds, [id]);
  });

  it("are refused with the property and the reason", () => {
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ cidrBlock: pulumi.output("10.0.0.0/16") }, /Vpc "vpc": cidrBlock: is an output, but the number and size/],
      [{ natGateways: { strategy: "Two" } }, /natGateways\.strategy: .*"None"\|"Single"\|"OnePerAz"/],
      [{ subnetSpecs: [{ type: "Public", cidrmask: 24 }] }, /subnetSpecs\.0: .*cidrmask/],
      [{ availabilityZoneNames: ["a"], numberOfAvailabilityZones: 1 }, /not both/],
      [{ ipv4IpamPoolId: "ipam-pool-1" }, /has to be given as cidrBlock/],
    ];
    for (const [inputs, message] of wrong) assert.throws(() => parseVpcArgs("vpc", inputs), message);
  });
});

describe("IPv6 subnets", () => {
  it("number the /64s of a /56", () => {
    assert.equal(ipv6SubnetBlock("2001:db8:1234:1a00::/56", 2), "2001:db8:1234:1a02::/64");
    assert.equal(ipv6SubnetBlock("2600:1f16::/56", 255), "2600:1f16:0:ff::/64");
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 2 }), (indices) => {
        const blocks = indices.map((index) => ipv6SubnetBlock("2600:1f16:abc:d00::/56", index));
        assert.equal(new Set(blocks).size, indices.length);
      }),
    );
  });

  it("come from a /56 only", () => {
    assert.throws(() => ipv6SubnetBlock("2001:db8::/64", 0), /not an IPv6 \/56/);
    assert.throws(() => ipv6SubnetBlock("10.0.0.0/56", 0), /not an IPv6 \/56/);
    assert.throws(() => ipv6SubnetBlock("2001:db8::/56", 256), /subnets 0 to 255/);
  });
});
