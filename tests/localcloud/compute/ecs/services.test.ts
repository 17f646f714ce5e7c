// Services at a fixed desired count, on the local cloud.
import assert from "node:assert/strict";
import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServicesCommand,
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  type Service,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { type EcsAccount, ecsAccount, eventually } from "./cloud-fixture.js";

describe("ECS: services", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("server", [{ name: "app", command: ["wait"], stopTimeout: 2 }]);
  });

  const create = async (serviceName: string, desiredCount: number, more: Partial<CreateServiceCommandInput> = {}) => {
    const { service } = await on.ecs.send(
      new CreateServiceCommand({
        cluster: "cluster",
        serviceName,
        taskDefinition: "server",
        desiredCount,
        launchType: "FARGATE",
        networkConfiguration: on.network,
        ...more,
      }),
    );
    return service;
  };
  const describeOne = async (name: string): Promise<Service> => {
    const { services } = await on.ecs.send(new DescribeServicesCommand({ cluster: "cluster", services: [name] }));
    assert.ok(services?.[0], `service ${name} is not there`);
    return services[0];
  };
  const becomes = (name: string, isSo: (service: Service) => boolean) =>
    eventually(async () => {
      const service = await describeOne(name);
      return isSo(service) ? service : undefined;
    });
  const steady = (name: string, count: number) =>
    becomes(
      name,
      ({ runningCount, pendingCount, deployments = [] }) =>
        runningCount === count &&
        pendingCount === 0 &&
        deployments.length === 1 &&
        deployments[0]?.rolloutState === "COMPLETED",
    );
  const tasksOf = async (serviceName: string, desiredStatus: "RUNNING" | "STOPPED" = "RUNNING"): Promise<Task[]> => {
    const { taskArns: tasks = [] } = await on.ecs.send(
      new ListTasksCommand({ cluster: "cluster", serviceName, desiredStatus }),
    );
    if (tasks.length === 0) return [];
    return (await on.ecs.send(new DescribeTasksCommand({ cluster: "cluster", tasks }))).tasks ?? [];
  };
  const scale = (service: string, desiredCount: number) =>
    on.ecs.send(new UpdateServiceCommand({ cluster: "cluster", service, desiredCount }));
  const remove = (service: string, force = false) =>
    on.ecs.send(new DeleteServiceCommand({ cluster: "cluster", service, force }));

  it("runs as many tasks as are wanted, replaces one that dies, and drains when it is deleted", async () => {
    const created = await create("kept", 2);
    assert.deepEqual([created?.status, created?.runningCount, created?.desiredCount], ["ACTIVE", 0, 2]);
    await steady("kept", 2);
    const [first, second] = await tasksOf("kept");
    assert.match(first?.startedBy ?? "", /^ecs-svc\/\d+$/);
    assert.equal(first?.group, "service:kept");

    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: first?.taskArn, reason: "a test" }));
    const replaced = await eventually(async () => {
      const now = (await tasksOf("kept")).filter(({ lastStatus }) => lastStatus === "RUNNING");
      return now.length === 2 && now.every(({ taskArn }) => taskArn !== first?.taskArn) ? now : undefined;
    });
    assert.ok(replaced.some(({ taskArn }) => taskArn === second?.taskArn));

    await assert.rejects(remove("kept"), {
      name: "InvalidParameterException",
      message: "The service cannot be stopped while it is scaled above 0.",
    });
    const { service } = await remove("kept", true);
    assert.equal(service?.status, "DRAINING");
    const gone = await becomes("kept", ({ status }) => status === "INACTIVE");
    assert.equal(gone.runningCount, 0);
    const stopped = (await tasksOf("kept", "STOPPED")).filter(({ stopCode }) => stopCode !== "UserInitiated");
    assert.deepEqual(
      stopped.map(({ stopCode, lastStatus }) => [stopCode, lastStatus]),
      [
        ["ServiceSchedulerInitiated", "STOPPED"],
        ["ServiceSchedulerInitiated", "STOPPED"],
      ],
    );
    assert.match(stopped[0]?.stoppedReason ?? "", /^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/);
  });

  it("replaces a task whose container ended by itself", async () => {
    await on.define("mortal", [{ name: "app", command: ["after", "500", "dying", "1"], stopTimeout: 2 }]);
    await create("mortal", 1, { taskDefinition: "mortal" });
    const [dead] = await eventually(async () => {
      const stopped = await tasksOf("mortal", "STOPPED");
      return stopped.some(({ lastStatus }) => lastStatus === "STOPPED") ? stopped : undefined;
    });
    assert.deepEqual([dead?.stopCode, dead?.containers?.[0]?.exitCode], ["EssentialContainerExited", 1]);
    const [next] = await eventually(async () => {
      const live = await tasksOf("mortal");
      return live.length > 0 ? live : undefined;
    });
    assert.notEqual(next?.taskArn, dead?.taskArn);
    await remove("mortal", true);
  });

  it("goes with its count, up and down, and says what it did", async () => {
    await create("scaled", 1);
    await steady("scaled", 1);
    await scale("scaled", 3);
    await steady("scaled", 3);
    await scale("scaled", 0);
    const { events = [] } = await steady("scaled", 0);
    const said = events.map(({ message = "" }) => message.replaceAll(/[0-9a-f]{32}/g, "ID"));
    assert.ok(said.includes("(service scaled) has started 2 tasks: (task ID) (task ID)."), said.join("\n"));
    assert.ok(said.some((line) => line.startsWith("(service scaled) has stopped 3 running tasks: ")));
    assert.ok(said.includes("(service scaled) has reached a steady state."));
    await remove("scaled");
    await becomes("scaled", ({ status }) => status === "INACTIVE");
  });

  it("replaces its tasks with those of a new definition, never below its count", async () => {
    await create("rolled", 2);
    await steady("rolled", 2);
    const old = (await tasksOf("rolled")).map(({ taskArn }) => taskArn);
    const taskDefinition = await on.define("server", [
      { name: "app", command: ["wait"], stopTimeout: 2, environment: [{ name: "VERSION", value: "2" }] },
    ]);
    const { service } = await on.ecs.send(
      new UpdateServiceCommand({ cluster: "cluster", service: "rolled", taskDefinition }),
    );
    assert.deepEqual(
      service?.deployments?.map(({ status }) => status),
      ["PRIMARY", "ACTIVE"],
    );
    const least: number[] = [];
    await becomes("rolled", ({ runningCount = 0, deployments = [] }) => {
      least.push(runningCount);
      return deployments.length === 1 && deployments[0]?.rolloutState === "COMPLETED";
    });
    assert.ok(Math.min(...least) >= 2, `as few as ${Math.min(...least)} tasks ran`);
    const now = await tasksOf("rolled");
    assert.ok(
      now.every(({ taskArn, taskDefinitionArn }) => taskDefinitionArn === taskDefinition && !old.includes(taskArn)),
    );
    await remove("rolled", true);
  });

  it("rolls a deployment back whose tasks do not start, when its circuit breaker says so", async () => {
    const good = await create("broken", 1, {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    await steady("broken", 1);
    const taskDefinition = await on.define("unpullable", [{ name: "app", image: `${on.repository}:none` }]);
    await on.ecs.send(new UpdateServiceCommand({ cluster: "cluster", service: "broken", taskDefinition }));
    const back = await becomes(
      "broken",
      ({ taskDefinition: now, deployments = [] }) =>
        now === good?.taskDefinition && deployments.length === 1 && deployments[0]?.rolloutState === "COMPLETED",
    );
    assert.ok(back.events?.some(({ message }) => message?.includes("rolling back to (deployment ")));
    await remove("broken", true);
  }).timeout(60_000);

  it("keeps a cluster from being deleted, and lists its services in pages", async () => {
    for (const name of ["a", "b", "c"]) await create(name, 0);
    await assert.rejects(on.ecs.send(new DeleteClusterCommand({ cluster: "cluster" })), {
      name: "ClusterContainsServicesException",
      message: "The Cluster cannot be deleted while Services are active.",
    });
    const pages: string[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await on.ecs.send(new ListServicesCommand({ cluster: "cluster", maxResults: 2, nextToken }));
      pages.push((page.serviceArns ?? []).map((arn) => arn.split("/").at(-1) ?? ""));
      nextToken = page.nextToken;
    } while (nextToken);
    const all = pages.flat();
    assert.ok(pages.every(({ length }) => length <= 2) && new Set(all).size === all.length);
    for (const name of ["a", "b", "c"]) {
      assert.ok(all.includes(name));
      await remove(name);
    }
  });

  it("spreads its tasks over capacity providers by their weights", async () => {
    const strategy = [
      { capacityProvider: "FARGATE", base: 1, weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 3 },
    ];
    await on.ecs.send(
      new PutClusterCapacityProvidersCommand({
        cluster: "cluster",
        capacityProviders: ["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy: [],
      }),
    );
    await create("spread", 5, { launchType: undefined, capacityProviderStrategy: strategy });
    await steady("spread", 5);
    const providers = (await tasksOf("spread")).map(({ capacityProviderName }) => capacityProviderName);
    assert.deepEqual(providers.sort(), ["FARGATE", "FARGATE", "FARGATE_SPOT", "FARGATE_SPOT", "FARGATE_SPOT"]);
    await remove("spread", true);
    await becomes("spread", ({ status }) => status === "INACTIVE");
  });

  it("refuses what it cannot be, in AWS's words", async () => {
    await create("once", 0);
    await assert.rejects(create("once", 1), { message: "Creation of service was not idempotent." });
    await assert.rejects(create("daemon", 1, { schedulingStrategy: "DAEMON" }), { name: "InvalidParameterException" });
    await assert.rejects(create("nothing", 1, { taskDefinition: "unheard-of" }), {
      name: "ClientException",
      message: "TaskDefinition not found.",
    });
    await assert.rejects(scale("missing", 1), { name: "ServiceNotFoundException", message: "Service not found." });
    await remove("once");
    await becomes("once", ({ status }) => status === "INACTIVE");
    await assert.rejects(scale("once", 1), { name: "ServiceNotActiveException", message: "Service was not ACTIVE." });
  });
});
