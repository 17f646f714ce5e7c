// Preprocessing with the plain Pulumi CLI, in the stacks that the project's files describe.
import assert from "node:assert/strict";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { DescribeTaskDefinitionCommand, ECSClient, ListTaskDefinitionsCommand } from "@aws-sdk/client-ecs";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { openWorkspace, type Workspace } from "../cli/workspace.js";

const REGION = "ap-southeast-1";

/** What the account has of what holds data, or runs. */
async function left({ client }: Workspace) {
  const [buckets, repositories, machines, functions, definitions] = await Promise.all([
    new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new ECRClient(client).send(new DescribeRepositoriesCommand({})),
    new SFNClient(client).send(new ListStateMachinesCommand({})),
    new LambdaClient(client).send(new ListFunctionsCommand({})),
    new ECSClient(client).send(new ListTaskDefinitionsCommand({})),
  ]);
  return {
    buckets: (buckets.Buckets ?? []).map(({ Name }) => Name),
    repositories: (repositories.repositories ?? []).map(({ repositoryName }) => repositoryName),
    running: [
      ...(machines.stateMachines ?? []).map(({ name }) => name),
      ...(functions.Functions ?? []).map(({ FunctionName }) => FunctionName),
      ...(definitions.taskDefinitionArns ?? []),
    ],
  };
}

describe("Preprocessing with the plain Pulumi CLI", function () {
  this.timeout(180_000);

  it("comes up in dev, has nothing more to change, and leaves nothing", async () => {
    const workspace = await openWorkspace("dev", REGION, ["preprocessing"]);
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await workspace.pulumi("preview", "--expect-no-changes");
      await workspace.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      await workspace.pulumi("config", "set", "--path", "crucible:preprocessing.container.imageTag", "invalid-tag");
      await workspace.pulumi("up", "--yes", "--skip-preview");
      const { taskDefinition } = await new ECSClient(workspace.client).send(
        new DescribeTaskDefinitionCommand({ taskDefinition: "test-preprocessing" }),
      );
      assert.equal(taskDefinition?.revision, 2);
      assert.match(taskDefinition?.containerDefinitions?.[0]?.image ?? "", /\/test-preprocessing:invalid-tag$/);
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), { buckets: [], repositories: [], running: [] });
    } finally {
      await workspace.close();
    }
  });

  it("protects the data of prod, and leaves it in the account when it goes", async () => {
    const workspace = await openWorkspace("prod", REGION, ["preprocessing"]);
    try {
      await workspace.pulumi("up", "--yes", "--skip-preview");
      await workspace.pulumi("preview", "--expect-no-changes");
      await assert.rejects(workspace.pulumi("destroy", "--yes", "--skip-preview"), /cannot be deleted|is protected/);
      await workspace.pulumi("state", "unprotect", "--all", "--yes");
      await workspace.pulumi("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await left(workspace), {
        buckets: ["test-container-production"],
        repositories: ["test-preprocessing-prod"],
        running: [],
      });
    } finally {
      await workspace.close();
    }
  });
});
