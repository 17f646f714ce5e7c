import assert from "node:assert/strict";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EcsAccount, ecsAccount } from "./cloud-fixture.js";

describe("ECS: tasks that do not start, and those that are killed", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app" }]);
  });

  it("fails to start a task whose image is not there, in Fargate's words", async () => {
    await on.define("invalid-tag", [{ name: "app", image: `${on.repository}:invalid-tag` }]);
    const task = await on.ended("invalid-tag");
    const reason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${on.repository}:invalid-tag: ${on.repository}:invalid-tag: not found`;
    assert.deepEqual([task.stopCode, task.stoppedReason], ["TaskFailedToStart", reason]);
    assert.deepEqual([task.containers?.[0]?.reason, task.containers?.[0]?.exitCode], [reason, undefined]);
    assert.equal(task.startedAt, undefined);
  });

  it("fails to start a task whose command is not there", async () => {
    await on.define("no-command", [{ name: "app", entryPoint: ["/no/such/program"] }]);
    const task = await on.ended("no-command");
    assert.equal(task.stopCode, "TaskFailedToStart");
    assert.match(task.stoppedReason ?? "", /^CannotStartContainerError: .*no such file or directory/);
  });

  it("kills a container at its own hard limit, in a task that has more", async () => {
    await on.define("hog", [{ name: "app", command: ["hog"], memory: 128 }], { cpu: "512", memory: "1024" });
    const task = await on.ended("hog");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode, task.containers?.[0]?.reason],
      [
        "EssentialContainerExited",
        "Essential container in task exited",
        137,
        "OutOfMemoryError: Container killed due to memory usage",
      ],
    );
    assert.equal(task.containers?.[0]?.memory, "128");
  });

  it("kills a container when all of the task together exceed the task's memory", async () => {
    await on.define("two-hogs", [
      { name: "app", command: ["wait"] },
      { name: "hog", command: ["hog"], essential: true },
    ]);
    const task = await on.ended("two-hogs");
    const hog = task.containers?.find(({ name }) => name === "hog");
    assert.deepEqual([hog?.exitCode, hog?.reason], [137, "OutOfMemoryError: Container killed due to memory usage"]);
  });

  it("does not start a task whose secret the execution role may not read", async () => {
    const secrets = new SecretsManagerClient(on.config());
    const { ARN = "" } = await secrets.send(new CreateSecretCommand({ Name: "hidden", SecretString: "x" }));
    await on.define("no-secret", [{ name: "app", secrets: [{ name: "HIDDEN", valueFrom: ARN }] }]);
    const task = await on.ended("no-secret");
    assert.equal(task.stopCode, "TaskFailedToStart");
    assert.match(task.stoppedReason ?? "", /^ResourceInitializationError: unable to pull secrets.*AccessDenied/);
  });

  it("does not start a task without its log group, unless the definition has it created", async () => {
    const to = (group: string, more: Record<string, string> = {}) => ({
      logDriver: "awslogs" as const,
      options: { "awslogs-group": group, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "p", ...more },
    });
    await on.define("no-group", [{ name: "app", command: ["say", "x"], logConfiguration: to("/ecs/missing") }]);
    const failed = await on.ended("no-group");
    assert.equal(failed.stopCode, "TaskFailedToStart");
    assert.match(
      failed.stoppedReason ?? "",
      /^ResourceInitializationError: failed to validate logger args: .*ResourceNotFoundException/,
    );
    const logConfiguration = to("/ecs/created", { "awslogs-create-group": "true" });
    await on.define("new-group", [{ name: "app", command: ["say", "x"], logConfiguration }]);
    const task = await on.ended("new-group");
    const { logStreams } = await new CloudWatchLogsClient(on.config()).send(
      new DescribeLogStreamsCommand({ logGroupName: "/ecs/created" }),
    );
    assert.deepEqual(
      logStreams?.map(({ logStreamName }) => logStreamName),
      [`p/app/${task.taskArn?.split("/").at(-1)}`],
    );
  });

  it("refuses to run a task whose role does not trust ECS", async () => {
    const taskRoleArn = await on.role("of-lambda", "lambda.amazonaws.com");
    await on.define("untrusted", [{ name: "app" }], { taskRoleArn });
    await assert.rejects(on.run("untrusted"), {
      name: "ClientException",
      message: new RegExp(`^ECS was unable to assume the role '${taskRoleArn}' that was provided for this task\\.`),
    });
  });

  it("refuses what RunTask cannot run, in AWS's words", async () => {
    await assert.rejects(on.run("unheard-of"), { name: "ClientException", message: "TaskDefinition not found." });
    await assert.rejects(on.run("plain", { cluster: "other" }), {
      name: "ClusterNotFoundException",
      message: "Cluster not found.",
    });
    await assert.rejects(on.run("plain", { networkConfiguration: undefined }), {
      name: "InvalidParameterException",
      message: "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    });
    const subnets = { awsvpcConfiguration: { subnets: ["subnet-00000000000000000"] } };
    await assert.rejects(on.run("plain", { networkConfiguration: subnets }), {
      name: "InvalidParameterException",
      message: /^Error retrieving subnet information for \[subnet-00000000000000000\]: .*InvalidSubnetID\.NotFound/,
    });
    await assert.rejects(on.run("plain", { launchType: "EC2" }), {
      message: "No Container Instances were found in your cluster.",
    });
    await assert.rejects(on.run("plain", { overrides: { containerOverrides: [{ name: "other" }] } }), {
      message: "Override for container named other is not a container in the TaskDefinition.",
    });
    await assert.rejects(on.run("plain", { overrides: { cpu: "256", memory: "128" } }), {
      name: "ClientException",
      message:
        "No Fargate configuration exists for given values: 256 CPU, 128 memory. See the Amazon ECS documentation for the valid values.",
    });
  });
});
