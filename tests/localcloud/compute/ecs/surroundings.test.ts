import assert from "node:assert/strict";
import { CreateAccessPointCommand, CreateFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type EcsAccount, ecsAccount, withCommand } from "./cloud-fixture.js";

describe("ECS: what a container finds around it", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app" }]);
  });

  it("gives a container its variables: own, overridden, of files, secrets of both kinds", async () => {
    const [secrets, ssm, s3] = [
      new SecretsManagerClient(on.config()),
      new SSMClient(on.config()),
      new S3Client({ ...on.config(), forcePathStyle: true }),
    ];
    const { ARN = "" } = await secrets.send(
      new CreateSecretCommand({ Name: "login", SecretString: JSON.stringify({ user: "ada", password: "s3cret" }) }),
    );
    await ssm.send(new PutParameterCommand({ Name: "/app/mode", Value: "fast", Type: "String" }));
    const bucket = `ecs-files-${on.account}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "app.env", Body: "# comment\nSTAGE=file\nLEVEL=7\n" }));
    const executionRoleArn = await on.role("reads-secrets", "ecs-tasks.amazonaws.com", [
      { Action: ["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters"], Resource: "*" },
      { Action: ["s3:GetObject"], Resource: `arn:aws:s3:::${bucket}/*` },
    ]);
    await on.define(
      "variables",
      [
        {
          name: "app",
          command: ["environment"],
          environment: [
            { name: "STAGE", value: "test" },
            { name: "BUCKET", value: "lake" },
          ],
          environmentFiles: [{ type: "s3", value: `arn:aws:s3:::${bucket}/app.env` }],
          secrets: [
            { name: "PASSWORD", valueFrom: `${ARN}:password::` },
            { name: "MODE", valueFrom: `arn:aws:ssm:eu-central-1:${on.account}:parameter/app/mode` },
          ],
        },
      ],
      { executionRoleArn },
    );
    const arn = await on.run("variables", {
      overrides: { containerOverrides: [{ name: "app", environment: [{ name: "BUCKET", value: "overridden" }] }] },
    });
    const task = await on.reaches(arn, "STOPPED");
    assert.equal(task.stoppedReason, "Essential container in task exited");
    const environment = JSON.parse((await on.lines(task)).join(""));
    assert.deepEqual(
      ["STAGE", "LEVEL", "BUCKET", "PASSWORD", "MODE", "AWS_REGION", "AWS_EXECUTION_ENV"].map(
        (name) => environment[name],
      ),
      ["test", "7", "overridden", "s3cret", "fast", "eu-central-1", "AWS_ECS_FARGATE"],
    );
    assert.equal(environment.AWS_CONTAINER_CREDENTIALS_FULL_URI, undefined);
  });

  it("acts as the task's role, so that IAM decides", async () => {
    const s3 = new S3Client({ ...on.config(), forcePathStyle: true });
    const bucket = `ecs-${on.account}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const Key of ["open/a", "closed/a"])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `content of ${Key}` }));
    const taskRoleArn = await on.role("reads", "ecs-tasks.amazonaws.com", [
      { Action: ["s3:GetObject"], Resource: `arn:aws:s3:::${bucket}/open/*` },
    ]);
    await on.define("reader", [{ name: "app" }], { taskRoleArn });
    const identity = await on.ended("reader", "identity");
    const id = identity.taskArn?.split("/").at(-1);
    assert.deepEqual(await on.lines(identity), [`arn:aws:sts::${on.account}:assumed-role/reads/${id}`]);
    assert.deepEqual(await on.lines(await on.ended("reader", "read", bucket, "open/a")), ["content of open/a"]);
    const refused = await on.ended("reader", "read", bucket, "closed/a");
    assert.equal(refused.containers?.[0]?.exitCode, 1);
    assert.match((await on.lines(refused)).join(), /AccessDenied/);
  });

  it("shares files between tasks by an access point of EFS, and within one task by a volume of its own", async () => {
    const efs = new EFSClient(on.config());
    const { FileSystemId: fileSystemId } = await efs.send(new CreateFileSystemCommand({ CreationToken: "files" }));
    const { AccessPointId: accessPointId } = await efs.send(
      new CreateAccessPointCommand({
        ClientToken: "point",
        FileSystemId: fileSystemId,
        RootDirectory: { Path: "/data", CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: "755" } },
      }),
    );
    const volumes = [
      {
        name: "shared",
        efsVolumeConfiguration: {
          fileSystemId,
          transitEncryption: "ENABLED" as const,
          authorizationConfig: { accessPointId },
        },
      },
      { name: "own" },
    ];
    await on.define(
      "files",
      [
        {
          name: "app",
          command: ["cat", "/own/note"],
          mountPoints: [
            { sourceVolume: "shared", containerPath: "/mnt" },
            { sourceVolume: "own", containerPath: "/own" },
          ],
          dependsOn: [{ containerName: "writer", condition: "SUCCESS" }],
        },
        {
          name: "writer",
          essential: false,
          command: ["write", "/own/note", "from", "next", "door"],
          mountPoints: [{ sourceVolume: "own", containerPath: "/own" }],
        },
      ],
      { volumes },
    );
    assert.deepEqual(await on.lines(await on.ended("files"), "app"), ["from next door"]);
    await on.ended("files", "write", "/mnt/note", "kept");
    assert.deepEqual(await on.lines(await on.ended("files", "cat", "/mnt/note"), "app"), ["kept"]);
  });

  it("tells containers about themselves by the metadata endpoint, version 4", async () => {
    await on.define("told", [{ name: "app" }], { tags: [{ key: "team", value: "data" }] });
    const arn = await on.run("told", {
      ...withCommand("fetch", "ECS_CONTAINER_METADATA_URI_V4", "", "/task", "/stats", "/taskWithTags", "/task/stats"),
      propagateTags: "TASK_DEFINITION",
    });
    const task = await on.reaches(arn, "STOPPED");
    const [container, ofTask, stats, tagged, allStats] = (await on.lines(task)).map((line) => JSON.parse(line));
    assert.deepEqual(
      [container.Name, container.KnownStatus, container.Labels["com.amazonaws.ecs.task-arn"], container.LogDriver],
      ["app", "RUNNING", arn, "awslogs"],
    );
    assert.deepEqual(
      [ofTask.TaskARN, ofTask.Family, ofTask.Limits, ofTask.LaunchType, ofTask.Containers.length],
      [arn, "told", { CPU: 0.25, Memory: 512 }, "FARGATE", 1],
    );
    assert.equal(stats.memory_stats.limit, 512 * 2 ** 20);
    assert.ok(stats.memory_stats.usage > 2 ** 20, JSON.stringify(stats));
    assert.deepEqual(Object.keys(allStats), [container.DockerId]);
    assert.deepEqual(tagged.TaskTags, { team: "data" });
    // What it was told at is closed with the task.
    const environment = JSON.parse((await on.lines(await on.ended("told", "environment"))).join(""));
    assert.equal((await fetch(environment.ECS_CONTAINER_METADATA_URI_V4)).status, 404);
  });
});
