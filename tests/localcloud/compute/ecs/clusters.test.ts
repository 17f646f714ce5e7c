// Clusters and their capacity providers.
import assert from "node:assert/strict";
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  ListClustersCommand,
  PutClusterCapacityProvidersCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateClusterSettingsCommand,
} from "@aws-sdk/client-ecs";
import { type EcsAccount, ecsAccount, eventually, withCommand } from "./cloud-fixture.js";

describe("ECS: clusters", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app", stopTimeout: 2 }]);
  });

  const describeOne = async (name: string, ...include: ("TAGS" | "SETTINGS" | "STATISTICS")[]) =>
    (await on.ecs.send(new DescribeClustersCommand({ clusters: [name], include }))).clusters?.[0];

  it("has the default cluster's name where none is given, and the same name is the same cluster", async () => {
    const create = () => on.ecs.send(new CreateClusterCommand({ tags: [{ key: "team", value: "data" }] }));
    const { cluster } = await create();
    assert.deepEqual(
      [cluster?.clusterArn, cluster?.status],
      [`arn:aws:ecs:eu-central-1:${on.account}:cluster/default`, "ACTIVE"],
    );
    assert.equal((await create()).cluster?.clusterArn, cluster?.clusterArn);
    await on.ecs.send(
      new UpdateClusterSettingsCommand({
        cluster: "default",
        settings: [{ name: "containerInsights", value: "enabled" }],
      }),
    );
    const found = await describeOne("default", "TAGS", "SETTINGS");
    assert.deepEqual(found?.tags, [{ key: "team", value: "data" }]);
    assert.deepEqual(found?.settings, [{ name: "containerInsights", value: "enabled" }]);
  });

  it("counts its tasks, and cannot be deleted before they have ended", async () => {
    await on.ecs.send(new CreateClusterCommand({ clusterName: "busy" }));
    const { tasks } = await on.ecs.send(
      new RunTaskCommand({
        cluster: "busy",
        taskDefinition: "plain",
        launchType: "FARGATE",
        networkConfiguration: on.network,
        ...withCommand("wait"),
      }),
    );
    const before = await describeOne("busy", "STATISTICS");
    assert.equal((before?.runningTasksCount ?? 0) + (before?.pendingTasksCount ?? 0), 1);
    await assert.rejects(on.ecs.send(new DeleteClusterCommand({ cluster: "busy" })), {
      name: "ClusterContainsTasksException",
      message: "The Cluster cannot be deleted while Tasks are active.",
    });
    await on.ecs.send(new StopTaskCommand({ cluster: "busy", task: tasks?.[0]?.taskArn }));
    const deleted = await eventually(() =>
      on.ecs.send(new DeleteClusterCommand({ cluster: "busy" })).catch((error: Error) => {
        if (error.name !== "ClusterContainsTasksException") throw error;
        return undefined;
      }),
    );
    assert.deepEqual([deleted.cluster?.status, deleted.cluster?.runningTasksCount], ["INACTIVE", 0]);
  });

  it("lists clusters in pages, without those that were deleted", async () => {
    for (const name of ["p1", "p2", "p3"]) await on.ecs.send(new CreateClusterCommand({ clusterName: name }));
    await on.ecs.send(new DeleteClusterCommand({ cluster: "p3" }));
    assert.equal((await describeOne("p3"))?.status, "INACTIVE");
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await on.ecs.send(new ListClustersCommand({ maxResults: 1, nextToken }));
      assert.ok((page.clusterArns ?? []).length <= 1);
      names.push(...(page.clusterArns ?? []).map((arn) => arn.split("/").at(-1) ?? ""));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.ok(["cluster", "p1", "p2"].every((name) => names.includes(name)) && !names.includes("p3"), names.join());
    const { failures } = await on.ecs.send(new DescribeClustersCommand({ clusters: ["nowhere"] }));
    assert.deepEqual(failures, [{ arn: `arn:aws:ecs:eu-central-1:${on.account}:cluster/nowhere`, reason: "MISSING" }]);
  });

  it("runs tasks by its default capacity provider strategy, which only names providers of its own", async () => {
    const { capacityProviders } = await on.ecs.send(new DescribeCapacityProvidersCommand({}));
    assert.deepEqual(
      capacityProviders?.map(({ name }) => name),
      ["FARGATE", "FARGATE_SPOT"],
    );
    const put = (providers: string[], ...strategy: { capacityProvider: string; weight?: number }[]) =>
      on.ecs.send(
        new PutClusterCapacityProvidersCommand({
          cluster: "cluster",
          capacityProviders: providers,
          defaultCapacityProviderStrategy: strategy,
        }),
      );
    await assert.rejects(put(["FARGATE"], { capacityProvider: "FARGATE_SPOT", weight: 1 }), {
      name: "InvalidParameterException",
      message: /not associated with the cluster/,
    });
    await assert.rejects(put(["mine"]), { message: "The specified capacity provider 'mine' was not found." });
    await put(["FARGATE_SPOT"], { capacityProvider: "FARGATE_SPOT", weight: 1 });
    const arn = await on.run("plain", { launchType: undefined, ...withCommand("wait") });
    const task = await on.reaches(arn, "RUNNING");
    assert.deepEqual([task.capacityProviderName, task.launchType], ["FARGATE_SPOT", "FARGATE"]);
    await assert.rejects(put([]), { name: "ResourceInUseException" });
    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: arn }));
    await on.reaches(arn, "STOPPED");
    await put([]);
  });
});
