// `pulumi up` and `pulumi destroy` of the project's own stacks, with the plain CLI.
import assert from "node:assert/strict";
import { BatchClient, DescribeJobQueuesCommand } from "@aws-sdk/client-batch";
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeNatGatewaysCommand, DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { GetBucketTaggingCommand, GetBucketVersioningCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { selectUnits } from "../../../stacks/units.js";
import { openWorkspace, type Workspace } from "./workspace.js";

describe("The plain Pulumi CLI", function () {
  this.timeout(180_000);

  it("brings the stack dev up, has nothing more to change, and leaves nothing", async () => {
    const workspace = await openWorkspace("dev");
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      const outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
      assert.deepEqual(Object.keys(outputs).sort(), [
        "BatchJobQueueName",
        "DynamoDBTableName",
        "ECRRepositoryURI",
        "S3BucketName",
        "StepFunctionsStateMachineARN",
        "VPCId",
      ]);
      assert.equal(outputs.S3BucketName, "sanders-customer-platform-dev");
      const s3 = new S3Client({ ...workspace.client, forcePathStyle: true });
      const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: outputs.S3BucketName }));
      assert.deepEqual(Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key, Value])), {
        Project: "sanders-customer-platform",
        Environment: "dev",
        ManagedBy: "Pulumi",
      });
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: outputs.S3BucketName }));
      assert.equal(Status, "Enabled");
      const queues = await new BatchClient(workspace.client).send(new DescribeJobQueuesCommand({}));
      assert.deepEqual(
        queues.jobQueues?.map(({ jobQueueName, state, status }) => [jobQueueName, state, status]),
        [["sanders-batch-queue-dev", "ENABLED", "VALID"]],
      );
      await workspace.pulumi("preview", "--expect-no-changes");
      await workspace.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), NOTHING);
    } finally {
      await workspace.close();
    }
  });

  it("brings the stack dev up as its file says, all units of it, and leaves nothing", async () => {
    const workspace = await openWorkspace("dev", "eu-central-1", "of the file");
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      const config = JSON.parse(await workspace.pulumi("config", "--json"));
      const deployed = selectUnits(config["crucible:units"].objectValue);
      assert.ok(deployed.length >= 9, `${deployed.length} units`);
      const outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
      for (const unit of deployed)
        for (const output of Object.values(unit.workflows)) assert.ok(outputs[output], `${unit.name}: ${output}`);
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      for (const region of new Set(deployed.map(({ defaultRegion }) => defaultRegion)))
        assert.deepEqual(await left({ client: { ...workspace.client, region } }), NOTHING, region);
    } finally {
      await workspace.close();
    }
  }).timeout(300_000);

  it("previews the stack prod as its file says", async () => {
    const workspace = await openWorkspace("prod", "eu-central-1", "of the file");
    try {
      const preview = await workspace.pulumi("preview");
      assert.match(preview, /Resources:\n +\+ \d{3} to create/);
    } finally {
      await workspace.close();
    }
  });

  it("says once, and without a stack trace, which setting is wrong", async () => {
    const workspace = await openWorkspace("dev");
    try {
      await workspace.pulumi("config", "set", "--path", "crucible:sanders.network.natGateway", "0");
      await assert.rejects(workspace.pulumi("up", "--yes", "--skip-preview"), (error: Error) => {
        // The CLI shows every diagnostic twice: as it comes, and at the end.
        const [, summary = ""] = error.message.split("Diagnostics:");
        assert.equal(summary.match(/natGateway is not a setting/g)?.length, 1, error.message);
        assert.match(
          error.message,
          /Configuration of the stack dev \(Pulumi\.dev\.yaml\): crucible:sanders\.network\.natGateway is not a setting \(it is 0\); did you mean crucible:sanders\.network\.natGateways\?/,
        );
        assert.doesNotMatch(error.message, /Unhandled|^\s+at /m);
        return true;
      });
      assert.deepEqual(await left(workspace), NOTHING);
    } finally {
      await workspace.close();
    }
  });

  it("protects the data of the stack prod, and leaves it in the account when it goes", async () => {
    const workspace = await openWorkspace("prod");
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await workspace.pulumi("preview", "--expect-no-changes");
      await assert.rejects(workspace.pulumi("destroy", "--yes", "--skip-preview"), /cannot be deleted|is protected/);
      await workspace.pulumi("state", "unprotect", "--all", "--yes");
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), {
        buckets: ["sanders-customer-platform-prod", "sanders-customer-platform-trail-prod"],
        tables: ["sanders_daily_customer_features_prod"],
        repositories: ["sanders-customer-platform-prod"],
        stateMachines: [],
      });
      const table = await new DynamoDBClient(workspace.client).send(
        new DescribeTableCommand({ TableName: "sanders_daily_customer_features_prod" }),
      );
      assert.equal(table.Table?.DeletionProtectionEnabled, true);
    } finally {
      await workspace.close();
    }
  });

  it("lets a throwaway of prod go without a trace, in a region of its own and without a NAT gateway", async () => {
    const workspace = await openWorkspace("prod");
    const elsewhere = { ...workspace, client: { ...workspace.client, region: "eu-west-1" } };
    try {
      for (const [key, value] of [
        ["crucible:throwaway", "true"],
        ["crucible:suffix", "k3x9"],
        ["crucible:sanders.region", "eu-west-1"],
        ["crucible:sanders.network.natGateways", "0"],
      ])
        await workspace.pulumi("config", "set", "--path", key as string, value as string);
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await workspace.pulumi("preview", "--expect-no-changes");
      const bucketNames = ["sanders-customer-platform-prod-k3x9", "sanders-customer-platform-trail-prod-k3x9"];
      assert.deepEqual(await left(elsewhere), {
        buckets: bucketNames,
        tables: ["sanders_daily_customer_features_prod"],
        repositories: ["sanders-customer-platform-prod"],
        stateMachines: ["sanders-orchestrator-prod"],
      });
      assert.deepEqual({ ...(await left(workspace)), buckets: [] }, NOTHING);
      const ec2 = new EC2Client(elsewhere.client);
      const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({}));
      assert.deepEqual(NatGateways, []);
      const { VpcEndpoints } = await ec2.send(new DescribeVpcEndpointsCommand({}));
      assert.deepEqual(VpcEndpoints?.map(({ ServiceName, VpcEndpointType }) => [VpcEndpointType, ServiceName]).sort(), [
        ["Gateway", "com.amazonaws.eu-west-1.dynamodb"],
        ["Gateway", "com.amazonaws.eu-west-1.s3"],
        ...["batch", "ecr.api", "ecr.dkr", "logs", "secretsmanager"].map((service) => [
          "Interface",
          `com.amazonaws.eu-west-1.${service}`,
        ]),
      ]);
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(elsewhere), NOTHING);
    } finally {
      await workspace.close();
    }
  });
});

const NOTHING = { buckets: [], tables: [], repositories: [], stateMachines: [] };

/** What the account still has of what holds data, or runs. */
async function left({ client }: Pick<Workspace, "client">): Promise<Record<string, (string | undefined)[]>> {
  const [buckets, tables, repositories, machines] = await Promise.all([
    new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new DynamoDBClient(client).send(new ListTablesCommand({})),
    new ECRClient(client).send(new DescribeRepositoriesCommand({})),
    new SFNClient(client).send(new ListStateMachinesCommand({})),
  ]);
  return {
    buckets: (buckets.Buckets ?? []).map(({ Name }) => Name).sort(),
    tables: tables.TableNames ?? [],
    repositories: (repositories.repositories ?? []).map(({ repositoryName }) => repositoryName),
    stateMachines: (machines.stateMachines ?? []).map(({ name }) => name),
  };
}
