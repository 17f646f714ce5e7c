import assert from "node:assert/strict";
import fc from "fast-check";
import { contains, endOf, overlaps, parseBlock, sizeOf } from "../../../../localcloud/provider/awsx/ipv4.js";
import { planSubnets, type SubnetRequest, zoneSuffix } from "../../../../localcloud/provider/awsx/subnets/plan.js";
import type { SubnetSpec } from "../../../../localcloud/provider/awsx/subnets/spec.js";

const ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

function plan(given: Partial<SubnetRequest> = {}) {
  return planSubnets({
    vpcName: "vpc",
    cidrBlock: "10.0.0.0/16",
    zones: ZONES,
    strategy: "Legacy",
    nameTags: "Legacy",
    ...given,
  });
}

const blocks = (given: Partial<SubnetRequest>) =>
  Object.fromEntries(plan(given).subnets.map((subnet) => [subnet.name, subnet.cidrBlock]));

describe("awsx subnets", () => {
  it("gives a VPC without specs awsx's default layout", () => {
    assert.deepEqual(blocks({}), {
      "vpc-public-1": "10.0.32.0/20",
      "vpc-private-1": "10.0.0.0/19",
      "vpc-public-2": "10.0.96.0/20",
      "vpc-private-2": "10.0.64.0/19",
      "vpc-public-3": "10.0.160.0/20",
      "vpc-private-3": "10.0.128.0/19",
    });
    assert.deepEqual(blocks({ zones: ZONES.slice(0, 2) }), {
      "vpc-public-1": "10.0.64.0/19",
      "vpc-private-1": "10.0.0.0/18",
      "vpc-public-2": "10.0.192.0/19",
      "vpc-private-2": "10.0.128.0/18",
    });
    assert.deepEqual(blocks({}), blocks({ strategy: "Auto" }));
  });

  it("places private, public, isolated subnets in that order with Legacy, whatever the order of the specs", () => {
    assert.deepEqual(
      blocks({ zones: ZONES.slice(0, 1), specs: [{ type: "Isolated" }, { type: "Public" }, { type: "Private" }] }),
      { "vpc-private-1": "10.0.0.0/19", "vpc-public-1": "10.0.32.0/20", "vpc-isolated-1": "10.0.48.0/24" },
    );
  });

  it("moves a Legacy subnet behind the one before it where they would overlap", () => {
    assert.deepEqual(
      blocks({
        zones: ZONES.slice(0, 1),
        specs: [
          { type: "Private", name: "small", cidrMask: 24 },
          { type: "Private", name: "large", cidrMask: 20 },
          { type: "Public", cidrMask: 18 },
        ],
      }),
      { "vpc-small-1": "10.0.0.0/24", "vpc-large-1": "10.0.16.0/20", "vpc-public-1": "10.0.64.0/18" },
    );
  });

  it("keeps the order of the specs with Auto, aligning each to its size", () => {
    assert.deepEqual(
      blocks({
        strategy: "Auto",
        zones: ZONES.slice(0, 2),
        specs: [
          { type: "Public", cidrMask: 24 },
          { type: "Private", size: 4096 },
          { type: "Isolated", name: "data", cidrMask: 28 },
        ],
      }),
      {
        "vpc-public-1": "10.0.0.0/24",
        "vpc-private-1": "10.0.16.0/20",
        "vpc-data-1": "10.0.32.0/28",
        "vpc-public-2": "10.0.128.0/24",
        "vpc-private-2": "10.0.144.0/20",
        "vpc-data-2": "10.0.160.0/28",
      },
    );
  });

  it("aligns zones to a mask of the program's choice", () => {
    const given = blocks({ strategy: "Auto", zonePrefix: 20, specs: [{ type: "Private" }, { type: "Public" }] });
    assert.equal(given["vpc-private-1"], "10.0.0.0/21");
    assert.equal(given["vpc-public-1"], "10.0.8.0/21");
    assert.equal(given["vpc-private-2"], "10.0.16.0/21");
  });

  it("merges settings into the default layout with AutoMerge", () => {
    const merged = plan({
      strategy: "AutoMerge",
      specs: [
        { type: "Public", tags: { tier: "edge" } },
        { type: "Isolated", name: "data", cidrMask: 24 },
      ],
    });
    const defaults = blocks({ strategy: "Auto" });
    for (const [name, block] of Object.entries(defaults))
      assert.equal(merged.subnets.find((subnet) => subnet.name === name)?.cidrBlock, block);
    assert.deepEqual(merged.subnets.find((subnet) => subnet.name === "vpc-public-2")?.tags, { tier: "edge" });
    assert.equal(merged.subnets.find((subnet) => subnet.name === "vpc-data-1")?.cidrBlock, "10.0.48.0/24");
  });

  it("takes blocks of the program's choice as they are", () => {
    const specs: SubnetSpec[] = [
      { type: "Public", cidrBlocks: ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"] },
      { type: "Private", cidrBlocks: ["10.0.128.0/20", "10.0.144.0/20", "10.0.160.0/20"] },
    ];
    assert.deepEqual(Object.values(blocks({ strategy: "Auto", specs })), [
      "10.0.0.0/24",
      "10.0.128.0/20",
      "10.0.1.0/24",
      "10.0.144.0/20",
      "10.0.2.0/24",
      "10.0.160.0/20",
    ]);
  });

  it("asks Exact to account for every address", () => {
    const specs: SubnetSpec[] = [
      { type: "Private", cidrMask: 19 },
      { type: "Public", cidrMask: 20 },
    ];
    assert.throws(
      () => plan({ strategy: "Exact", zones: ZONES.slice(0, 2), specs }),
      /belong to no subnet: 10\.0\.48\.0 to 10\.0\.127\.255, 10\.0\.176\.0 to 10\.0\.255\.255/,
    );
    const whole: SubnetSpec[] = [
      ...specs,
      { type: "Unused", cidrMask: 20 },
      { type: "Unused", name: "rest", cidrMask: 18 },
    ];
    assert.equal(plan({ strategy: "Exact", zones: ZONES.slice(0, 2), specs: whole }).subnets.length, 4);
  });

  it("tells what layout would give the same subnets with Auto", () => {
    assert.deepEqual(plan({ zones: ZONES.slice(0, 2) }).layout, [
      { type: "Private", cidrMask: 18 },
      { type: "Public", cidrMask: 19 },
    ]);
    assert.deepEqual(
      plan({
        specs: [
          { type: "Private", name: "jobs", cidrMask: 24 },
          { type: "Public", cidrMask: 22 },
        ],
      }).layout,
      [
        { type: "Private", name: "jobs", cidrMask: 24 },
        { type: "Unused", cidrMask: 24 },
        { type: "Unused", cidrMask: 23 },
        { type: "Public", cidrMask: 22 },
      ],
    );
  });

  it("tags with the zone's letter on demand, and keeps Pulumi's names", () => {
    const first = plan({ nameTags: "AvailabilityZone" }).subnets[0];
    assert.equal(first?.name, "vpc-public-1");
    assert.equal(first?.nameTag, "vpc-public-1a");
    assert.equal(zoneSuffix("us-west-2-lax-1a"), "2-lax-1a");
    assert.equal(zoneSuffix("us-gov-west-1b"), "1b");
  });

  it("refuses contradictions, naming each", () => {
    const wrong: [Partial<SubnetRequest>, RegExp][] = [
      [{ specs: [{ type: "Public" }, { type: "Public" }] }, /type Public have no name/],
      [{ specs: [{ type: "Public", size: 100 }] }, /size is 100, which is not a power of two/],
      [{ specs: [{ type: "Public", size: 256, cidrMask: 23 }] }, /size is 256, but a \/23 subnet has 512 addresses/],
      [{ specs: [{ type: "Public", cidrBlocks: ["10.0.0.0/24"] }] }, /1 blocks, but there are 3 availability zones/],
      [{ strategy: "Auto", specs: [] }, /subnetSpecs is empty/],
      [{ strategy: "Auto", specs: [{ type: "Public", cidrMask: 16 }] }, /need 65536 addresses.* has 16384/],
      [{ strategy: "Auto", cidrBlock: "10.0.0.0/26" }, /at least a \/26/],
      [{ specs: [{ type: "Private", cidrMask: 17 }] }, /overlap/],
      [
        { strategy: "Auto", specs: [{ type: "Public", cidrBlocks: ["10.1.0.0/24", "10.0.1.0/24", "10.0.2.0/24"] }] },
        /not inside the VPC 10\.0\.0\.0\/16: vpc-public-1 \(10\.1\.0\.0\/24\)/,
      ],
    ];
    for (const [given, message] of wrong) assert.throws(() => plan(given), message);
  });

  const spec = fc.record({
    type: fc.constantFrom("Public" as const, "Private" as const, "Isolated" as const),
    cidrMask: fc.option(fc.integer({ min: 18, max: 28 }), { nil: undefined }),
  });
  const request = fc.record({
    cidrBlock: fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 12, max: 22 }))
      .map(([second, prefix]) => `10.${second}.0.0/${prefix}`),
    zones: fc
      .integer({ min: 1, max: 6 })
      .map((count) => Array.from({ length: count }, (_, at) => `eu-central-1${"abcdef"[at]}`)),
    strategy: fc.constantFrom("Legacy" as const, "Auto" as const, "AutoMerge" as const),
    specs: fc.option(
      fc
        .array(spec, { minLength: 1, maxLength: 5 })
        .map((specs) => specs.map((each, at) => ({ ...each, name: `s${at}` }))),
      { nil: undefined },
    ),
  });

  /** The plan, or `undefined` where the request is refused with one of the errors that say so. */
  function attempt(given: Partial<SubnetRequest>) {
    try {
      return plan(given);
    } catch (error) {
      assert.match(String(error), /overlap|not inside the VPC|need \d+ addresses|at least a \/26|not a power of two/);
      return undefined;
    }
  }

  it("keeps subnets inside the VPC, apart from each other, and of the size asked for", () => {
    let planned = 0;
    fc.assert(
      fc.property(request, (given) => {
        const result = attempt(given);
        fc.pre(result !== undefined);
        planned += 1;
        const vpc = parseBlock(given.cidrBlock);
        const all = (result?.subnets ?? []).map((subnet) => ({ ...subnet, block: parseBlock(subnet.cidrBlock) }));
        assert.equal(new Set(all.map((subnet) => subnet.name)).size, all.length);
        for (const [at, subnet] of all.entries()) {
          assert.ok(contains(vpc, subnet.block), `${subnet.cidrBlock} is not in ${given.cidrBlock}`);
          for (const other of all.slice(at + 1)) assert.ok(!overlaps(subnet.block, other.block));
          const asked = given.specs?.find(
            (each) => subnet.name === `vpc-${each.name}-${given.zones.indexOf(subnet.zone) + 1}`,
          );
          if (asked?.cidrMask !== undefined) assert.equal(subnet.block.prefix, asked.cidrMask);
        }
        const perZone = given.zones.map((zone) => all.filter((subnet) => subnet.zone === zone).length);
        assert.equal(new Set(perZone).size, 1);
      }),
    );
    assert.ok(planned >= 100);
  });

  it("lays every zone out alike", () => {
    fc.assert(
      fc.property(request, (given) => {
        const result = attempt(given);
        fc.pre(result !== undefined);
        const shapes = given.zones.map((zone) => {
          const own = (result?.subnets ?? [])
            .filter((subnet) => subnet.zone === zone)
            .map((each) => parseBlock(each.cidrBlock));
          const first = Math.min(...own.map((each) => each.start));
          return JSON.stringify(own.map((each) => [each.start - first, each.prefix]));
        });
        assert.equal(new Set(shapes).size, 1);
      }),
    );
  });

  it("gives a layout that Auto turns into the same subnets", () => {
    fc.assert(
      fc.property(request, (given) => {
        const result = attempt(given);
        fc.pre(result !== undefined && given.strategy !== "Auto");
        const specs = (result?.layout ?? []).map((each, at) => ({ ...each, name: each.name ?? `layout${at}` }));
        const again = plan({ ...given, strategy: "Auto", specs });
        const sorted = (subnets: readonly { cidrBlock: string }[]) => subnets.map((each) => each.cidrBlock).sort();
        assert.deepEqual(sorted(again.subnets), sorted(result?.subnets ?? []));
      }),
    );
  });

  it("accepts an Exact layout exactly when it leaves no address", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 17, max: 24 }), { minLength: 1, maxLength: 6 }), (prefixes) => {
        const sorted = [...prefixes].sort((left, right) => left - right);
        const total = sorted.reduce((sum, prefix) => sum + sizeOf(prefix), 0);
        fc.pre(total <= sizeOf(16));
        const specs = sorted.map((cidrMask, at): SubnetSpec => ({ type: "Private", name: `s${at}`, cidrMask }));
        const whole = total === sizeOf(16);
        const given: Partial<SubnetRequest> = { strategy: "Exact", zones: ZONES.slice(0, 1), specs };
        if (whole)
          assert.equal(
            endOf(parseBlock(plan(given).subnets.at(-1)?.cidrBlock ?? "")),
            endOf(parseBlock("10.0.0.0/16")),
          );
        else assert.throws(() => plan(given), /belong to no subnet/);
      }),
    );
  });
});
