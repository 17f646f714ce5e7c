// Task definitions: what is taken, what is filled in, revisions and their lists.
import assert from "node:assert/strict";
import {
  type ContainerDefinition,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  type RegisterTaskDefinitionCommandInput,
} from "@aws-sdk/client-ecs";
import { type Container, type EcsAccount, ecsAccount } from "./cloud-fixture.js";

describe("ECS: task definitions", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
  });

  const describeOne = async (taskDefinition: string) =>
    (await on.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
  const short = (arns: string[] = []) => arns.map((arn) => arn.split("/").at(-1));

  it("counts revisions, never gives a number twice, and knows the latest by the family's name", async () => {
    for (const command of ["one", "two", "three"]) await on.define("counted", [{ name: "app", command: [command] }]);
    assert.equal((await describeOne("counted"))?.revision, 3);
    assert.deepEqual((await describeOne("counted:1"))?.containerDefinitions?.[0]?.command, ["one"]);
    const { taskDefinition } = await on.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "counted:3" }));
    assert.deepEqual([taskDefinition?.status, (await describeOne("counted"))?.revision], ["INACTIVE", 2]);
    await assert.rejects(on.run("counted:3"), { name: "ClientException", message: "TaskDefinition is inactive" });
    const list = async (input: object) =>
      short(
        (await on.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: "counted", ...input }))).taskDefinitionArns,
      );
    assert.deepEqual(await list({}), ["counted:1", "counted:2"]);
    assert.deepEqual(await list({ sort: "DESC" }), ["counted:2", "counted:1"]);
    assert.deepEqual(await list({ status: "INACTIVE" }), ["counted:3"]);

    const { taskDefinitions, failures } = await on.ecs.send(
      new DeleteTaskDefinitionsCommand({ taskDefinitions: ["counted:3", "counted:2"] }),
    );
    assert.deepEqual([taskDefinitions?.[0]?.status, failures?.length], ["DELETE_IN_PROGRESS", 1]);
    assert.match(failures?.[0]?.reason ?? "", /still in ACTIVE status/);
    assert.match(await on.define("counted", [{ name: "app" }]), /counted:4$/);
  });

  it("lists in pages that have every definition once", async () => {
    for (let each = 0; each < 11; each += 1) await on.define("paged", [{ name: "app" }]);
    const pages: (string | undefined)[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await on.ecs.send(
        new ListTaskDefinitionsCommand({ familyPrefix: "paged", maxResults: 4, nextToken }),
      );
      pages.push(short(page.taskDefinitionArns));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.deepEqual(
      pages.map(({ length }) => length),
      [4, 4, 3],
    );
    assert.deepEqual(
      pages.flat(),
      Array.from({ length: 11 }, (_, index) => `paged:${index + 1}`),
    );
    const { families } = await on.ecs.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: "pag" }));
    assert.deepEqual(families, ["paged"]);
    await assert.rejects(on.ecs.send(new ListTaskDefinitionsCommand({ nextToken: "none of ours" })), {
      name: "InvalidParameterException",
      message: "Invalid token.",
    });
  });

  it("fills in what AWS fills in", async () => {
    await on.define("filled", [{ name: "app", healthCheck: { command: ["CMD", "true"] } }], {
      cpu: ".5 vCPU",
      memory: "1 GB",
    });
    const found = await describeOne("filled");
    assert.deepEqual([found?.cpu, found?.memory, found?.compatibilities], ["512", "1024", ["EC2", "FARGATE"]]);
    const { essential, cpu, environment, mountPoints, healthCheck } = found?.containerDefinitions?.[0] ?? {};
    assert.deepEqual([essential, cpu, environment, mountPoints], [true, 0, [], []]);
    assert.deepEqual(healthCheck, { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3 });
    assert.ok(found?.requiresAttributes?.some(({ name }) => name === "ecs.capability.container-health-check"));
  });

  const app = { name: "app" };
  const refused: [string, Container[], Partial<RegisterTaskDefinitionCommandInput>, string | RegExp][] = [
    [
      "a size that Fargate lacks",
      [app],
      { memory: "128" },
      /^No Fargate configuration exists for given values: 256 CPU, 128 memory\./,
    ],
    ["no containers", [], {}, "Container list cannot be empty."],
    [
      "another network mode on Fargate",
      [app],
      { networkMode: "bridge" },
      "Fargate only supports network mode ‘awsvpc’.",
    ],
    ["one name twice", [app, app], {}, /app is used twice/],
    ["nothing essential", [{ ...app, essential: false }], {}, /must be marked as essential/],
    [
      "a volume that is not there",
      [{ ...app, mountPoints: [{ sourceVolume: "v", containerPath: "/v" }] }],
      {},
      "Unknown volume 'v'.",
    ],
    ["memory beyond the task's", [{ ...app, memory: 1024 }], {}, /must not be greater than the memory of the task/],
    [
      "a dependency on nobody",
      [{ ...app, dependsOn: [{ containerName: "x", condition: "START" }] }],
      {},
      /no container 'x'/,
    ],
    [
      "waiting for the success of an essential container",
      [{ ...app, dependsOn: [{ containerName: "b", condition: "SUCCESS" }] }, { name: "b" }],
      {},
      /cannot be set on the essential container 'b'/,
    ],
    [
      "waiting for the health of a container without a check",
      [{ ...app, dependsOn: [{ containerName: "b", condition: "HEALTHY" }] }, { name: "b" }],
      {},
      /has no health check/,
    ],
    [
      "dependencies in a circle",
      [
        { ...app, dependsOn: [{ containerName: "b", condition: "START" }] },
        { name: "b", dependsOn: [{ containerName: "app", condition: "START" }] },
      ],
      {},
      /form a cycle/,
    ],
    ["an ECR image without an execution role", [app], { executionRoleArn: undefined }, /execution role ARN to support/],
    [
      "privileged",
      [{ ...app, privileged: true } as Container & ContainerDefinition],
      {},
      /'privileged' setting be 'false'/,
    ],
  ];
  for (const [what, containers, more, message] of refused)
    it(`refuses ${what}`, async () => {
      await assert.rejects(on.define("refused", containers, more), { name: "ClientException", message });
    });
});
