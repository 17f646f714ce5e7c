import assert from "node:assert/strict";
import { type EcsAccount, ecsAccount } from "./cloud-fixture.js";

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
});
