import assert from "node:assert/strict";
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
  PutClusterCapacityProvidersCommand,
  TagResourceCommand,
  UpdateClusterCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { Cluster } from "@pulumi/aws/ecs/cluster.js";
import { ClusterCapacityProviders } from "@pulumi/aws/ecs/clusterCapacityProviders.js";
import { getClusterOutput } from "@pulumi/aws/ecs/getCluster.js";
import { getContainerDefinitionOutput } from "@pulumi/aws/ecs/getContainerDefinition.js";
import { getServiceOutput } from "@pulumi/aws/ecs/getService.js";
import { getTaskDefinitionOutput } from "@pulumi/aws/ecs/getTaskDefinition.js";
import { Service } from "@pulumi/aws/ecs/service.js";
import { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition.js";
import { FileSystem } from "@pulumi/aws/efs/fileSystem.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { Topic } from "@pulumi/aws/sns/topic.js";
import type { Output } from "@pulumi/pulumi";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, id, type Others, steady } from "../versions.js";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** Containers as a program writes them: without what AWS fills in. */
const containers = (command: string) =>
  JSON.stringify([
    {
      name: "app",
      image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/jobs:latest",
      command: [command],
      environment: [
        { name: "STAGE", value: "test" },
        { name: "BUCKET", value: "lake" },
      ],
      mountPoints: [{ sourceVolume: "shared", containerPath: "/mnt" }],
      dependsOn: [{ containerName: "side", condition: "HEALTHY" }],
    },
    {
      name: "side",
      image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/side:1",
      essential: false,
      portMappings: [{ containerPort: 8080 }],
      healthCheck: { command: ["CMD-SHELL", "exit 0"] },
    },
  ]);

const ecsOf = (client: ConstructorParameters<typeof ECSClient>[0]) => new ECSClient(client ?? {});

/** An output of a resource declared before. */
const output = (others: Others, name: string, of: string): Output<string> =>
  (others[name] as unknown as Record<string, Output<string>>)[of] as Output<string>;

