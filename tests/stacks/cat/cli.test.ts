// cat-normalize with the plain Pulumi CLI, in the stacks that the project's files describe.
import assert from "node:assert/strict";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand, ListLayersCommand } from "@aws-sdk/client-lambda";
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { openWorkspace, type Workspace } from "../cli/workspace.js";

const REGION = "us-east-1";

/** What the account has of all that cat-normalize makes. */
async function left({ client }: Workspace): Promise<string[]> {
  const lambda = new LambdaClient(client);
  const [buckets, functions, layers, rules, groups, roles] = await Promise.all([
    new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand({})),
    lambda.send(new ListFunctionsCommand({})),
    lambda.send(new ListLayersCommand({})),
    new EventBridgeClient(client).send(new ListRulesCommand({})),
    new CloudWatchLogsClient(client).send(new DescribeLogGroupsCommand({})),
    new IAMClient(client).send(new ListRolesCommand({})),
  ]);
  return [
    ...(buckets.Buckets ?? []).map(({ Name }) => Name),
    ...(functions.Functions ?? []).map(({ FunctionName }) => FunctionName),
    ...(layers.Layers ?? []).map(({ LayerName }) => LayerName),
    ...(rules.Rules ?? []).map(({ Name }) => Name),
    ...(groups.logGroups ?? []).map(({ logGroupName }) => logGroupName),
    ...(roles.Roles ?? []).map(({ RoleName }) => RoleName),
  ].map(String);
}

describe("cat-normalize with the plain Pulumi CLI", function () {
  this.timeout(180_000);

  it("comes up in test, has nothing more to change, and leaves nothing", async () => {
    const workspace = await openWorkspace("test", REGION, ["cat-normalize"]);
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await workspace.pulumi("preview", "--expect-no-changes");
      await workspace.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      const outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
      assert.equal(outputs.CatBucketName, "cat-test-normalize-reports");
      const { TagSet } = await new S3Client({ ...workspace.client, forcePathStyle: true }).send(
        new GetBucketTaggingCommand({ Bucket: outputs.CatBucketName }),
      );
      assert.deepEqual(Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key, Value])), {
        Environment: "TEST",
        Project: "CAT-NORMALIZE",
        ProjectId: "P2124",
        ManagedBy: "Pulumi",
        ETLComponent: "ETL-1",
        ETLStage: "EXTRACT-TRANSFORM",
        ResourceType: "STORAGE",
      });
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), []);
    } finally {
      await workspace.close();
    }
  });

  it("protects the data of prod, and leaves it in the account when it goes", async () => {
    const workspace = await openWorkspace("prod", REGION, ["cat-normalize"]);
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await assert.rejects(workspace.pulumi("destroy", "--yes", "--skip-preview"), /cannot be deleted|is protected/);
      await workspace.pulumi("state", "unprotect", "--all", "--yes");
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), ["cat-prod-normalize-reports"]);
    } finally {
      await workspace.close();
    }
  });
});
