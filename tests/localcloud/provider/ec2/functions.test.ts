import assert from "node:assert/strict";
import { getPrefixListOutput } from "@pulumi/aws/ec2/getPrefixList.js";
import { getSecurityGroupOutput } from "@pulumi/aws/ec2/getSecurityGroup.js";
import { getSubnetOutput } from "@pulumi/aws/ec2/getSubnet.js";
import { getSubnetsOutput } from "@pulumi/aws/ec2/getSubnets.js";
import { getVpc, getVpcOutput } from "@pulumi/aws/ec2/getVpc.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { type Bench, startBench } from "../lifecycle.js";

describe("provider: ec2 functions", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.close());

  it("find what is there by id, tags and filters", async () => {
    const run = await bench.up(async () => {
      const vpc = new Vpc("vpc", { cidrBlock: "10.7.0.0/16", enableDnsHostnames: true, tags: { Name: "house" } });
      const subnets = ["a", "b"].map(
        (name, at) =>
          new Subnet(name, { vpcId: vpc.id, cidrBlock: `10.7.${at}.0/24`, availabilityZone: `eu-central-1${name}` }),
      );
      const ids = subnets.map((subnet) => subnet.id);
      const all = getSubnetsOutput({ filters: [{ name: "vpc-id", values: [vpc.id] }] }, { dependsOn: subnets });
      const found = getVpcOutput({ tags: { Name: "house" } }, { dependsOn: [vpc] });
      const zone = getSubnetOutput({ vpcId: vpc.id, availabilityZone: "eu-central-1b" }, { dependsOn: subnets });
      const group = getSecurityGroupOutput({ vpcId: vpc.id, name: "default" });
      const prefixes = getPrefixListOutput({ name: "com.amazonaws.eu-central-1.s3" });
      return { made: vpc.id, found, ids, all: all.ids, zone, group, groupId: vpc.defaultSecurityGroupId, prefixes };
    });
    const stack = run.events.findLast((event) => event.resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
    // biome-ignore lint/suspicious/noExplicitAny: the outputs of the program above.
    const outputs = stack?.resOutputsEvent?.metadata.new?.outputs as any;
    assert.equal(outputs.found.id, outputs.made);
    assert.equal(outputs.found.cidrBlock, "10.7.0.0/16");
    assert.equal(outputs.found.enableDnsHostnames, true);
    assert.deepEqual([...outputs.all].sort(), [...outputs.ids].sort());
    assert.equal(outputs.zone.cidrBlock, "10.7.1.0/24");
    assert.equal(outputs.group.id, outputs.groupId);
    assert.match(outputs.prefixes.id, /^pl-\w+$/);
    assert.equal(outputs.prefixes.name, "com.amazonaws.eu-central-1.s3");
    assert.ok(outputs.prefixes.cidrBlocks.length > 0);
    await bench.destroy();
  });

  it("say when nothing fits, or too much", async () => {
    const search = (name: string) => async () => {
      await getVpc({ tags: { Name: name } });
    };
    await assert.rejects(bench.up(search("nowhere"), "none"), /no VPC fits the search/);
    await assert.rejects(
      bench
        .up(async () => {
          for (const name of ["one", "two"]) new Vpc(name, { cidrBlock: "10.0.0.0/16", tags: { Name: "twin" } });
        }, "twins")
        .then(() => bench.up(search("twin"), "twice")),
      /2 VPCs fit the search/,
    );
    await bench.destroy("twins");
  });
});
