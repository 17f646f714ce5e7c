import assert from "node:assert/strict";
import {
  BatchClient,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeSchedulingPoliciesCommand,
  ListSchedulingPoliciesCommand,
  RegisterJobDefinitionCommand,
  TagResourceCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import { ComputeEnvironment } from "@pulumi/aws/batch/computeEnvironment.js";
import { JobDefinition } from "@pulumi/aws/batch/jobDefinition.js";
import { JobQueue } from "@pulumi/aws/batch/jobQueue.js";
import { SchedulingPolicy } from "@pulumi/aws/batch/schedulingPolicy.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile.js";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, id, steady } from "../versions.js";

const container = (vcpu: string) => ({
  image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/jobs:latest",
  command: ["jobs/daily", "Ref::date"],
  executionRoleArn: "arn:aws:iam::123456789012:role/execution",
  jobRoleArn: "arn:aws:iam::123456789012:role/job",
  environment: [
    { name: "STAGE", value: "test" },
    { name: "BUCKET", value: "lake" },
  ],
  resourceRequirements: [
    { type: "MEMORY", value: "2048" },
    { type: "VCPU", value: vcpu },
  ],
});

const lives: Life[] = [
  {
    name: "vpc",
    declare: (_version, options) => new Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, options),
    ...steady,
  },
  ...["a", "b"].map(
    (name, at): Life => ({
      name,
      declare: (_version, options, others) =>
        new Subnet(name, { vpcId: id(others, "vpc"), cidrBlock: `10.0.${at}.0/24` }, options),
      ...steady,
    }),
  ),
  {
    name: "group",
    declare: (_version, options, others) =>
      new SecurityGroup("group", { name: "batch", vpcId: id(others, "vpc") }, options),
    ...steady,
  },
  {
    name: "profile",
    declare: (_version, options) => new InstanceProfile("profile", { name: "ecs" }, options),
    ...steady,
  },
  {
    name: "fargate",
    declare: (version, options, others) =>
      new ComputeEnvironment(
        "fargate",
        {
          name: by(version, "fargate", "fargate", "fargate-2"),
          type: "MANAGED",
          computeResources: {
            type: by(version, "FARGATE", "FARGATE_SPOT"),
            maxVcpus: by(version, 4, 8),
            subnets: by(version, [id(others, "a")], [id(others, "a"), id(others, "b")]),
            securityGroupIds: [id(others, "group")],
          },
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:batch:eu-central-1:\d{12}:compute-environment\/fargate$/);
        assert.equal(outputs.status, "VALID");
        assert.match(String(outputs.serviceRole), /AWSServiceRoleForBatch$/);
        assert.match(String(outputs.ecsClusterArn), /:cluster\/AWSBatch-fargate-/);
      },
    },
    verify: {
      updated: async (name, { client }) => {
        const found = await new BatchClient(client).send(
          new DescribeComputeEnvironmentsCommand({ computeEnvironments: [name] }),
        );
        const [environment] = found.computeEnvironments ?? [];
        assert.equal(environment?.computeResources?.maxvCpus, 8);
        assert.equal(environment?.computeResources?.type, "FARGATE_SPOT");
        assert.deepEqual(environment?.tags, { a: "2" });
      },
    },
    disturb: async (computeEnvironment, { client }) => {
      const change = { computeEnvironment, computeResources: { maxvCpus: 99 } };
      await new BatchClient(client).send(new UpdateComputeEnvironmentCommand(change));
    },
  },
  {
    name: "machines",
    declare: (version, options, others) =>
      new ComputeEnvironment(
        "machines",
        {
          name: by(version, "machines", "machines", "machines-2"),
          type: "MANAGED",
          state: by(version, "ENABLED", "DISABLED"),
          computeResources: {
            type: "EC2",
            maxVcpus: 16,
            minVcpus: 0,
            instanceRole: arn(others, "profile"),
            instanceTypes: ["m5.large", "c5"],
            subnets: [id(others, "a")],
            securityGroupIds: [id(others, "group")],
          },
        },
        options,
      ),
  },
  {
    name: "fair",
    declare: (version, options) =>
      new SchedulingPolicy(
        "fair",
        {
          name: by(version, "fair", "fair", "fair-2"),
          fairSharePolicy: {
            computeReservation: by(version, 1, 2),
            shareDecaySeconds: 3600,
            shareDistributions: [{ shareIdentifier: "A*", weightFactor: by(version, 0.1, 0.2) }],
          },
          tags: { a: "1" },
        },
        options,
      ),
    verify: {
      updated: async (policy, { client }) => {
        const found = await new BatchClient(client).send(new DescribeSchedulingPoliciesCommand({ arns: [policy] }));
        assert.equal(found.schedulingPolicies?.[0]?.fairsharePolicy?.computeReservation, 2);
      },
    },
    disturb: async (resourceArn, { client }) => {
      await new BatchClient(client).send(new TagResourceCommand({ resourceArn, tags: { Intruder: "1" } }));
    },
  },
  {
    name: "queue",
    declare: (version, options, others) =>
      new JobQueue(
        "queue",
        {
          name: by(version, "queue", "queue", "queue-2"),
          priority: by(version, 1, 10),
          state: by(version, "ENABLED", "DISABLED", "ENABLED"),
          schedulingPolicyArn: arn(others, "fair"),
          computeEnvironmentOrders: [{ order: 1, computeEnvironment: arn(others, "fargate") }],
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.arn), /^arn:aws:batch:eu-central-1:\d{12}:job-queue\/queue$/),
    },
    verify: {
      updated: async (queue, { client }) => {
        const found = await new BatchClient(client).send(new DescribeJobQueuesCommand({ jobQueues: [queue] }));
        assert.equal(found.jobQueues?.[0]?.state, "DISABLED");
        assert.equal(found.jobQueues?.[0]?.priority, 10);
      },
    },
    disturb: async (jobQueue, { client }) => {
      await new BatchClient(client).send(new UpdateJobQueueCommand({ jobQueue, priority: 77 }));
    },
  },
  {
    name: "job",
    declare: (version, options) =>
      new JobDefinition(
        "job",
        {
          name: by(version, "job", "job", "job-2"),
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: JSON.stringify(container(by(version, "0.5", "1"))),
          parameters: { date: "today" },
          retryStrategy: { attempts: 2, evaluateOnExits: [{ action: "RETRY", onStatusReason: "Host EC2*" }] },
          timeout: { attemptDurationSeconds: by(version, 600, 900) },
          tags: { a: "1" },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /:job-definition\/job:1$/);
        assert.match(String(outputs.arnPrefix), /:job-definition\/job$/);
        assert.equal(outputs.revision, 1);
      },
      updated: (outputs) => assert.match(String(outputs.arn), /:job-definition\/job:[2-9]$/),
    },
    verify: {
      updated: async (_id, { client }) => {
        const found = await new BatchClient(client).send(
          new DescribeJobDefinitionsCommand({ jobDefinitionName: "job", status: "ACTIVE" }),
        );
        const active = (found.jobDefinitions ?? []).sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0));
        assert.equal(active[0]?.timeout?.attemptDurationSeconds, 900);
        assert.ok(!active.some((each) => each.revision === 1), "the revision before is deregistered");
      },
    },
    disturb: async (_id, { client }) => {
      await new BatchClient(client).send(
        new RegisterJobDefinitionCommand({
          jobDefinitionName: "job",
          type: "container",
          platformCapabilities: ["FARGATE"],
          containerProperties: { ...container("1"), command: ["jobs/other"] } as never,
        }),
      );
    },
  },
];

testLives("provider: batch", lives, async ({ client }) => {
  const batch = new BatchClient(client);
  const [environments, queues, definitions, policies] = await Promise.all([
    batch.send(new DescribeComputeEnvironmentsCommand({})),
    batch.send(new DescribeJobQueuesCommand({})),
    batch.send(new DescribeJobDefinitionsCommand({ status: "ACTIVE" })),
    batch.send(new ListSchedulingPoliciesCommand({})),
  ]);
  return [
    ...(environments.computeEnvironments ?? []).map((each) => each.computeEnvironmentName ?? ""),
    ...(queues.jobQueues ?? []).map((each) => each.jobQueueName ?? ""),
    ...(definitions.jobDefinitions ?? []).map((each) => each.jobDefinitionArn ?? ""),
    ...(policies.schedulingPolicies ?? []).map((each) => each.arn ?? ""),
  ];
});
