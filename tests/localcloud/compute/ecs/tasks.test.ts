import assert from "node:assert/strict";
import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { type EcsAccount, ecsAccount, eventually, withCommand } from "./cloud-fixture.js";

describe("ECS: the life of a task", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app" }]);
  });

  it("runs a task; what it prints is in its log stream when it has stopped", async () => {
    const task = await on.ended("plain", "say", "hello", "world");
    const [container] = task.containers ?? [];
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, container?.exitCode, container?.lastStatus, task.desiredStatus],
      ["EssentialContainerExited", "Essential container in task exited", 0, "STOPPED", "STOPPED"],
    );
    assert.match(container?.imageDigest ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(await on.lines(task), ["hello world"]);
    const times = [
      task.createdAt,
      task.pullStartedAt,
      task.pullStoppedAt,
      task.startedAt,
      task.stoppingAt,
      task.executionStoppedAt,
      task.stoppedAt,
    ].map((time) => time?.getTime() ?? Number.NaN);
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
  });

  it("keeps the exit code of a container that fails", async () => {
    const task = await on.ended("plain", "fail", "3");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode, task.containers?.[0]?.reason],
      ["EssentialContainerExited", "Essential container in task exited", 3, undefined],
    );
    assert.deepEqual(await on.lines(task), ["failing with 3"]);
  });

  it("stops a task on request: UserInitiated, with the reason given", async () => {
    const arn = await on.run("plain", withCommand("wait"));
    await on.reaches(arn, "RUNNING");
    const { task: answer } = await on.ecs.send(
      new StopTaskCommand({ cluster: "cluster", task: arn, reason: "seen enough" }),
    );
    assert.deepEqual([answer?.desiredStatus, answer?.lastStatus], ["STOPPED", "RUNNING"]);
    const task = await on.reaches(arn, "STOPPED");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode],
      ["UserInitiated", "seen enough", 143],
    );
  });

  it("lists tasks by what it is asked for", async () => {
    const list = async (input: object) =>
      (await on.ecs.send(new ListTasksCommand({ cluster: "cluster", ...input }))).taskArns ?? [];
    const arn = await on.run("plain", { ...withCommand("wait"), startedBy: "lister", count: 2 });
    assert.equal((await list({ startedBy: "lister" })).length, 2);
    assert.ok((await list({ family: "plain" })).includes(arn));
    assert.deepEqual(await list({ family: "other" }), []);
    const [first] = await list({ family: "plain", maxResults: 1 });
    const { nextToken } = await on.ecs.send(
      new ListTasksCommand({ cluster: "cluster", family: "plain", maxResults: 1 }),
    );
    const rest = await list({ family: "plain", nextToken });
    assert.ok(first && rest.length >= 1 && !rest.includes(first));
    for (const task of await list({ startedBy: "lister" }))
      await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task }));
    assert.deepEqual(await list({ startedBy: "lister" }), []);
    await on.reaches(arn, "STOPPED");
    assert.ok((await list({ desiredStatus: "STOPPED", startedBy: "lister" })).includes(arn));
  });

  it("starts a request's tasks once, however often it is sent with its token", async () => {
    const request = { ...withCommand("say", "once"), clientToken: "token-1", startedBy: "token" };
    const first = await on.run("plain", request);
    assert.equal(await on.run("plain", request), first);
    await assert.rejects(on.run("plain", { ...request, startedBy: "other" }), { name: "ConflictException" });
  });

  it("tells of tasks that are not there", async () => {
    const task = "0".repeat(32);
    const { failures } = await on.ecs.send(new DescribeTasksCommand({ cluster: "cluster", tasks: [task] }));
    assert.deepEqual(failures, [
      { arn: `arn:aws:ecs:eu-central-1:${on.account}:task/cluster/${task}`, reason: "MISSING" },
    ]);
    await assert.rejects(on.ecs.send(new StopTaskCommand({ cluster: "cluster", task })), {
      name: "InvalidParameterException",
      message: "The referenced task was not found.",
    });
  });

  it("shows the lines of a container that still runs", async () => {
    const arn = await on.run("plain", withCommand("wait"));
    const task = await on.reaches(arn, "RUNNING");
    await eventually(async () => {
      const lines = await on.lines(task).catch((): string[] => []);
      return lines.includes("waiting") ? lines : undefined;
    });
    await on.ecs.send(new StopTaskCommand({ cluster: "cluster", task: arn }));
    assert.equal((await on.reaches(arn, "STOPPED")).stoppedReason, "Task stopped by user");
  });
});
