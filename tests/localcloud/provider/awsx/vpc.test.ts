import assert from "node:assert/strict";
import { DescribeRouteTablesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { Provider } from "@pulumi/aws/provider.js";
import { Vpc } from "@pulumi/awsx/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Bench, type Run, startBench } from "../lifecycle.js";

interface Made {
  urn: string;
  type: string;
  name: string;
  id: string;
  outputs: Record<string, unknown>;
}

/** What a run made or left, with the outputs that the engine then knew; the stack is one of it. */
function made({ events }: Run): Made[] {
  const last = new Map<string, Made>();
  for (const { resOutputsEvent } of events) {
    const state = resOutputsEvent?.metadata.new;
    if (!state) continue;
    const { urn, type, id, outputs } = state;
    last.set(urn, { urn, type, id, outputs, name: urn.split("::").at(-1) ?? "" });
  }
  return [...last.values()];
}

const ofType = (run: Run, type: string) => made(run).filter((each) => each.type === type);

describe("awsx.ec2.Vpc with the real engine", () => {
  let bench: Bench;
  let firstRun: Run;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.close());

  const program =
    (numberOfAvailabilityZones: number): PulumiFn =>
    async () => {
      const vpc = new Vpc("net", {
        numberOfAvailabilityZones,
        enableDnsHostnames: true,
        natGateways: { strategy: "Single" },
        vpcEndpointStrategy: "Auto",
        vpcEndpointSpecs: [
          { serviceName: "com.amazonaws.eu-central-1.s3" },
          { serviceName: "com.amazonaws.eu-central-1.logs", vpcEndpointType: "Interface" },
        ],
        tags: { Project: "x" },
      });
      return {
        vpcId: vpc.vpcId,
        publicSubnetIds: vpc.publicSubnetIds,
        privateSubnetIds: vpc.privateSubnetIds,
        isolatedSubnetIds: vpc.isolatedSubnetIds,
        layout: vpc.subnetLayout,
      };
    };

  /** `<name> <type>` of each resource below the component, as its URN tells. */
  function children(resources: readonly Made[]): string[] {
    const prefix = "awsx:ec2:Vpc$aws:ec2/vpc:Vpc";
    return resources
      .map(({ urn, name }) => ({ name, type: urn.split("::")[2] ?? "" }))
      .filter(({ type }) => type.startsWith(prefix))
      .map(({ name, type }) => `${name} ${type.slice(prefix.length).split(":").at(-1) || "Vpc"}`)
      .sort();
  }

  it("makes the resources that awsx makes, under the names that awsx gives", async () => {
    const preview = await bench.preview(program(2));
    assert.equal(preview.operations["net-private-2"], "create");
    firstRun = await bench.up(program(2));
    assert.deepEqual(children(made(firstRun)), [
      "com.amazonaws.eu-central-1.logs VpcEndpoint",
      "com.amazonaws.eu-central-1.logs-ingress SecurityGroupRule",
      "com.amazonaws.eu-central-1.logs-sg SecurityGroup",
      "com.amazonaws.eu-central-1.s3 VpcEndpoint",
      "net InternetGateway",
      "net Vpc",
      "net-1 Eip",
      "net-1 NatGateway",
      ...["private-1", "private-2", "public-1", "public-2"].flatMap((name) =>
        ["Route", "RouteTable", "RouteTableAssociation", "Subnet"].map((type) => `net-${name} ${type}`),
      ),
    ]);
    assert.deepEqual((await bench.preview(program(2))).operations, {});
  });

  it("gives its outputs to the program", async () => {
    const outputs = ofType(firstRun, "pulumi:pulumi:Stack")[0]?.outputs ?? {};
    const VpcIds = [String(outputs.vpcId)];
    const vpcs = await new EC2Client(bench.client).send(new DescribeVpcsCommand({ VpcIds }));
    assert.deepEqual(vpcs.Vpcs?.[0]?.Tags?.map((tag) => `${tag.Key}=${tag.Value}`).sort(), ["Name=net", "Project=x"]);
    assert.equal((outputs.publicSubnetIds as string[]).length, 2);
    assert.equal((outputs.privateSubnetIds as string[]).length, 2);
    assert.deepEqual(outputs.isolatedSubnetIds, []);
    assert.deepEqual(outputs.layout, [
      { type: "Private", cidrMask: 18 },
      { type: "Public", cidrMask: 19 },
    ]);
  });

  it("routes private subnets to the NAT gateway and public ones to the internet", async () => {
    const { RouteTables } = await new EC2Client(bench.client).send(new DescribeRouteTablesCommand({}));
    const targets = (RouteTables ?? []).flatMap((table) => {
      const type = table.Tags?.find((tag) => tag.Key === "SubnetType")?.Value;
      const route = table.Routes?.find((each) => each.DestinationCidrBlock === "0.0.0.0/0");
      return type ? [`${type} ${(route?.NatGatewayId ?? route?.GatewayId ?? "").split("-")[0]}`] : [];
    });
    assert.deepEqual(targets.sort(), ["Private nat", "Private nat", "Public igw", "Public igw"]);
  });

  it("grows by an availability zone without touching anything it need not", async () => {
    const { operations } = await bench.up(program(3));
    const names = Object.entries(operations).filter(([, operation]) => operation === "create");
    assert.deepEqual(names.map(([name]) => name).sort(), ["net-private-3", "net-public-3"]);
    assert.deepEqual((await bench.preview(program(3))).operations, {});
    await bench.destroy();
    assert.deepEqual(await bench.resources(), {});
  });

  it("uses the caller's provider and transforms for its children", async () => {
    const withProvider: PulumiFn = async () => {
      const provider = new Provider("frankfurt", { region: "eu-west-1", defaultTags: { tags: { Owner: "data" } } });
      new Vpc(
        "far",
        { numberOfAvailabilityZones: 1, natGateways: { strategy: "None" } },
        {
          provider,
          transforms: [
            ({ type, props, opts }) =>
              type === "aws:ec2/vpc:Vpc" ? { props: { ...props, instanceTenancy: "dedicated" }, opts } : undefined,
          ],
        },
      );
    };
    const run = await bench.up(withProvider, "provider");
    const found = await new EC2Client({ ...bench.client, region: "eu-west-1" }).send(
      new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["false"] }] }),
    );
    const [vpc] = found.Vpcs ?? [];
    assert.equal(vpc?.InstanceTenancy, "dedicated");
    assert.deepEqual(vpc?.Tags?.map((tag) => `${tag.Key}=${tag.Value}`).sort(), ["Name=far", "Owner=data"]);
    const subnets = ofType(run, "aws:ec2/subnet:Subnet");
    assert.deepEqual(
      subnets.map((each) => each.outputs.availabilityZone),
      ["eu-west-1a", "eu-west-1a"],
    );
    await bench.destroy("provider");
  });

  it("fails with the reason when its arguments do not fit, or a child fails", async () => {
    const wrong: PulumiFn = async () => {
      new Vpc("wrong", { subnetSpecs: [{ type: "Public" }], numberOfAvailabilityZones: 1 });
    };
    await assert.rejects(bench.up(wrong, "wrong"), /needs public subnets to hold the gateways and private/);
    const broken: PulumiFn = async () => {
      new Vpc("broken", { cidrBlock: "10.0.0.0/16", numberOfAvailabilityZones: 1, instanceTenancy: "shared" });
    };
    await assert.rejects(bench.up(broken, "broken"), /instanceTenancy.*must be one of default, dedicated/s);
    await bench.destroy("broken");
    const refused: PulumiFn = async () => {
      new Vpc(
        "refused",
        { numberOfAvailabilityZones: 1 },
        {
          transforms: [
            ({ type, name, props, opts }) =>
              type === "aws:ec2/route:Route" && name === "refused-private-1"
                ? { props: { ...props, routeTableId: "rtb-00000000" }, opts }
                : undefined,
          ],
        },
      );
    };
    await assert.rejects(
      bench.up(refused, "refused"),
      /creating aws:ec2\/route:Route .*InvalidRouteTableID\.NotFound/s,
    );
    await bench.destroy("refused");
  });

  it("takes outputs of other resources where only children depend on them", async () => {
    const mixed: PulumiFn = async () => {
      const first = new Vpc("first", { numberOfAvailabilityZones: 1, natGateways: { strategy: "None" } });
      new Vpc("second", {
        cidrBlock: "10.1.0.0/16",
        numberOfAvailabilityZones: 1,
        natGateways: { strategy: "None" },
        tags: { Neighbour: pulumi.interpolate`${first.vpcId}` },
      });
    };
    const vpcs = ofType(await bench.up(mixed, "mixed"), "aws:ec2/vpc:Vpc");
    const [first, second] = ["first", "second"].map((name) => vpcs.find((each) => each.name === name));
    assert.ok(first && second);
    assert.equal((second.outputs.tags as Record<string, string>).Neighbour, first.id);
    await bench.destroy("mixed");
  });
});
