import assert from "node:assert/strict";
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  RegisterJobDefinitionCommand,
} from "@aws-sdk/client-batch";
import { until } from "../../../../support/until.js";
import { type IntegrationCloud, integrationCloud, withoutMetadata } from "./fixture.js";

const SUBMIT = "arn:aws:states:::batch:submitJob";

describe("batch:submitJob", () => {
  let cloud: IntegrationCloud;
  let batch: BatchClient;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    batch = new BatchClient(cloud.config());
    const executionRoleArn = await cloud.role("execution");
    await batch.send(
      new CreateComputeEnvironmentCommand({
        computeEnvironmentName: "environment",
        type: "MANAGED",
        computeResources: { type: "FARGATE", maxvCpus: 16, subnets: ["subnet-1"], securityGroupIds: ["sg-1"] },
      }),
    );
    await batch.send(
      new CreateJobQueueCommand({
        jobQueueName: "queue",
        priority: 1,
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: "environment" }],
      }),
    );
    await until("the queue", async () => {
      const { jobQueues } = await batch.send(new DescribeJobQueuesCommand({}));
      return jobQueues?.find(({ status }) => status === "VALID");
    });
    await batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: "definition",
        type: "container",
        platformCapabilities: ["FARGATE"],
        containerProperties: {
          image: "app:latest",
          executionRoleArn,
          resourceRequirements: [
            { type: "VCPU", value: "0.25" },
            { type: "MEMORY", value: "512" },
          ],
        },
      }),
    );
  });
  after(() => cloud.stop());

  const parameters = {
    JobName: "from-states",
    JobQueue: "queue",
    JobDefinition: "definition",
    Parameters: { inputPath: "raw", count: 3 },
    ContainerOverrides: { Command: ["Ref::inputPath"], Environment: [{ Name: "FEATURE_DATE", Value: "2026-02-07" }] },
    Tags: { costCenter: "x" },
  };
  const job = async (id: string) => {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [id] }));
    assert.ok(jobs?.[0]);
    return jobs[0];
  };
  let containers = 0;
  const nextContainer = () => cloud.executor.container(containers++);

  it("answers at once without .sync", async () => {
    const { output } = await cloud.run(SUBMIT, parameters);
    const answer = withoutMetadata(output) as Record<string, string>;
    assert.deepEqual(Object.keys(answer), ["JobArn", "JobId", "JobName"]);
    const submitted = await job(answer.JobId ?? "");
    assert.deepEqual(submitted.container?.command, ["raw"]);
    assert.deepEqual(submitted.container?.environment, [{ name: "FEATURE_DATE", value: "2026-02-07" }]);
    assert.deepEqual(submitted.parameters, { inputPath: "raw", count: "3" });
    assert.equal(submitted.tags?.costCenter, "x");
    (await nextContainer()).exit(0);
  });

  it("shows the submission and then the job's detail in PascalCase once a .sync job has succeeded", async () => {
    const task = cloud.start(`${SUBMIT}.sync`, parameters);
    const submitted = withoutMetadata((await task.reply("submitted")).output) as Record<string, string>;
    (await nextContainer()).exit(0);
    const result = (await task.reply("succeeded")).output as Record<string, never>;
    assert.deepEqual([result.Status, result.JobName, result.JobId], ["SUCCEEDED", "from-states", submitted.JobId]);
    const { Attempts, Container, Parameters, Tags } = result as unknown as {
      Attempts: { Container: { ExitCode: number } }[];
      Container: { Environment: object[]; ResourceRequirements: object[] };
      Parameters: object;
      Tags: { costCenter: string };
    };
    assert.equal(Attempts[0]?.Container.ExitCode, 0);
    assert.deepEqual(Container.Environment, [
      { Name: "FEATURE_DATE", Value: "2026-02-07" },
      { Name: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" },
    ]);
    assert.deepEqual(Container.ResourceRequirements[0], { Type: "VCPU", Value: "0.25" });
    assert.deepEqual(Parameters, { inputPath: "raw", count: "3" });
    assert.equal(Tags.costCenter, "x");
    assert.deepEqual(Object.keys(result), Object.keys(result).sort());
    assert.deepEqual(
      task.replies.map(({ kind }) => kind),
      ["submitted", "succeeded"],
    );
  });

  it("waits for the end of an array's parent with .sync", async () => {
    const task = cloud.start(`${SUBMIT}.sync`, { ...parameters, ArrayProperties: { Size: 2 } });
    await task.reply("submitted");
    (await nextContainer()).exit(0);
    (await nextContainer()).exit(0);
    const result = (await task.reply("succeeded")).output as { ArrayProperties: Record<string, unknown> };
    const { Size, StatusSummary } = result.ArrayProperties as { Size: number; StatusSummary: Record<string, number> };
    assert.deepEqual([Size, StatusSummary.SUCCEEDED], [2, 2]);
  });

  it("fails with States.TaskFailed and the detail as JSON when a .sync job has failed", async () => {
    const task = cloud.start(`${SUBMIT}.sync`, parameters);
    (await nextContainer()).exit(3);
    const { error, cause } = await task.reply("failed");
    assert.equal(error, "States.TaskFailed");
    const detail = JSON.parse(cause ?? "");
    assert.deepEqual(
      [detail.Status, detail.Container.ExitCode, detail.StatusReason, detail.Attempts.length],
      ["FAILED", 3, "Essential container in task exited", 1],
    );
  });

  it("terminates the job of a task that is stopped", async () => {
    const task = cloud.start(`${SUBMIT}.sync`, parameters);
    const { output } = await task.reply("submitted");
    const container = await nextContainer();
    task.stop();
    await container.exited;
    const { JobId } = output as { JobId: string };
    const ended = await until("the job's end", async () => {
      const found = await job(JobId);
      return found.status === "FAILED" ? found : undefined;
    });
    assert.equal(ended.isTerminated, true);
    assert.deepEqual(
      task.replies.map(({ kind }) => kind),
      ["submitted"],
    );
  });

  it("terminates the job of a task that is stopped before its submission was answered", async () => {
    const task = cloud.start(`${SUBMIT}.sync`, parameters);
    task.stop();
    const container = await nextContainer();
    assert.equal((await container.exited).exitCode, 137);
    assert.deepEqual(task.replies, []);
  });

  it("words a refused submission as AWS does", async () => {
    const { error, cause } = await cloud.run(`${SUBMIT}.sync`, { ...parameters, JobQueue: "none" });
    assert.equal(error, "Batch.ClientException");
    assert.match(
      cause ?? "",
      /JobQueue none not found.* \(Service: AWSBatch; Status Code: 400; Error Code: ClientException; Request ID: [0-9a-f-]+; Proxy: null\)$/,
    );
  });

  it("words the refusal of a role that may not submit", async () => {
    const powerless = await cloud.role("powerless");
    const { error, cause } = await cloud.run(`${SUBMIT}.sync`, parameters, powerless);
    assert.equal(error, "Batch.AWSBatchException");
    assert.match(cause ?? "", /is not authorized to perform: batch:SubmitJob on resource/);
    assert.match(cause ?? "", /\(Service: AWSBatch; Status Code: 403; Error Code: AccessDeniedException; /);
  });

  it("names what is not a parameter of the request", async () => {
    const { error, cause } = await cloud.run(SUBMIT, { JobName: 5, jobQueue: "queue", Nonsense: true });
    assert.equal(error, "States.Runtime");
    assert.match(cause ?? "", /could not be used to start the Task: \[.*JobName.* must be a STRING/);
    assert.match(cause ?? "", /The field 'jobQueue' is not supported by Step Functions, The field 'Nonsense'/);
    assert.match(
      cause ?? "",
      /The field 'JobQueue' is required but was missing, The field 'JobDefinition' is required/,
    );
  });
});
