import assert from "node:assert/strict";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateAccessPointCommand, CreateFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type EcsAccount, ecsAccount, eventually } from "./cloud-fixture.js";

describe("ECS tasks on the local cloud", () => {
  let on: EcsAccount;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    await on.define("plain", [{ name: "app" }]);
  });

  const withCommand = (...command: string[]) => ({ overrides: { containerOverrides: [{ name: "app", command }] } });
  const ended = async (family: string, ...command: string[]) =>
    on.reaches(await on.run(family, command.length > 0 ? withCommand(...command) : {}), "STOPPED");

  it("runs a task; what it prints is in its log stream when it has stopped", async () => {
    const task = await ended("plain", "say", "hello", "world");
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
    const task = await ended("plain", "fail", "3");
    assert.deepEqual(
      [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode, task.containers?.[0]?.reason],
      ["EssentialContainerExited", "Essential container in task exited", 3, undefined],
    );
    assert.deepEqual(await on.lines(task), ["failing with 3"]);
  });

  it("fails to start a task whose image is not there, in Fargate's words", async () => {
    await on.define("invalid-tag", [{ name: "app", image: `${on.repository}:invalid-tag` }]);
    const task = await ended("invalid-tag");
    const reason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${on.repository}:invalid-tag: ${on.repository}:invalid-tag: not found`;
    assert.deepEqual([task.stopCode, task.stoppedReason], ["TaskFailedToStart", reason]);
    assert.deepEqual([task.containers?.[0]?.reason, task.containers?.[0]?.exitCode], [reason, undefined]);
    assert.equal(task.startedAt, undefined);
  });

  it("fails to start a task whose command is not there", async () => {
    await on.define("no-command", [{ name: "app", entryPoint: ["/no/such/program"] }]);
    const task = await ended("no-command");
    assert.equal(task.stopCode, "TaskFailedToStart");
    assert.match(task.stoppedReason ?? "", /^CannotStartContainerError: .*no such file or directory/);
  });

  it("kills a container at its own hard limit, in a task that has more", async () => {
    await on.define("hog", [{ name: "app", command: ["hog"], memory: 128 }], { cpu: "512", memory: "1024" });
    const task = await ended("hog");
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
    const task = await ended("two-hogs");
    const hog = task.containers?.find(({ name }) => name === "hog");
    assert.deepEqual([hog?.exitCode, hog?.reason], [137, "OutOfMemoryError: Container killed due to memory usage"]);
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

  it("does not start a task whose secret the execution role may not read", async () => {
    const secrets = new SecretsManagerClient(on.config());
    const { ARN = "" } = await secrets.send(new CreateSecretCommand({ Name: "hidden", SecretString: "x" }));
    await on.define("no-secret", [{ name: "app", secrets: [{ name: "HIDDEN", valueFrom: ARN }] }]);
    const task = await ended("no-secret");
    assert.equal(task.stopCode, "TaskFailedToStart");
    assert.match(task.stoppedReason ?? "", /^ResourceInitializationError: unable to pull secrets.*AccessDenied/);
  });

  it("does not start a task without its log group, unless the definition has it created", async () => {
    const to = (group: string, more: Record<string, string> = {}) => ({
      logDriver: "awslogs" as const,
      options: { "awslogs-group": group, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "p", ...more },
    });
    await on.define("no-group", [{ name: "app", command: ["say", "x"], logConfiguration: to("/ecs/missing") }]);
    const failed = await ended("no-group");
    assert.equal(failed.stopCode, "TaskFailedToStart");
    assert.match(
      failed.stoppedReason ?? "",
      /^ResourceInitializationError: failed to validate logger args: .*ResourceNotFoundException/,
    );
    const logConfiguration = to("/ecs/created", { "awslogs-create-group": "true" });
    await on.define("new-group", [{ name: "app", command: ["say", "x"], logConfiguration }]);
    const task = await ended("new-group");
    const { logStreams } = await new CloudWatchLogsClient(on.config()).send(
      new DescribeLogStreamsCommand({ logGroupName: "/ecs/created" }),
    );
    assert.deepEqual(
      logStreams?.map(({ logStreamName }) => logStreamName),
      [`p/app/${task.taskArn?.split("/").at(-1)}`],
    );
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
    const identity = await ended("reader", "identity");
    const id = identity.taskArn?.split("/").at(-1);
    assert.deepEqual(await on.lines(identity), [`arn:aws:sts::${on.account}:assumed-role/reads/${id}`]);
    assert.deepEqual(await on.lines(await ended("reader", "read", bucket, "open/a")), ["content of open/a"]);
    const refused = await ended("reader", "read", bucket, "closed/a");
    assert.equal(refused.containers?.[0]?.exitCode, 1);
    assert.match((await on.lines(refused)).join(), /AccessDenied/);
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
    assert.deepEqual(await on.lines(await ended("files"), "app"), ["from next door"]);
    await ended("files", "write", "/mnt/note", "kept");
    assert.deepEqual(await on.lines(await ended("files", "cat", "/mnt/note"), "app"), ["kept"]);
  });

  it("orders containers by dependsOn, and fails a task whose dependency does not succeed", async () => {
    const app = { name: "app", command: ["say", "main"] };
    const init = { name: "init", essential: false, command: ["say", "first"] };
    await on.define("ordered", [{ ...app, dependsOn: [{ containerName: "init", condition: "SUCCESS" }] }, init]);
    const good = await ended("ordered");
    const [main, first] = good.containers ?? [];
    assert.deepEqual([main?.exitCode, first?.exitCode], [0, 0]);
    await on.define("unordered", [
      { ...app, dependsOn: [{ containerName: "init", condition: "SUCCESS" }] },
      { ...init, command: ["fail", "4"] },
    ]);
    const bad = await ended("unordered");
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
    const task = await ended("sidecar");
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

  it("tells containers about themselves by the metadata endpoint, version 4", async () => {
    await on.define("told", [{ name: "app" }], { tags: [{ key: "team", value: "data" }] });
    const arn = await on.run("told", {
      ...withCommand("fetch", "ECS_CONTAINER_METADATA_URI_V4", "", "/task", "/stats", "/taskWithTags"),
      propagateTags: "TASK_DEFINITION",
    });
    const task = await on.reaches(arn, "STOPPED");
    const [container, ofTask, stats, tagged] = (await on.lines(task)).map((line) => JSON.parse(line));
    assert.deepEqual(
      [container.Name, container.KnownStatus, container.Labels["com.amazonaws.ecs.task-arn"], container.LogDriver],
      ["app", "RUNNING", arn, "awslogs"],
    );
    assert.deepEqual(
      [ofTask.TaskARN, ofTask.Family, ofTask.Limits, ofTask.LaunchType, ofTask.Containers.length],
      [arn, "told", { CPU: 0.25, Memory: 512 }, "FARGATE", 1],
    );
    assert.equal(stats.memory_stats.limit, 512 * 2 ** 20);
    assert.deepEqual(tagged.TaskTags, { team: "data" });
    // What it was told at is closed with the task.
    const environment = JSON.parse((await on.lines(await ended("told", "environment"))).join(""));
    assert.equal((await fetch(environment.ECS_CONTAINER_METADATA_URI_V4)).status, 404);
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
