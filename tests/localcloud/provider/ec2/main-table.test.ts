import assert from "node:assert/strict";
import { DescribeRouteTablesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { MainRouteTableAssociation } from "@pulumi/aws/ec2/mainRouteTableAssociation.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { type Bench, startBench } from "../lifecycle.js";

describe("provider: ec2 main route table", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.close());

  /** Which of the stack's two tables is main, if one is. */
  const program = (main?: "first" | "second") => async () => {
    const vpc = new Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
    const tables = {
      first: new RouteTable("first", { vpcId: vpc.id }),
      second: new RouteTable("second", { vpcId: vpc.id }),
    };
    if (main) new MainRouteTableAssociation("main", { vpcId: vpc.id, routeTableId: tables[main].id });
  };

  async function mainTable(vpcId: string | undefined): Promise<string | undefined> {
    const { RouteTables } = await new EC2Client(bench.client).send(
      new DescribeRouteTablesCommand({
        Filters: [
          { Name: "vpc-id", Values: [vpcId ?? ""] },
          { Name: "association.main", Values: ["true"] },
        ],
      }),
    );
    return RouteTables?.[0]?.RouteTableId;
  }

  it("is the one that the association says, and AWS's again when it is gone", async () => {
    await bench.up(program("first"));
    const { vpc, first, second, main } = await bench.resources();
    const original = vpc?.outputs.mainRouteTableId;
    assert.equal(await mainTable(vpc?.id), first?.id);
    assert.equal(main?.outputs.originalRouteTableId, original);
    assert.deepEqual((await bench.preview(program("first"))).operations, {});

    assert.deepEqual((await bench.up(program("second"))).operations, { main: "update" });
    assert.equal(await mainTable(vpc?.id), second?.id);
    await bench.refresh(program("second"));
    assert.equal((await bench.resources()).main?.outputs.originalRouteTableId, original);
    assert.deepEqual((await bench.preview(program("second"))).operations, {});

    await bench.up(program());
    assert.equal(await mainTable(vpc?.id), original);
    await bench.destroy();
  });
});
