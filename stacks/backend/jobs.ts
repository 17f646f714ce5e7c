// Where jobs run and as what: a queue and a job definition for each tier, their roles, their image and their log.
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { type Input, interpolate, type Output } from "@pulumi/pulumi";
import { Ec2JobDefinition } from "../../components/batch/ec2-job-definition.js";
import { Ec2Queue } from "../../components/batch/ec2-queue.js";
import { executionStatements } from "../../components/batch/execution.js";
import type { ImageRepository } from "../../components/ecr/repository.js";
import type { SharedFileSystem } from "../../components/efs/shared-file-system.js";
import { InstanceRole } from "../../components/iam/instance-role.js";
import type { Statement } from "../../components/iam/policy.js";
import { ServiceRole } from "../../components/iam/role.js";
import { JobImage } from "../../components/image/image.js";
import type { DataBucket } from "../../components/s3/data-bucket.js";
import type { Credentials } from "../../components/secretsmanager/credentials.js";
import { jobsFolder } from "../paths.js";
import type { ExternalSystem } from "./external.js";
import type { DeployedNetwork } from "./networks.js";
import { jobStatements } from "./permissions.js";
import type { BackendScope } from "./scope.js";
import { TIERS, type Tier } from "./tiers.js";

/** Where the file system is mounted in jobs. */
export const DATA_ROOT = "/mnt/data";

export interface JobsArgs {
  network: DeployedNetwork;
  fileSystem: SharedFileSystem<"data">;
  bucket: DataBucket;
  repository: ImageRepository;
  credentials: Record<ExternalSystem, Credentials>;
}

/** A tier as workflows use it, and as a stack's output has it. */
export interface DeployedTier {
  queueArn: Output<string>;
  queueName: Output<string>;
  jobDefinitionArn: Output<string>;
  jobDefinitionArnPrefix: Output<string>;
}

export interface Jobs {
  tiers: Record<Tier, DeployedTier>;
  log: LogGroup;
}

export function createJobs(scope: BackendScope, args: JobsArgs): Jobs {
  const { settings, names, below, context } = scope;
  const log = new LogGroup(
    scope.child("jobs-log"),
    { name: `/aws/batch/${names.of("jobs")}`, retentionInDays: settings.logs.retentionDays },
    below,
  );
  const hosts = new InstanceRole(
    scope.child("batch-host-role"),
    {
      name: names.of("batch-host-role"),
      description: "Hosts of the jobs: the agents of Amazon ECS",
      // What the agents do is AWS's to know, and changes: this is the policy that Batch asks for.
      managedPolicyArns: [`arn:${context.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role`],
    },
    below,
  );
  const secrets = Object.values(args.credentials).map(({ arn }) => arn);
  const jobRole = createTaskRole(
    scope,
    "batch-job-role",
    "What jobs may do",
    jobStatements({
      bucket: args.bucket.arn,
      fileSystem: args.fileSystem.arn,
      accessPoint: args.fileSystem.entrances.data.arn,
      secrets,
    }),
  );
  const executionRole = createTaskRole(
    scope,
    "ecs-execution-role",
    "Starting jobs",
    executionStatements({ repository: args.repository.arn, logGroup: log.arn, secrets: [] }),
  );
  const common = {
    image: imageOf(scope, args.repository),
    jobRoleArn: jobRole.arn,
    executionRoleArn: executionRole.arn,
    logGroup: log.name,
    environment: {
      BACKEND_ENV: context.config.environment,
      AWS_REGION: settings.region,
      DATA_ROOT,
      SOURCE_BUCKET: args.bucket.name,
      DASHBOARDS_SECRET_ARN: args.credentials.dashboards.arn,
      MELISSA_DATA_SECRET_ARN: args.credentials["melissa-data"].arn,
      MONGODB_ATLAS_SECRET_ARN: args.credentials["mongodb-atlas"].arn,
    },
  };
  const tiers = TIERS.map((tier) => [tier, createTier(scope, tier, args, hosts, common)]);
  return { tiers: Object.fromEntries(tiers) as Record<Tier, DeployedTier>, log };
}

/** The image of the checkout's jobs, which this publishes if nobody else does; or an earlier one. */
function imageOf({ settings, child, below, context }: BackendScope, repository: ImageRepository): Input<string> {
  const { imageTag } = settings.jobs;
  if (imageTag !== undefined) return interpolate`${repository.repositoryUrl}:${imageTag}`;
  const { region } = settings;
  const folder = jobsFolder("backend");
  return new JobImage(child("image"), { folder, repository, region, publish: context.config.image }, below).uri;
}

interface JobCommon {
  image: Input<string>;
  jobRoleArn: Input<string>;
  executionRoleArn: Input<string>;
  logGroup: Input<string>;
  environment: Record<string, Input<string>>;
}

function createTier(
  { settings, names, child, below }: BackendScope,
  tier: Tier,
  { network, fileSystem }: JobsArgs,
  hosts: InstanceRole,
  { logGroup, environment, ...job }: JobCommon,
): DeployedTier {
  const { vcpus, memoryMiB, instanceTypes, maxVcpus, capacity } = settings.tiers[tier];
  const name = tier.toLowerCase();
  const queue = new Ec2Queue(
    child(`batch-${name}`),
    {
      queueName: names.of(`batch-${name}`),
      computeEnvironmentName: names.of(`compute-${name}`),
      instanceTypes,
      maxVcpus,
      capacity,
      subnetIds: network.privateSubnetIds,
      securityGroupIds: [network.securityGroupId],
      instanceProfileArn: hosts.profileArn,
    },
    below,
  );
  const definition = new Ec2JobDefinition(
    child(`job-${name}`),
    {
      ...job,
      name: names.of(`job-${name}`),
      vcpus,
      memoryMiB,
      environment: { ...environment, MEMORY_LIMIT_MIB: String(memoryMiB), VCPUS: String(vcpus) },
      fileSystem: {
        id: fileSystem.fileSystemId,
        accessPointId: fileSystem.entrances.data.id,
        mountPath: DATA_ROOT,
      },
      log: { group: logGroup, region: settings.region, streamPrefix: name },
      timeoutSeconds: settings.jobs.timeoutSeconds,
      // State machines of other stacks name a revision until they are deployed again.
      keepRevisions: settings.removal === "retain",
    },
    below,
  );
  return {
    queueArn: queue.queueArn,
    queueName: queue.queueName,
    jobDefinitionArn: definition.arn,
    jobDefinitionArnPrefix: definition.arnPrefix,
  };
}

function createTaskRole(scope: BackendScope, what: string, description: string, statements: Statement[]): ServiceRole {
  return new ServiceRole(
    scope.child(what),
    {
      name: scope.names.of(what),
      description,
      service: "ecs-tasks.amazonaws.com",
      account: scope.context.account,
      statements,
    },
    scope.below,
  );
}
