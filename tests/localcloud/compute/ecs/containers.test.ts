import assert from "node:assert/strict";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { type EcsAccount, ecsAccount, eventually } from "./cloud-fixture.js";

describe("ECS: several containers in a task", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app" }]);
  });

  it("orders containers by dependsOn, and fails a task whose dependency does not succeed", async () => {
    const app = { name: "app", command: ["say", "main"] };
    const init = { name: "init", essential: false, command: ["say", "first"] };
    await on.define("ordered", [{ ...app, dependsOn: [{ containerName: "init", condition: "SUCCESS" }] }, init]);
    const good = await on.ended("ordered");
    const [main, first] = good.containers ?? [];
    assert.deepEqual([main?.exitCode, first?.exitCode], [0, 0]);
    await on.define("unordered", [
      { ...app, dependsOn: [{ containerName: "init", condition: "SUCCESS" }] },
      { ...init, command: ["fail", "4"] },
    ]);
    const bad = await on.ended("unordered");
    const reason =
      "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [init] for target [app] as dependency did not exit successfully.";
    assert.deepEqual([bad.stopCode, bad.stoppedReason], ["TaskFailedToStart", reason]);
    assert.deepEqual(
      bad.containers?.map(({ name, exitCode }) => [name, exitCode]),
      [
        ["app", 143],
        ["init", 4],
      ],
    );
  });

  it("goes on when a container that is not essential ends, and ends with the first essential one", async () => {
    await on.define("sidecar", [
      { name: "app", command: ["after", "300", "done"] },
      { name: "side", essential: false, command: ["fail", "9"] },
      { name: "proxy", essential: false, command: ["wait"] },
    ]);
    const task = await on.ended("sidecar");
    assert.deepEqual(
      task.containers?.map(({ name, exitCode }) => [name, exitCode]),
      [
        ["app", 0],
        ["side", 9],
        ["proxy", 143],
      ],
    );
  });

  it("waits for a container to be healthy: a command in the container says so", async function () {
    this.timeout(30_000);
    await on.define("healthy", [
      {
        name: "app",
        command: ["say", "after", "health"],
        dependsOn: [{ containerName: "server", condition: "HEALTHY" }],
      },
      {
        name: "server",
        essential: false,
        command: ["ready", "is-ready"],
        healthCheck: { command: ["CMD-SHELL", 'test "$(cat is-ready)" = ready'], interval: 5, timeout: 2, retries: 1 },
      },
    ]);
    const arn = await on.run("healthy");
    const task = await on.reaches(arn, "STOPPED");
    const server = task.containers?.find(({ name }) => name === "server");
    assert.deepEqual([task.containers?.[0]?.exitCode, server?.healthStatus], [0, "HEALTHY"]);
    assert.deepEqual(await on.lines(task, "app"), ["after health"]);
  });

  it("starts after START, and after COMPLETE whatever the other one exited with", async () => {
    await on.define("conditions", [
      {
        name: "app",
        command: ["say", "last"],
        dependsOn: [
          { containerName: "proxy", condition: "START" },
          { containerName: "migration", condition: "COMPLETE" },
        ],
      },
      { name: "proxy", essential: false, command: ["wait"] },
      { name: "migration", essential: false, command: ["fail", "7"] },
    ]);
    const task = await on.ended("conditions");
    assert.deepEqual(
      task.containers?.map(({ name, exitCode }) => [name, exitCode]),
      [
        ["app", 0],
        ["proxy", 143],
        ["migration", 7],
      ],
    );
    assert.deepEqual(await on.lines(task, "app"), ["last"]);
  });

  it("gives up on a dependency after its startTimeout", async () => {
    await on.define("too-late", [
      { name: "app", command: ["say", "x"], dependsOn: [{ containerName: "slow", condition: "SUCCESS" }] },
      { name: "slow", essential: false, command: ["wait"], startTimeout: 2 },
    ]);
    const task = await on.ended("too-late");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason],
      [
        "TaskFailedToStart",
        "CannotStartContainerError: dependency graph: container ordering dependency [slow] for target [app] has timed out.",
      ],
    );
  });

  it("ends a task with the first essential container, and kills what does not heed SIGTERM in time", async () => {
    await on.define("essentials", [
      { name: "app", command: ["after", "300", "done", "4"] },
      { name: "deaf", command: ["deaf"], stopTimeout: 2 },
    ]);
    const task = await on.ended("essentials");
    assert.deepEqual(
      [task.stopCode, ...(task.containers ?? []).map(({ exitCode }) => exitCode)],
      ["EssentialContainerExited", 4, 137],
    );
  });

  it("shows an unhealthy container, which alone does not end a task", async function () {
    this.timeout(40_000);
    await on.define("ill", [
      {
        name: "app",
        command: ["wait"],
        stopTimeout: 2,
        healthCheck: { command: ["CMD", "false"], interval: 5, timeout: 2, retries: 1 },
      },
    ]);
    const arn = await on.run("ill");
    const task = await eventually(async () => {
      const found = await on.task(arn);
      return found.healthStatus === "UNHEALTHY" ? found : undefined;
    });
    assert.deepEqual([task.lastStatus, task.containers?.[0]?.healthStatus], ["RUNNING", "UNHEALTHY"]);
    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: arn }));
  });
});
