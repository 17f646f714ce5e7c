import assert from "node:assert/strict";
import {
  FargateTaskDefinition,
  type FargateTaskDefinitionArgs,
} from "../../../components/ecs/fargate-task-definition.js";
import { TaskCluster } from "../../../components/ecs/task-cluster.js";
import { ACCOUNT, only, REGION, run, settled } from "../mocks.js";

const args: FargateTaskDefinitionArgs = {
  family: "etl",
  containerName: "main",
  image: "repository:tag",
  size: { vcpus: 0.25, memoryMiB: 512 },
  environment: { ZONE: "b", ALPHA: "a" },
  log: { group: "/etl", region: REGION, streamPrefix: "task" },
  taskRoleArn: "arn:aws:iam::123456789012:role/task",
  executionRoleArn: "arn:aws:iam::123456789012:role/execution",
};

const defined = async (over: Partial<FargateTaskDefinitionArgs> = {}) => {
  const { resources, result } = await run(() => new FargateTaskDefinition("etl", { ...args, ...over }));
  const { inputs } = only(resources, "TaskDefinition");
  return { inputs, result, container: JSON.parse(String(inputs.containerDefinitions))[0] };
};

describe("A task definition on Fargate", () => {
  it("says all that ECS wants to know of a task", async () => {
    const { inputs, container, result } = await defined();
    const { containerDefinitions: _, ...task } = inputs;
    assert.deepEqual(task, {
      family: "etl",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
      taskRoleArn: args.taskRoleArn,
      executionRoleArn: args.executionRoleArn,
    });
    assert.deepEqual(container, {
      name: "main",
      image: "repository:tag",
      essential: true,
      environment: [
        { name: "ALPHA", value: "a" },
        { name: "ZONE", value: "b" },
      ],
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": "/etl", "awslogs-region": REGION, "awslogs-stream-prefix": "task" },
      },
    });
    const arn = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/etl`;
    assert.deepEqual([await settled(result.arn), await settled(result.arnPrefix)], [`${arn}:1`, arn]);
  });

  it("takes a command, secrets and a limit of memory, and a transform", async () => {
    const { container, inputs } = await defined({
      command: ["run", "it"],
      secrets: { TOKEN: "arn:aws:ssm:eu-central-1:123456789012:parameter/token" },
      memoryLimitMiB: 128,
      transform: { taskDefinition: { ephemeralStorage: { sizeInGib: 50 } } },
    });
    assert.deepEqual(container.command, ["run", "it"]);
    assert.deepEqual(container.secrets, [
      { name: "TOKEN", valueFrom: "arn:aws:ssm:eu-central-1:123456789012:parameter/token" },
    ]);
    assert.equal(container.memory, 128);
    assert.deepEqual(inputs.ephemeralStorage, { sizeInGib: 50 });
  });

  it("gives the same text for the same variables in another order, so that a difference is a change", async () => {
    const one = (await defined({ environment: { A: "1", B: "2" } })).inputs.containerDefinitions;
    assert.equal((await defined({ environment: { B: "2", A: "1" } })).inputs.containerDefinitions, one);
  });

  it("refuses a size that Fargate does not have, and a container larger than its task", async () => {
    await assert.rejects(
      defined({ size: { vcpus: 0.25, memoryMiB: 128 } }),
      /etl: Fargate has no 128 MiB for 0.25 vCPU/,
    );
    for (const memoryLimitMiB of [5, 513])
      await assert.rejects(defined({ memoryLimitMiB }), /it takes 6 to 512, the task's memory/);
    for (const memoryLimitMiB of [6, 512])
      assert.equal((await defined({ memoryLimitMiB })).container.memory, memoryLimitMiB);
  });
});

describe("A cluster for tasks", () => {
  for (const [containerInsights, value] of [
    [undefined, "disabled"],
    [true, "enabled"],
  ] as const)
    it(`has Container Insights ${value}`, async () => {
      const { resources, result } = await run(() => new TaskCluster("etl", { name: "etl-dev", containerInsights }));
      const { inputs } = only(resources, "Cluster");
      assert.deepEqual(inputs, { name: "etl-dev", settings: [{ name: "containerInsights", value }] });
      assert.equal(await settled(result.arn), `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/etl-dev`);
    });
});
