// Where the platform's jobs run: queue, roles, image and job definitions.
import { executionStatements } from "../../components/batch/execution.js";
import { FargateJobDefinition } from "../../components/batch/fargate-job-definition.js";
import { FargateQueue } from "../../components/batch/fargate-queue.js";
import type { OnDemandTable } from "../../components/dynamodb/table.js";
import type { Network } from "../../components/ec2/network.js";
import type { ImageRepository } from "../../components/ecr/repository.js";
import type { Statement } from "../../components/iam/policy.js";
import { ServiceRole } from "../../components/iam/role.js";
import { JobImage } from "../../components/image/image.js";
import type { DataBucket } from "../../components/s3/data-bucket.js";
import { BATCH_LOG_GROUP, batchLogGroup } from "../batch-log.js";
import { jobsFolder } from "../paths.js";
import type { Scope } from "../scope.js";
import { JOB_KIND_NAMES, JOB_KINDS, type JobKindName } from "./jobs.js";
import { jobStatements } from "./permissions.js";
import type { SandersSettings } from "./settings.js";

export type JobDefinitions = Record<JobKindName, FargateJobDefinition>;

/** A queue on Fargate, in the network's private subnets. */
export function createQueue(scope: Scope<SandersSettings>, network: Network): FargateQueue {
  const { names, context, settings, below } = scope;
  const serviceRole = new ServiceRole(
    scope.child("batch-service-role"),
    {
      name: names.of("batch-service-role"),
      description: "Batch, running the platform's jobs on Fargate",
      service: "batch.amazonaws.com",
      account: context.account,
      // What Batch does in an account is AWS's to know, and changes: this is the policy that it asks for.
      managedPolicyArns: [`arn:${context.partition}:iam::aws:policy/service-role/AWSBatchServiceRole`],
    },
    below,
  );
  return new FargateQueue(
    scope.child("batch"),
    {
      queueName: names.of("batch-queue"),
      computeEnvironmentName: names.of("batch-compute"),
      maxVcpus: settings.batch.maxVcpus,
      capacity: settings.batch.capacity,
      subnetIds: network.privateSubnetIds,
      securityGroupIds: [network.securityGroupId],
      serviceRole,
    },
    below,
  );
}

/** The job definitions, one for each size, with the image that they run and the roles that they run with. */
export function createJobDefinitions(
  scope: Scope<SandersSettings>,
  data: { bucket: DataBucket; table: OnDemandTable; repository: ImageRepository },
): JobDefinitions {
  const { names, context, settings, below } = scope;
  const { region, logs } = settings;
  const logGroup = batchLogGroup(
    context,
    { owned: logs.ownsBatchLogGroup, retentionDays: logs.retentionDays, region },
    below,
  );
  const jobRole = createTaskRole(
    scope,
    "batch-job-role",
    "What the platform's jobs may do",
    jobStatements({ bucket: data.bucket.arn, table: data.table.arn }),
  );
  const executionRole = createTaskRole(
    scope,
    "ecs-execution-role",
    "Starting the platform's jobs",
    executionStatements({
      repository: data.repository.arn,
      logGroup: logGroup?.arn ?? scope.arn("logs", `log-group:${BATCH_LOG_GROUP}`),
      secrets: Object.values(settings.secrets),
    }),
  );
  const image = new JobImage(
    scope.child("image"),
    { folder: jobsFolder("sanders"), repository: data.repository, region, publish: context.config.image },
    below,
  );
  const create = (kind: JobKindName) =>
    new FargateJobDefinition(
      scope.child(`job-${kind}`),
      {
        name: names.of(`job-${kind}`),
        image: image.uri,
        size: JOB_KINDS[kind].size,
        command: [...JOB_KINDS[kind].command],
        environment: {
          SCP_ENV: context.config.environment,
          S3_BUCKET: data.bucket.name,
          DYNAMODB_TABLE: data.table.name,
          AWS_REGION: region,
          MEMORY_LIMIT_MIB: String(JOB_KINDS[kind].size.memoryMiB),
          VCPUS: String(JOB_KINDS[kind].size.vcpus),
        },
        secrets: settings.secrets,
        jobRoleArn: jobRole.arn,
        executionRoleArn: executionRole.arn,
        timeoutSeconds: settings.batch.timeoutSeconds,
      },
      below,
    );
  return Object.fromEntries(JOB_KIND_NAMES.map((kind) => [kind, create(kind)])) as JobDefinitions;
}

function createTaskRole(
  scope: Scope<SandersSettings>,
  what: string,
  description: string,
  statements: Statement[],
): ServiceRole {
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