const lives: Life[] = [
  { name: "vpc", declare: (_version, options) => new Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, options), ...steady },
  {
    name: "subnet",
    declare: (_version, options, others) =>
      new Subnet("subnet", { vpcId: id(others, "vpc"), cidrBlock: "10.0.0.0/24" }, options),
    ...steady,
  },
  {
    name: "group",
    declare: (_version, options, others) =>
      new SecurityGroup("group", { name: "tasks", vpcId: id(others, "vpc") }, options),
    ...steady,
  },
  {
    name: "execution",
    declare: (_version, options) => new Role("execution", { name: "execution", assumeRolePolicy: trust }, options),
    ...steady,
  },
  { name: "files", declare: (_version, options) => new FileSystem("files", {}, options), ...steady },
  {
    name: "cluster",
    declare: (version, options) =>
      new Cluster(
        "cluster",
        {
          name: by(version, "jobs", "jobs", "jobs-2"),
          settings: [{ name: "containerInsights", value: by(version, "disabled", "enabled") }],
          configuration: { executeCommandConfiguration: { logging: by(version, "DEFAULT", "NONE") } },
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:ecs:eu-central-1:\d{12}:cluster\/jobs$/);
        assert.deepEqual(outputs.tagsAll, { a: "1", b: "1" });
      },
    },
    verify: {
      updated: async (cluster, { client }) => {
        const { clusters } = await ecsOf(client).send(
          new DescribeClustersCommand({ clusters: [cluster], include: ["SETTINGS", "CONFIGURATIONS", "TAGS"] }),
        );
        assert.deepEqual(clusters?.[0]?.settings, [{ name: "containerInsights", value: "enabled" }]);
        assert.equal(clusters?.[0]?.configuration?.executeCommandConfiguration?.logging, "NONE");
        assert.deepEqual(clusters?.[0]?.tags, [{ key: "a", value: "2" }]);
      },
    },
    disturb: async (cluster, { client }) => {
      const settings = [{ name: "containerInsights" as const, value: "enhanced" }];
      await ecsOf(client).send(new UpdateClusterCommand({ cluster, settings }));
    },
    importId: (outputs) => String(outputs.name),
  },
  {
    name: "providers",
    declare: (version, options, others) =>
      new ClusterCapacityProviders(
        "providers",
        {
          clusterName: output(others, "cluster", "name"),
          capacityProviders: ["FARGATE", "FARGATE_SPOT"],
          defaultCapacityProviderStrategies: [
            { capacityProvider: "FARGATE", base: 1, weight: 1 },
            { capacityProvider: "FARGATE_SPOT", weight: by(version, 1, 3) },
          ],
        },
        options,
      ),
    verify: {
      updated: async (cluster, { client }) => {
        const { clusters } = await ecsOf(client).send(new DescribeClustersCommand({ clusters: [cluster] }));
        assert.deepEqual(clusters?.[0]?.defaultCapacityProviderStrategy, [
          { capacityProvider: "FARGATE", base: 1, weight: 1 },
          { capacityProvider: "FARGATE_SPOT", base: 0, weight: 3 },
        ]);
      },
    },
    disturb: async (cluster, { client }) => {
      await ecsOf(client).send(
        new PutClusterCapacityProvidersCommand({
          cluster,
          capacityProviders: ["FARGATE"],
          defaultCapacityProviderStrategy: [],
        }),
      );
    },
  },
  {
    name: "definition",
    declare: (version, options, others) =>
      new TaskDefinition(
        "definition",
        {
          family: "jobs",
          containerDefinitions: containers(by(version, "hello", "hello", "goodbye")),
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "0.25 vCPU",
          memory: "0.5 GB",
          executionRoleArn: arn(others, "execution"),
          runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
          volumes: [{ name: "shared", efsVolumeConfiguration: { fileSystemId: id(others, "files") } }],
          tags: by<Record<string, string>>(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /:task-definition\/jobs:1$/);
        assert.match(String(outputs.arnWithoutRevision), /:task-definition\/jobs$/);
      },
      updated: (outputs) => assert.equal(outputs.revision, 1),
      replaced: (outputs) => assert.equal(outputs.revision, 2),
    },
    verify: {
      replaced: async (_id, { client }) => {
        const ecs = ecsOf(client);
        const first = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "jobs:1" }));
        assert.equal(first.taskDefinition?.status, "INACTIVE");
        const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "jobs" }));
        assert.deepEqual([taskDefinition?.cpu, taskDefinition?.memory, taskDefinition?.revision], ["256", "512", 2]);
        assert.deepEqual(taskDefinition?.containerDefinitions?.[0]?.command, ["goodbye"]);
      },
    },
    disturb: async (_id, { client }, outputs) => {
      const tags = [{ key: "a", value: "disturbed" }];
      await ecsOf(client).send(new TagResourceCommand({ resourceArn: String(outputs.arn), tags }));
    },
    importId: (outputs) => String(outputs.arn),
  },
  {
    name: "service",
    declare: (version, options, others) =>
      new Service(
        "service",
        {
          name: by(version, "worker", "worker", "worker-2"),
          cluster: arn(others, "cluster"),
          taskDefinition: arn(others, "definition"),
          launchType: "FARGATE",
          desiredCount: 0,
          networkConfiguration: { subnets: [id(others, "subnet")], securityGroups: [id(others, "group")] },
          deploymentMaximumPercent: by(version, 200, 150),
          deploymentCircuitBreaker: { enable: true, rollback: by(version, false, true) },
          propagateTags: "SERVICE",
          waitForSteadyState: true,
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /:service\/jobs\/worker$/);
        assert.equal(outputs.schedulingStrategy, "REPLICA");
      },
    },
    verify: {
      updated: async (service, { client }) => {
        const { services } = await ecsOf(client).send(
          new DescribeServicesCommand({ cluster: "jobs", services: [service], include: ["TAGS"] }),
        );
        assert.equal(services?.[0]?.deploymentConfiguration?.maximumPercent, 150);
        assert.deepEqual(services?.[0]?.deploymentConfiguration?.deploymentCircuitBreaker, {
          enable: true,
          rollback: true,
        });
        assert.deepEqual(services?.[0]?.tags, [{ key: "a", value: "2" }]);
      },
    },
    disturb: async (service, { client }) => {
      const deploymentConfiguration = { maximumPercent: 300 };
      await ecsOf(client).send(new UpdateServiceCommand({ cluster: "jobs", service, deploymentConfiguration }));
    },
    importId: (outputs) => `${String(outputs.cluster).split("/").at(-1)}/${outputs.name}`,
  },
  {
    // What the functions answer, carried by a resource that takes texts.
    name: "known",
    declare: (_version, options, others) => {
      const clusterName = output(others, "cluster", "name");
      const definition = getTaskDefinitionOutput({ taskDefinition: arn(others, "definition") });
      const container = getContainerDefinitionOutput({
        taskDefinition: arn(others, "definition"),
        containerName: "app",
      });
      const service = getServiceOutput({
        clusterArn: arn(others, "cluster"),
        serviceName: output(others, "service", "name"),
      });
      return new Topic(
        "known",
        {
          name: "known",
          tags: {
            cluster: getClusterOutput({ clusterName }).status,
            network: definition.networkMode,
            stage: container.environment.apply((variables) => String(variables.STAGE)),
            strategy: service.schedulingStrategy,
          },
        },
        options,
      );
    },
    outputs: {
      created: ({ tags }) =>
        assert.deepEqual(tags, { cluster: "ACTIVE", network: "awsvpc", stage: "test", strategy: "REPLICA" }),
    },
    ...steady,
  },
];

testLives("provider: ecs", lives, async ({ client }) => {
  const ecs = ecsOf(client);
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
  const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand({}));
  return [...clusterArns, ...taskDefinitionArns];
});
