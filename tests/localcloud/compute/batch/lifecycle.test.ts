import assert from "node:assert/strict";
import { type FakeCloud, fakeCloud, type Json, jobOf, submit, withQueue } from "./fakes.js";

const statuses = (cloud: FakeCloud, id: string): string[] =>
  cloud.events
    .filter(({ resources }) => resources[0]?.endsWith(`job/${id}`))
    .map(({ detail }) => (detail as { status: string }).status);

describe("the life of a Batch job", () => {
  let cloud: FakeCloud;
  beforeEach(async () => {
    cloud = fakeCloud();
    await withQueue(cloud, { retryStrategy: { attempts: 1 } });
  });
  afterEach(() => cloud.batch.close());

  it("goes through AWS's statuses, with an event for each but the submission", async () => {
    const id = await submit(cloud);
    assert.match((await jobOf(cloud, id)).status, /^(SUBMITTED|RUNNABLE)$/);
    const container = await cloud.executor.container(0);
    await cloud.settled();
    const running = await jobOf(cloud, id);
    assert.equal(running.status, "RUNNING");
    assert.ok(running.startedAt);
    container.exit(0);
    await cloud.settled();
    const job = await jobOf(cloud, id);
    assert.equal(job.status, "SUCCEEDED");
    assert.equal(job.statusReason, "Essential container in task exited");
    assert.equal(job.container.exitCode, 0);
    assert.deepEqual(statuses(cloud, id), ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]);
    const { source, detailType, resources, detail } = cloud.events.at(-1) as Json;
    assert.deepEqual([source, detailType, resources], ["aws.batch", "Batch Job State Change", [job.jobArn]]);
    assert.equal(detail.jobQueue, "arn:aws:batch:eu-central-1:111122223333:job-queue/queue");
    assert.equal(detail.attempts[0].container.logStreamName, job.container.logStreamName);
    assert.equal(detail.tags.resourceArn, job.jobArn);
  });

  it("records each attempt with its exit code, reason, task and log stream, and runs as often as the strategy says", async () => {
    const id = await submit(cloud, { retryStrategy: { attempts: 3 } });
    for (const attempt of [1, 2, 3]) {
      const container = await cloud.executor.container(attempt - 1);
      assert.equal(container.spec.environment.AWS_BATCH_JOB_ATTEMPT, String(attempt));
      container.exit(attempt + 1, attempt === 2 ? "OutOfMemoryError: Container killed due to memory usage" : undefined);
      await cloud.settled();
    }
    const job = await jobOf(cloud, id);
    assert.equal(job.status, "FAILED");
    assert.deepEqual(
      job.attempts.map(({ container }: Json) => container.exitCode),
      [2, 3, 4],
    );
    assert.equal(job.attempts[1].container.reason, "OutOfMemoryError: Container killed due to memory usage");
    assert.equal(new Set(job.attempts.map(({ container }: Json) => container.taskArn)).size, 3);
    for (const { container, startedAt, stoppedAt, statusReason } of job.attempts) {
      assert.match(container.logStreamName, /^definition\/default\/[0-9a-f]{32}$/);
      assert.ok(container.taskArn.endsWith(container.logStreamName.split("/").at(-1)));
      assert.ok(startedAt <= stoppedAt);
      assert.equal(statusReason, "Essential container in task exited");
    }
  });

  it("evaluates exit conditions in order: the first that is met decides, none means retry", async () => {
    const evaluateOnExit = [
      { onExitCode: "13*", action: "retry" },
      { onReason: "OutOfMemoryError*", action: "EXIT" },
      { onStatusReason: "Essential container*", onExitCode: "1", action: "EXIT" },
    ];
    const run = async (exits: [number, string?][]): Promise<number> => {
      const first = cloud.executor.containers.length;
      const id = await submit(cloud, { retryStrategy: { attempts: 3, evaluateOnExit } });
      for (const [index, [code, reason]] of exits.entries()) {
        (await cloud.executor.container(first + index)).exit(code, reason);
        await cloud.settled();
      }
      const job = await jobOf(cloud, id);
      assert.equal(job.status, "FAILED");
      return job.attempts.length;
    };
    assert.equal(await run([[1]]), 1);
    assert.equal(await run([[9, "OutOfMemoryError: Container killed due to memory usage"]]), 1);
    assert.equal(await run([[137, "OutOfMemoryError: Container killed due to memory usage"], [2], [2]]), 3);
  });

  it("fails a job whose image cannot be pulled, with AWS's words", async () => {
    const reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): app:latest not found";
    cloud.executor.unpullable.set("111122223333.dkr.ecr.eu-central-1.amazonaws.com/app:latest", reason);
    const id = await submit(cloud);
    await cloud.executor.container(0);
    await cloud.settled();
    const job = await jobOf(cloud, id);
    assert.deepEqual([job.status, job.statusReason, job.container.reason], ["FAILED", "Task failed to start", reason]);
    assert.equal(job.startedAt, undefined);
    assert.equal(job.container.exitCode, undefined);
  });

  it("stops an attempt at its timeout and does not retry it", async () => {
    const id = await submit(cloud, { timeout: { attemptDurationSeconds: 60 }, retryStrategy: { attempts: 5 } });
    const container = await cloud.executor.container(0);
    await cloud.settled();
    cloud.clock.advance(59_999);
    assert.equal(container.stopped, undefined);
    cloud.clock.advance(1);
    assert.equal(container.stopped, 30);
    await cloud.settled();
    const job = await jobOf(cloud, id);
    assert.equal(job.status, "FAILED");
    assert.equal(job.statusReason, "Job attempt duration exceeded timeout");
    assert.equal(job.attempts.length, 1);
  });

  it("has no timer left when a job with a timeout ends in time", async () => {
    await submit(cloud, { timeout: { attemptDurationSeconds: 60 } });
    const container = await cloud.executor.container(0);
    await cloud.settled();
    assert.equal(cloud.clock.timers, 1);
    container.exit(0);
    await cloud.settled();
    assert.equal(cloud.clock.timers, 0);
  });

  it("cancels what has not started and leaves what has; terminates both", async () => {
    const running = await submit(cloud);
    await cloud.executor.container(0);
    const waiting = await submit(cloud, { dependsOn: [{ jobId: running }] });
    await cloud.settled();
    assert.equal((await jobOf(cloud, waiting)).status, "PENDING");
    await cloud.call("canceljob", { jobId: running, reason: "no longer needed" });
    await cloud.call("canceljob", { jobId: waiting, reason: "no longer needed" });
    await cloud.settled();
    assert.equal((await jobOf(cloud, running)).status, "RUNNING");
    const cancelled = await jobOf(cloud, waiting);
    assert.deepEqual(
      [cancelled.status, cancelled.statusReason, cancelled.isCancelled],
      ["FAILED", "no longer needed", true],
    );
    await cloud.call("terminatejob", { jobId: running, reason: "wrong input" });
    await cloud.settled();
    const terminated = await jobOf(cloud, running);
    assert.deepEqual(
      [terminated.status, terminated.statusReason, terminated.isTerminated, terminated.container.exitCode],
      ["FAILED", "wrong input", true, 137],
    );
  });

  it("gives the container AWS's variables, its own, and where its role's session is served", async () => {
    await cloud.call("registerjobdefinition", {
      jobDefinitionName: "with-role",
      type: "container",
      platformCapabilities: ["FARGATE"],
      parameters: { input: "raw", limit: "10" },
      containerProperties: {
        image: "image",
        command: ["jobs/run", "--input=Ref::input", "Ref::limit"],
        executionRoleArn: "arn:aws:iam::111122223333:role/execution",
        jobRoleArn: "arn:aws:iam::111122223333:role/job",
        environment: [
          { name: "SCP_ENV", value: "dev" },
          { name: "BACKFILL", value: "false" },
        ],
        resourceRequirements: [
          { type: "VCPU", value: "1" },
          { type: "MEMORY", value: "2048" },
        ],
      },
    });
    const id = await submit(cloud, {
      jobDefinition: "with-role",
      parameters: { limit: "20" },
      containerOverrides: {
        environment: [{ name: "BACKFILL", value: "true" }],
        resourceRequirements: [{ type: "MEMORY", value: "4096" }],
      },
    });
    const { spec, exit } = await cloud.executor
      .container(0)
      .then((container) => ({ spec: container.spec, exit: () => container.exit(0) }));
    assert.deepEqual(spec.command, ["jobs/run", "--input=raw", "20"]);
    assert.deepEqual([spec.vcpus, spec.memoryMiB], [1, 4096]);
    const [grant] = cloud.granted;
    assert.deepEqual(spec.environment, {
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      SCP_ENV: "dev",
      BACKFILL: "true",
      AWS_BATCH_JOB_ID: id,
      AWS_BATCH_JOB_ATTEMPT: "1",
      AWS_BATCH_JQ_NAME: "queue",
      AWS_BATCH_CE_NAME: "ce",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:2/credentials/0",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "token",
    });
    assert.equal(grant?.roleArn, "arn:aws:iam::111122223333:role/job");
    assert.equal(grant?.revoked, false);
    exit();
    await cloud.settled();
    assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
    assert.equal(grant?.revoked, true);
  });

  it("fails a job whose role ECS may not assume", async () => {
    const refused = fakeCloud({ refusedRoles: ["arn:aws:iam::111122223333:role/foreign"] });
    await withQueue(refused, {
      containerProperties: {
        image: "image",
        executionRoleArn: "arn:aws:iam::111122223333:role/execution",
        jobRoleArn: "arn:aws:iam::111122223333:role/foreign",
        resourceRequirements: [
          { type: "VCPU", value: "1" },
          { type: "MEMORY", value: "2048" },
        ],
      },
    });
    const id = await submit(refused);
    await refused.settled();
    const job = await jobOf(refused, id);
    assert.equal(job.status, "FAILED");
    assert.match(job.statusReason, /^ECS was unable to assume the role 'arn:aws:iam::111122223333:role\/foreign'/);
    assert.equal(refused.executor.containers.length, 0);
  });

  it("writes what the container prints to /aws/batch/job while it runs, and all of it before the job ends", async () => {
    const id = await submit(cloud);
    const container = await cloud.executor.container(0);
    await cloud.settled();
    container.spec.onLine("first", new Date(1000));
    container.spec.onLine("", new Date(1001));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { logStreamName } = (await jobOf(cloud, id)).container;
    const lines = (): string[] | undefined =>
      cloud.logs.streams.get(`/aws/batch/job ${logStreamName}`)?.map(({ message }) => message);
    assert.deepEqual(lines(), ["first"]);
    container.spec.onLine("last", new Date(2000));
    container.exit(0);
    await cloud.settled();
    assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
    assert.deepEqual(lines(), ["first", "last"]);
  });

  it("does not start a job whose own log group is missing, unless the definition has it created", async () => {
    const definition = (create?: string) => ({
      jobDefinitionName: "logging",
      type: "container",
      platformCapabilities: ["FARGATE"],
      containerProperties: {
        image: "image",
        executionRoleArn: "arn:aws:iam::111122223333:role/execution",
        resourceRequirements: [
          { type: "VCPU", value: "1" },
          { type: "MEMORY", value: "2048" },
        ],
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "/own",
            "awslogs-stream-prefix": "p",
            ...(create ? { "awslogs-create-group": create } : {}),
          },
        },
      },
    });
    await cloud.call("registerjobdefinition", definition());
    const failed = await submit(cloud, { jobDefinition: "logging" });
    await cloud.settled();
    const job = await jobOf(cloud, failed);
    assert.equal(job.status, "FAILED");
    assert.match(
      job.statusReason,
      /^ResourceInitializationError: failed to validate logger args: .*ResourceNotFoundException/,
    );
    await cloud.call("registerjobdefinition", definition("true"));
    await submit(cloud, { jobDefinition: "logging" });
    const container = await cloud.executor.container(0);
    assert.equal([...cloud.logs.streams.keys()][0], `/own p/default/${container.spec.id}`);
    container.exit(0);
    await cloud.settled();
  });
});
