import assert from "node:assert/strict";
import fc from "fast-check";
import { checkVpcCidr, contains, formatCidr, parseCidr, sizeOf } from "../../../components/ec2/cidr.js";
import { natStrategy } from "../../../components/ec2/network.js";

/** Any block, with no bit set behind its prefix. */
const block = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => ({ address: Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix), prefix }));

describe("IPv4 blocks", () => {
  it("are read back as they are written", () => {
    fc.assert(fc.property(block, (any) => assert.deepEqual(parseCidr(formatCidr(any)), any)));
  });

  it("contain themselves and their halves, and no block twice their size", () => {
    fc.assert(
      fc.property(
        block.filter(({ prefix }) => prefix > 0 && prefix < 32),
        (whole) => {
          const half = { address: whole.address + sizeOf(whole) / 2, prefix: whole.prefix + 1 };
          const double = { address: whole.address, prefix: whole.prefix - 1 };
          assert.ok(contains(whole, whole) && contains(whole, half));
          assert.ok(!contains(half, whole) && !contains(whole, double));
        },
      ),
    );
  });

  it("are refused when they are none", () => {
    for (const text of ["", "10.0.0.0", "10.0.0.0/33", "256.0.0.0/8", "10.0.0/16", "a.b.c.d/16"])
      assert.throws(() => parseCidr(text), /is not an IPv4 block such as/, text);
    assert.throws(() => parseCidr("10.0.1.7/24"), /bits set behind its prefix; the block is 10\.0\.1\.0\/24/);
  });

  it("hold as many subnets as a VPC is asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 24 }), fc.integer({ min: 1, max: 12 }), (prefix, subnets) => {
        const each = checkVpcCidr(`10.0.0.0/${prefix}`, subnets);
        assert.ok(2 ** (each - prefix) >= subnets, "there is room");
        assert.ok(each <= 28);
      }),
    );
    assert.throws(() => checkVpcCidr("10.0.0.0/27", 4), /no room for 4 subnets/);
  });

  it("are refused for a VPC outside the private ranges and AWS's sizes", () => {
    assert.throws(() => checkVpcCidr("8.8.0.0/16", 4), /not in the private ranges 10\.0\.0\.0\/8, 172\.16\.0\.0\/12/);
    assert.throws(() => checkVpcCidr("10.0.0.0/8", 4), /prefix from \/16 to \/28/);
  });
});

describe("NAT gateways", () => {
  it("are none, one, or one for each zone", () => {
    assert.deepEqual([natStrategy(0, 3), natStrategy(1, 3), natStrategy(3, 3)], ["None", "Single", "OnePerAz"]);
    assert.throws(() => natStrategy(2, 3), /2 NAT gateways for 3 availability zones: give 0, 1 or one per zone \(3\)/);
  });
});
