import assert from "node:assert/strict";
import { type EcsAccount, ecsAccount } from "./cloud-fixture.js";

describe("ECS on the local cloud", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("say", [{ name: "app", command: ["say", "hello", "world"] }]);
  });

  it("runs a task; what it prints is in its log stream when it has stopped", async () => {
    const task = await on.reaches(await on.run("say"), "STOPPED");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode, task.desiredStatus],
      ["EssentialContainerExited", "Essential container in task exited", 0, "STOPPED"],
    );
    assert.deepEqual(await on.lines(task), ["hello world"]);
  });
});
