import assert from "node:assert/strict";
import {
  CreateComputeEnvironmentCommand,
  DescribeComputeEnvironmentsCommand,
  TerminateJobCommand,
} from "@aws-sdk/client-batch";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type BatchAccount, batchAccount, eventually } from "./cloud-fixture.js";
import type { Json } from "./fakes.js";

const ENDED = ["SUCCEEDED", "FAILED"];

describe("Batch on the local cloud", () => {
  let on: BatchAccount;
  before(async function () {
    this.timeout(60_000);
    on = await batchAccount();
    await on.define("plain");
  });

  it("runs a container; what it prints is in /aws/batch/job when it has ended", async () => {
    const id = await on.submit("plain", ["say", "hello", "world"]);
    const job = await on.reaches(id, ...ENDED);
    assert.deepEqual(
      [job.status, job.statusReason, job.container?.exitCode],
      ["SUCCEEDED", "Essential container in task exited", 0],
    );
    assert.match(job.container?.logStreamName ?? "", /^plain\/default\/[0-9a-f]{32}$/);
    assert.deepEqual(await on.lines(job), ["hello world"]);
    assert.ok((job.createdAt ?? 0) <= (job.startedAt ?? 0) && (job.startedAt ?? 0) <= (job.stoppedAt ?? 0));
  });

  it("shows the lines of a container that still runs, and ends it when it is terminated", async () => {
    const id = await on.submit("plain", ["wait"]);
    const running = await on.reaches(id, "RUNNING");
    await eventually(async () => {
      const lines = await on.lines(running).catch((): string[] => []);
      return lines.includes("waiting") ? lines : undefined;
    });
    await on.batch.send(new TerminateJobCommand({ jobId: id, reason: "seen enough" }));
    const job = await on.reaches(id, ...ENDED);
    assert.deepEqual([job.status, job.statusReason, job.isTerminated], ["FAILED", "seen enough", true]);
  });

  it("gives a job the variables that AWS sets, and of this machine only what its runtime needs", async () => {
    process.env.BATCH_TEST_LEAK = "1";
    const id = await on.submit("plain", ["environment"], {
      containerOverrides: { environment: [{ name: "SCP_ENV", value: "dev" }] },
    });
    const job = await on.reaches(id, ...ENDED);
    const environment = JSON.parse((await on.lines(job)).join(""));
    assert.deepEqual(
      [
        "AWS_BATCH_JOB_ID",
        "AWS_BATCH_JOB_ATTEMPT",
        "AWS_BATCH_JQ_NAME",
        "AWS_BATCH_CE_NAME",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "SCP_ENV",
      ].map((name) => environment[name]),
      [id, "1", "queue", "environment", "eu-central-1", on.cloud.endpoint, "dev"],
    );
    assert.equal(environment.AWS_CONTAINER_CREDENTIALS_FULL_URI, undefined);
    assert.equal(environment.BATCH_TEST_LEAK, undefined);
  });

  it("retries, and records what each attempt exited with", async () => {
    const id = await on.submit("plain", ["fail", "7"], { retryStrategy: { attempts: 2 } });
    const job = await on.reaches(id, ...ENDED);
    assert.equal(job.status, "FAILED");
    assert.deepEqual(
      job.attempts?.map(({ container }) => container?.exitCode),
      [7, 7],
    );
    assert.deepEqual(await on.lines(job), ["failing with 7"]);
  });

  it("kills a container at its memory limit, with AWS's reason", async () => {
    const job = await on.reaches(await on.submit("plain", ["hog"]), ...ENDED);
    assert.deepEqual(
      [job.status, job.container?.exitCode, job.container?.reason],
      ["FAILED", 137, "OutOfMemoryError: Container killed due to memory usage"],
    );
  });

  it("fails a job whose image ECR does not have", async () => {
    await on.define("unpushed", { image: on.image.replace(":latest", ":missing") });
    const job = await on.reaches(await on.submit("unpushed"), ...ENDED);
    assert.deepEqual([job.status, job.statusReason], ["FAILED", "Task failed to start"]);
    assert.match(job.container?.reason ?? "", /^CannotPullContainerError: /);
  });

  it("is its job role, and may do what that role allows and nothing else", async () => {
    const s3 = new S3Client({ ...on.config(), forcePathStyle: true });
    const [own, foreign] = [`own-${on.account}`, `foreign-${on.account}`];
    for (const Bucket of [own, foreign]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: `content of ${Bucket}` }));
    }
    const jobRoleArn = await on.role("job", "ecs-tasks.amazonaws.com", [
      { Action: ["s3:GetObject"], Resource: `arn:aws:s3:::${own}/*` },
    ]);
    await on.define("with-role", { jobRoleArn });
    const run = async (...command: string[]) => {
      const job = await on.reaches(await on.submit("with-role", command), ...ENDED);
      return { status: job.status, taskArn: job.container?.taskArn, lines: await on.lines(job) };
    };
    const identity = await run("identity");
    assert.deepEqual(identity.lines, [
      `arn:aws:sts::${on.account}:assumed-role/job/${identity.taskArn?.split("/").at(-1)}`,
    ]);
    assert.deepEqual(await run("read", own, "key").then(({ status, lines }) => [status, lines]), [
      "SUCCEEDED",
      [`content of ${own}`],
    ]);
    const refused = await run("read", foreign, "key");
    assert.equal(refused.status, "FAILED");
    assert.match(refused.lines[0] ?? "", /^AccessDenied/);
  });

  it("does not start with a role that ECS may not assume", async () => {
    const jobRoleArn = await on.role("for-lambda", "lambda.amazonaws.com");
    await on.define("wrong-role", { jobRoleArn });
    const job = await on.reaches(await on.submit("wrong-role", ["say", "x"]), ...ENDED);
    assert.equal(job.status, "FAILED");
    assert.match(job.statusReason ?? "", /^ECS was unable to assume the role/);
  });

  it("hands out secrets, whole or by JSON key, if the execution role may read them", async () => {
    const secrets = new SecretsManagerClient(on.config());
    const { ARN } = await secrets.send(
      new CreateSecretCommand({ Name: "database", SecretString: JSON.stringify({ user: "scott", port: 5432 }) }),
    );
    const executionRoleArn = await on.role("reads-secrets", "ecs-tasks.amazonaws.com", [
      { Action: ["secretsmanager:GetSecretValue"], Resource: ARN ?? "" },
    ]);
    const references = [
      { name: "DATABASE", valueFrom: ARN ?? "" },
      { name: "DB_USER", valueFrom: `${ARN}:user::` },
      { name: "DB_PORT", valueFrom: `${ARN}:port:AWSCURRENT:` },
    ];
    await on.define("with-secrets", { executionRoleArn, secrets: references });
    const job = await on.reaches(await on.submit("with-secrets", ["environment"]), ...ENDED);
    const environment = JSON.parse((await on.lines(job)).join(""));
    assert.deepEqual([environment.DB_USER, environment.DB_PORT], ["scott", "5432"]);
    assert.deepEqual(JSON.parse(environment.DATABASE), { user: "scott", port: 5432 });
    assert.deepEqual(job.container?.secrets, references);
    assert.ok(!JSON.stringify(job).includes("scott"));

    await on.define("no-secrets", { secrets: references });
    const refused = await on.reaches(await on.submit("no-secrets", ["environment"]), ...ENDED);
    assert.equal(refused.status, "FAILED");
    assert.match(refused.statusReason ?? "", /^ResourceInitializationError: unable to pull secrets .*AccessDenied/);
    await on.define("no-such-key", { executionRoleArn, secrets: [{ name: "X", valueFrom: `${ARN}:nothing::` }] });
    const missing = await on.reaches(await on.submit("no-such-key", ["environment"]), ...ENDED);
    assert.match(missing.statusReason ?? "", /did not contain json key nothing/);
  });

  it("puts each change of status on the default bus, also of the children of an array", async () => {
    const [events, sqs] = [new EventBridgeClient(on.config()), new SQSClient(on.config())];
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "changes" }));
    await events.send(
      new PutRuleCommand({
        Name: "changes",
        EventPattern: JSON.stringify({ source: ["aws.batch"], "detail-type": ["Batch Job State Change"] }),
      }),
    );
    await events.send(
      new PutTargetsCommand({
        Rule: "changes",
        Targets: [{ Id: "1", Arn: `arn:aws:sqs:eu-central-1:${on.account}:changes` }],
      }),
    );
    const id = await on.submit("plain", ["say", "x"], { arrayProperties: { size: 2 } });
    const seen = new Map<string, string[]>();
    await eventually(async () => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body } of Messages ?? []) {
        const event = JSON.parse(Body ?? "");
        assert.deepEqual(
          [event.source, event["detail-type"], event.account, event.region],
          ["aws.batch", "Batch Job State Change", on.account, "eu-central-1"],
        );
        const { jobId, status } = event.detail as { jobId: string; status: string };
        assert.deepEqual(event.resources, [`arn:aws:batch:eu-central-1:${on.account}:job/${jobId}`]);
        seen.set(jobId, [...(seen.get(jobId) ?? []), status]);
      }
      return [...seen.values()].flat().length >= 10 ? seen : undefined;
    });
    const statuses = ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"];
    assert.deepEqual(seen.get(id), ["PENDING", "SUCCEEDED"]);
    for (const child of [0, 1]) assert.deepEqual([...(seen.get(`${id}:${child}`) ?? [])].sort(), [...statuses].sort());
  });

  it("finds out that a role or a subnet is not there", async () => {
    const verdict = async (computeEnvironmentName: string, serviceRole: string | undefined, subnet: string) => {
      await on.batch.send(
        new CreateComputeEnvironmentCommand({
          computeEnvironmentName,
          type: "MANAGED",
          serviceRole,
          computeResources: {
            type: "FARGATE_SPOT",
            maxvCpus: 1,
            subnets: [subnet],
            securityGroupIds: [on.securityGroup],
          },
        }),
      );
      return eventually(async () => {
        const { computeEnvironments } = await on.batch.send(
          new DescribeComputeEnvironmentsCommand({ computeEnvironments: [computeEnvironmentName] }),
        );
        return computeEnvironments?.find(({ status }) => status !== "CREATING");
      });
    };
    const good: Json = await verdict("good", undefined, on.subnet);
    assert.equal(good.status, "VALID", good.statusReason);
    const roleless: Json = await verdict("roleless", `arn:aws:iam::${on.account}:role/nobody`, on.subnet);
    assert.equal(roleless.status, "INVALID");
    assert.match(
      roleless.statusReason,
      /^CLIENT_ERROR - Not authorized to perform sts:AssumeRole \(Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied/,
    );
    const distrusted = await on.role("distrusts-batch", "ec2.amazonaws.com");
    assert.equal((await verdict("distrusted", distrusted, on.subnet)).status, "INVALID");
    const subnetless: Json = await verdict("subnetless", undefined, "subnet-00000000");
    assert.equal(subnetless.status, "INVALID");
    assert.match(subnetless.statusReason, /^CLIENT_ERROR - .*subnet-00000000.*Error Code: InvalidSubnetID\.NotFound/);
  });

  it("finds out that an instance profile is not there", async () => {
    const InstanceProfileName = "batch-instances";
    await new IAMClient(on.config()).send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    const profile = (account: string, name: string) => `arn:aws:iam::${account}:instance-profile/${name}`;
    const roles: [instanceRole: string, status: string][] = [
      [InstanceProfileName, "VALID"],
      [profile(on.account, InstanceProfileName), "VALID"],
      [profile(on.account, "nobody"), "INVALID"],
      [profile("999999999999", InstanceProfileName), "INVALID"],
    ];
    for (const [index, [instanceRole, expected]] of roles.entries()) {
      const computeEnvironmentName = `machines-${index}`;
      await on.batch.send(
        new CreateComputeEnvironmentCommand({
          computeEnvironmentName,
          type: "MANAGED",
          computeResources: {
            type: "SPOT",
            maxvCpus: 1,
            subnets: [on.subnet],
            securityGroupIds: [on.securityGroup],
            instanceRole,
          },
        }),
      );
      const { status, statusReason }: Json = await eventually(async () => {
        const { computeEnvironments } = await on.batch.send(
          new DescribeComputeEnvironmentsCommand({ computeEnvironments: [computeEnvironmentName] }),
        );
        return computeEnvironments?.find((each) => each.status !== "CREATING");
      });
      assert.equal(status, expected, instanceRole);
      if (expected === "INVALID")
        assert.ok(
          statusReason.startsWith(`CLIENT_ERROR - Invalid IamInstanceProfile: ${instanceRole} (`),
          statusReason,
        );
    }
  });
});
