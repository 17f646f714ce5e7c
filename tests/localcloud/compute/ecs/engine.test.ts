// The same tasks with the container executor, where there is a container engine.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import { findContainerEngine } from "../../../../localcloud/compute/executors/engine.js";
import { type Cloud, startCloud } from "../../../../localcloud/server/cloud.js";
import { BASE, importBase } from "../executors/engine-fixture.js";
import { type EcsAccount, ecsAccount, withCommand } from "./cloud-fixture.js";

describe("ECS: tasks in containers", function () {
  this.timeout(90_000);
  let folder: string;
  let cloud: Cloud | undefined;
  let on: EcsAccount;
  before(async function () {
    const found = await findContainerEngine();
    if ("reason" in found) {
      console.log(`      skipped: ${found.reason}`);
      this.skip();
    }
    if (process.platform !== "linux") {
      console.log("      skipped: the base image is made of this machine's own programs, which must be Linux's");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "ecs-containers-"));
    importBase(found.engine.command, join(folder, "base"));
    process.env.CRUCIBLE_BASE_IMAGE = BASE;
    cloud = await startCloud({ dataDir: join(folder, "data"), lifetime: "parent", executor: "container" });
    on = await ecsAccount(cloud);
    await on.define("plain", [{ name: "app", stopTimeout: 2 }]);
  });
  after(async () => {
    delete process.env.CRUCIBLE_BASE_IMAGE;
    await cloud?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("runs a task, with its exit code and its lines", async () => {
    const task = await on.ended("plain", "fail", "3");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode, await on.lines(task)],
      ["EssentialContainerExited", "Essential container in task exited", 3, ["failing with 3"]],
    );
  });

  it("fails to start a task whose image is not there", async () => {
    await on.define("invalid-tag", [{ name: "app", image: `${on.repository}:invalid-tag` }]);
    const task = await on.ended("invalid-tag");
    assert.equal(task.stopCode, "TaskFailedToStart");
    assert.match(task.stoppedReason ?? "", /^CannotPullContainerError: .*:invalid-tag: not found$/);
  });

  it("is killed by the kernel at its hard limit", async () => {
    await on.define("hog", [{ name: "app", command: ["hog"], memory: 128 }], { cpu: "512", memory: "1024" });
    const task = await on.ended("hog");
    assert.deepEqual(
      [task.containers?.[0]?.exitCode, task.containers?.[0]?.reason],
      [137, "OutOfMemoryError: Container killed due to memory usage"],
    );
  });

  it("is confined as its definition says", async () => {
    await on.define("confined", [
      {
        name: "app",
        user: "1000:1001",
        ulimits: [{ name: "nofile", softLimit: 77, hardLimit: 78 }],
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
      },
    ]);
    await on.define("read-only", [{ name: "app", readonlyRootFilesystem: true }]);
    const tried = await on.ended("read-only", "write", "/tmp/note", "anything");
    assert.match((await on.lines(tried)).join(), /EROFS: read-only file system/);
    const [status = "", limits = ""] = await Promise.all(
      ["/proc/self/status", "/proc/self/limits"].map(async (path) =>
        (await on.lines(await on.ended("confined", "cat", path))).join("\n"),
      ),
    );
    assert.match(status, /^Uid:\s+1000\s/m);
    assert.match(status, /^Gid:\s+1001\s/m);
    assert.match(status, /^CapBnd:\s+0+$/m);
    assert.doesNotMatch(status, /^PPid:\s+0$/m);
    assert.match(limits, /^Max open files\s+\d+\s+78\s/m);
  });

  it("acts as its role, knows its metadata, and shares files with the next container", async () => {
    const taskRoleArn = await on.role("in-container", "ecs-tasks.amazonaws.com");
    const { FileSystemId: fileSystemId } = await new EFSClient(on.config()).send(
      new CreateFileSystemCommand({ CreationToken: "files" }),
    );
    const mountPoints = [{ sourceVolume: "shared", containerPath: "/mnt" }];
    await on.define(
      "pair",
      [
        {
          name: "app",
          command: ["cat", "/mnt/note"],
          mountPoints,
          dependsOn: [{ containerName: "writer", condition: "SUCCESS" }],
        },
        { name: "writer", essential: false, command: ["write", "/mnt/note", "from", "next", "door"], mountPoints },
      ],
      { taskRoleArn, volumes: [{ name: "shared", efsVolumeConfiguration: { fileSystemId } }] },
    );
    assert.deepEqual(await on.lines(await on.ended("pair"), "app"), ["from next door"]);
    await on.define("told", [{ name: "app" }], { taskRoleArn });
    const told = await on.ended("told", "fetch", "ECS_CONTAINER_METADATA_URI_V4", "/task");
    assert.equal(JSON.parse((await on.lines(told))[0] ?? "").TaskARN, told.taskArn);
    const identity = await on.ended("told", "identity");
    assert.match((await on.lines(identity))[0] ?? "", /:assumed-role\/in-container\/[0-9a-f]{32}$/);
  });

  it("is stopped in order", async () => {
    const arn = await on.run("plain", withCommand("wait"));
    await on.reaches(arn, "RUNNING");
    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: arn, reason: "seen enough" }));
    const task = await on.reaches(arn, "STOPPED");
    assert.deepEqual([task.stopCode, task.stoppedReason], ["UserInitiated", "seen enough"]);
    assert.ok([137, 143].includes(task.containers?.[0]?.exitCode ?? 0), String(task.containers?.[0]?.exitCode));
  });
});
