import assert from "node:assert/strict";
import {
  type BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  CreateSchedulingPolicyCommand,
  DeleteComputeEnvironmentCommand,
  DeleteJobQueueCommand,
  DeleteSchedulingPolicyCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeSchedulingPoliciesCommand,
  ListTagsForResourceCommand,
  RegisterJobDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import { type BatchAccount, batchAccount, eventually } from "./cloud-fixture.js";

/** The calls that the official Terraform AWS provider makes for each of its Batch resources, in its order. */
describe("the Terraform AWS provider's calls to Batch", () => {
  let on: BatchAccount;
  let batch: BatchClient;
  before(async function () {
    this.timeout(60_000);
    on = await batchAccount();
    batch = on.batch;
  });

  const environmentOf = async (arn: string) =>
    (await batch.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [arn] }))).computeEnvironments?.[0];
  const queueOf = async (arn: string) =>
    (await batch.send(new DescribeJobQueuesCommand({ jobQueues: [arn] }))).jobQueues?.[0];
  const definitionOf = async (arn: string) =>
    (await batch.send(new DescribeJobDefinitionsCommand({ jobDefinitions: [arn] }))).jobDefinitions?.[0];
  /** What the provider waits for after each change; it fails on any status but the passing one. */
  const settled = (of: (arn: string) => Promise<{ status?: string } | undefined>, arn: string, passing: string) =>
    eventually(async () => {
      const status = (await of(arn))?.status ?? "gone";
      return status === passing ? undefined : status;
    });

  const environment = () =>
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: "sanders-ce",
      type: "MANAGED",
      state: "ENABLED",
      serviceRole: `arn:aws:iam::${on.account}:role/batch`,
      computeResources: { type: "FARGATE", maxvCpus: 4, subnets: [on.subnet], securityGroupIds: [on.securityGroup] },
      tags: { Project: "sanders" },
    });

  it("creates, reads by ARN, tags, updates, disables and deletes environment, queue, policy and definition", async () => {
    const { computeEnvironmentArn = "" } = await batch.send(environment());
    assert.equal(await settled(environmentOf, computeEnvironmentArn, "CREATING"), "VALID");
    const created = await environmentOf(computeEnvironmentArn);
    assert.deepEqual(
      [
        created?.type,
        created?.state,
        created?.computeResources?.type,
        created?.computeResources?.maxvCpus,
        created?.tags,
      ],
      ["MANAGED", "ENABLED", "FARGATE", 4, { Project: "sanders" }],
    );
    assert.ok(created?.ecsClusterArn);

    const { arn: schedulingPolicyArn = "" } = await batch.send(
      new CreateSchedulingPolicyCommand({
        name: "policy",
        fairsharePolicy: { shareDistribution: [{ shareIdentifier: "a" }] },
      }),
    );
    const { schedulingPolicies } = await batch.send(
      new DescribeSchedulingPoliciesCommand({ arns: [schedulingPolicyArn] }),
    );
    assert.equal(schedulingPolicies?.[0]?.name, "policy");

    const { jobQueueArn = "" } = await batch.send(
      new CreateJobQueueCommand({
        jobQueueName: "sanders-queue",
        priority: 1,
        state: "ENABLED",
        schedulingPolicyArn,
        computeEnvironmentOrder: [{ order: 0, computeEnvironment: computeEnvironmentArn }],
        jobStateTimeLimitActions: [
          {
            action: "CANCEL",
            maxTimeSeconds: 600,
            reason: "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
            state: "RUNNABLE",
          },
        ],
      }),
    );
    assert.equal(await settled(queueOf, jobQueueArn, "CREATING"), "VALID");
    const queue = await queueOf(jobQueueArn);
    assert.deepEqual(queue?.computeEnvironmentOrder, [{ order: 0, computeEnvironment: computeEnvironmentArn }]);
    assert.equal(queue?.jobStateTimeLimitActions?.[0]?.maxTimeSeconds, 600);

    const definition = (command: string) =>
      new RegisterJobDefinitionCommand({
        jobDefinitionName: "sanders-job",
        type: "container",
        platformCapabilities: ["FARGATE"],
        retryStrategy: { attempts: 2 },
        timeout: { attemptDurationSeconds: 3600 },
        tags: { Project: "sanders" },
        containerProperties: {
          image: on.image,
          command: [command],
          executionRoleArn: `arn:aws:iam::${on.account}:role/execution`,
          resourceRequirements: [
            { type: "VCPU", value: "2" },
            { type: "MEMORY", value: "8192" },
          ],
        },
      });
    const first = await batch.send(definition("one"));
    assert.equal((await definitionOf(first.jobDefinitionArn ?? ""))?.status, "ACTIVE");
    const second = await batch.send(definition("two"));
    assert.equal(second.revision, 2);
    await batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: first.jobDefinitionArn }));
    assert.equal((await definitionOf(first.jobDefinitionArn ?? ""))?.status, "INACTIVE");
    assert.deepEqual((await definitionOf(second.jobDefinitionArn ?? ""))?.retryStrategy, {
      attempts: 2,
      evaluateOnExit: [],
    });

    for (const resourceArn of [computeEnvironmentArn, jobQueueArn, schedulingPolicyArn, second.jobDefinitionArn]) {
      await batch.send(new TagResourceCommand({ resourceArn, tags: { Owner: "team", Stage: "dev" } }));
      await batch.send(new UntagResourceCommand({ resourceArn, tagKeys: ["Stage", "Project"] }));
      assert.deepEqual((await batch.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { Owner: "team" });
    }

    await batch.send(
      new UpdateComputeEnvironmentCommand({
        computeEnvironment: computeEnvironmentArn,
        computeResources: { maxvCpus: 8 },
      }),
    );
    assert.equal(await settled(environmentOf, computeEnvironmentArn, "UPDATING"), "VALID");
    assert.equal((await environmentOf(computeEnvironmentArn))?.computeResources?.maxvCpus, 8);
    await batch.send(new UpdateJobQueueCommand({ jobQueue: jobQueueArn, priority: 5 }));
    assert.equal(await settled(queueOf, jobQueueArn, "UPDATING"), "VALID");
    assert.equal((await queueOf(jobQueueArn))?.priority, 5);

    await batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: second.jobDefinitionArn }));
    await batch.send(new UpdateJobQueueCommand({ jobQueue: jobQueueArn, state: "DISABLED" }));
    assert.equal(await settled(queueOf, jobQueueArn, "UPDATING"), "VALID");
    await batch.send(new DeleteJobQueueCommand({ jobQueue: jobQueueArn }));
    assert.equal(await settled(queueOf, jobQueueArn, "DELETING"), "gone");
    await batch.send(new DeleteSchedulingPolicyCommand({ arn: schedulingPolicyArn }));
    await batch.send(
      new UpdateComputeEnvironmentCommand({ computeEnvironment: computeEnvironmentArn, state: "DISABLED" }),
    );
    assert.equal(await settled(environmentOf, computeEnvironmentArn, "UPDATING"), "VALID");
    await batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment: computeEnvironmentArn }));
    assert.equal(await settled(environmentOf, computeEnvironmentArn, "DELETING"), "gone");
  });

  it("is refused as on AWS where it does not keep the order", async () => {
    const refused = (call: Promise<unknown>, message: RegExp) =>
      assert.rejects(call, { name: "ClientException", message });
    const { computeEnvironmentArn: environmentArn = "" } = await batch.send(environment());
    await settled(environmentOf, environmentArn, "CREATING");
    await refused(batch.send(environment()), /^Object already exists$/);
    const { jobQueueArn = "" } = await batch.send(
      new CreateJobQueueCommand({
        jobQueueName: "q",
        priority: 1,
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: environmentArn }],
      }),
    );
    await settled(queueOf, jobQueueArn, "CREATING");
    await refused(
      batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment: environmentArn })),
      /^Cannot delete, found existing JobQueue relationship$/,
    );
    await refused(
      batch.send(new DeleteJobQueueCommand({ jobQueue: jobQueueArn })),
      /^Cannot delete, job queue must be disabled$/,
    );
    await refused(batch.send(new UpdateJobQueueCommand({ jobQueue: "none" })), /job-queue\/none does not exist$/);
    await refused(
      batch.send(
        new CreateJobQueueCommand({
          jobQueueName: "r",
          priority: 1,
          computeEnvironmentOrder: [{ order: 1, computeEnvironment: "none" }],
        }),
      ),
      /compute-environment\/none does not exist$/,
    );
    await refused(
      batch.send(
        new RegisterJobDefinitionCommand({
          jobDefinitionName: "d",
          type: "container",
          containerProperties: { image: "i" },
        }),
      ),
      /^Error executing request, Exception : vCPU is not provided\., RequestId: \S+$/,
    );
  });
});
