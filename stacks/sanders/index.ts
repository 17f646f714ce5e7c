// Sanders: customer features from taxi trips, on Batch Fargate. See docs/sanders.md.
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { FargateQueue } from "../../components/batch/fargate-queue.js";
import { readBudgetFile } from "../../components/budgets/budget-file.js";
import { CostBudget } from "../../components/budgets/cost-budget.js";
import { AuditTrail } from "../../components/cloudtrail/audit-trail.js";
import { OnDemandTable } from "../../components/dynamodb/table.js";
import { Network } from "../../components/ec2/network.js";
import { ImageRepository } from "../../components/ecr/repository.js";
import { ServiceRole } from "../../components/iam/role.js";
import { DataBucket } from "../../components/s3/data-bucket.js";
import { BatchSchedule } from "../../components/scheduler/batch-schedule.js";
import { StateMachine } from "../../components/sfn/state-machine.js";
import { AlertTopic } from "../../components/sns/alert-topic.js";
import { checkAccount, type StackContext } from "../context.js";
import { projectRoot } from "../paths.js";
import { openScope, type Scope } from "../scope.js";
import { createJobDefinitions, createQueue, type JobDefinitions } from "./batch.js";
import { JOB_KIND_NAMES, JOB_KINDS, type JobKindName } from "./jobs.js";
import { Monitoring } from "./monitoring.js";
import { orchestrator } from "./orchestrator.js";
import { orchestratorStatements, submitStatement } from "./permissions.js";
import { type SandersSettings, sandersSettings } from "./settings.js";

/** The tag by which the budget finds the platform's costs. */
const PROJECT = "sanders-customer-platform";

/** Deploys the platform. @throws when settings are wrong or the account is not the environment's */
export function deploySanders(context: StackContext): Record<string, pulumi.Output<unknown>> {
  const settings = sandersSettings(context.config);
  checkAccount(context, settings.allowedAccountIds, "crucible:sanders.allowedAccountIds");
  const scope = openScope("sanders", PROJECT, context, settings);

  const bucket = createBucket(scope);
  const table = createTable(scope);
  const repository = createRepository(scope);
  const network = createNetwork(scope);
  const topic = createTopic(scope);
  const queue = createQueue(scope, network);
  const definitions = createJobDefinitions(scope, { bucket, table, repository });
  const stateMachine = createOrchestrator(scope, queue, definitions, topic);
  createSchedules(scope, queue, definitions);
  new Monitoring(
    scope.child("monitoring"),
    {
      names: scope.names,
      settings,
      topic,
      queueArn: queue.queueArn,
      stateMachineArn: stateMachine.arn,
      tableName: table.name,
    },
    scope.below,
  );
  if (settings.budget.enabled) createBudget(scope, topic);
  if (settings.cloudTrail.enabled) createAuditTrail(scope);

  return {
    S3BucketName: bucket.name,
    DynamoDBTableName: table.name,
    ECRRepositoryURI: repository.repositoryUrl,
    BatchJobQueueName: queue.queueName,
    StepFunctionsStateMachineARN: stateMachine.arn,
    VPCId: network.vpcId,
  };
}

type SandersScope = Scope<SandersSettings>;

function createBucket({ settings, names, child, below }: SandersScope): DataBucket {
  return new DataBucket(
    child("lake"),
    {
      name: names.bucket("customer-platform"),
      removal: settings.removal,
      oldVersionsDays: settings.storage.oldVersionsDays,
      tidying: [
        { prefix: "raw/", infrequentAccessAfterDays: settings.storage.rawInfrequentAfterDays },
        { prefix: "quarantine/", expireAfterDays: settings.storage.quarantineDays },
      ],
    },
    below,
  );
}

function createTable({ settings, names, child, below }: SandersScope): OnDemandTable {
  return new OnDemandTable(
    child("features"),
    {
      name: names.table("daily-customer-features"),
      partitionKey: "customer_id",
      sortKey: "date",
      pointInTimeRecovery: settings.table.pointInTimeRecovery,
      removal: settings.removal,
    },
    below,
  );
}

function createRepository({ settings, names, child, below }: SandersScope): ImageRepository {
  return new ImageRepository(
    child("images"),
    { name: names.of("customer-platform"), keepImages: settings.storage.keepImages, removal: settings.removal },
    below,
  );
}

function createNetwork({ settings, names, child, below }: SandersScope): Network {
  return new Network(
    child("network"),
    {
      name: names.of("customer-platform-vpc"),
      region: settings.region,
      securityGroupName: names.of("batch"),
      ...settings.network,
    },
    below,
  );
}

function createTopic({ settings, context, names, child, below }: SandersScope): AlertTopic {
  return new AlertTopic(
    child("alerts"),
    { name: names.of("alerts"), account: context.account, emails: settings.monitoring.emails },
    below,
  );
}

function createOrchestrator(
  scope: SandersScope,
  queue: FargateQueue,
  definitions: JobDefinitions,
  topic: AlertTopic,
): StateMachine {
  const { settings, names, context } = scope;
  const name = names.of("orchestrator");
  return new StateMachine(
    scope.child("orchestrator"),
    {
      name,
      roleName: names.of("stepfunctions-role"),
      account: context.account,
      logLevel: settings.monitoring.detail === "full" ? "ALL" : "ERROR",
      logRetentionDays: settings.logs.retentionDays,
      statements: orchestratorStatements({
        queue: queue.queueArn,
        jobDefinitions: JOB_KIND_NAMES.map((kind) => definitions[kind].arnPrefix),
        topic: topic.arn,
        jobs: scope.arn("batch", "job"),
        eventsRule: scope.arn("events", "rule/StepFunctionsGetEventsForBatchJobsRule"),
      }),
      definition: orchestrator({
        name,
        jobQueueArn: queue.queueArn,
        jobDefinitionArns: {
          "2g": definitions["2g"].arn,
          "8g": definitions["8g"].arn,
          "16g": definitions["16g"].arn,
        },
        topicArn: topic.arn,
        jobTimeoutSeconds: 2 * settings.batch.timeoutSeconds,
      }),
    },
    scope.below,
  );
}

function createSchedules(scope: SandersScope, queue: FargateQueue, definitions: JobDefinitions): void {
  const { settings, names, context } = scope;
  const role = new ServiceRole(
    scope.child("scheduler-role"),
    {
      name: names.of("scheduler-role"),
      description: "Submitting the platform's jobs by the clock",
      service: "scheduler.amazonaws.com",
      account: context.account,
      statements: [
        submitStatement({
          queue: queue.queueArn,
          jobDefinitions: [definitions["8g"].arnPrefix, definitions["16g"].arnPrefix],
        }),
      ],
    },
    scope.below,
  );
  const create = (
    what: string,
    description: string,
    kind: JobKindName,
    when: { enabled: boolean; expression: string },
  ) =>
    new BatchSchedule(
      scope.child(what),
      {
        name: names.of(what),
        description,
        ...when,
        jobName: what,
        jobQueueArn: queue.queueArn,
        jobDefinitionArn: definitions[kind].arn,
        command: [...JOB_KINDS[kind].command],
        roleArn: role.arn,
      },
      scope.below,
    );
  create("daily-features", "Daily features of every customer", "8g", settings.schedules.dailyFeatures);
  create("weekly-training", "Weekly training of the fare model", "16g", settings.schedules.weeklyTraining);
}

function createBudget({ settings, names, child, below }: SandersScope, topic: AlertTopic): void {
  new CostBudget(
    child("budget"),
    {
      name: names.of("customer-platform-monthly"),
      budget: readBudgetFile(join(projectRoot(), "budget-config.json")),
      alertPercents: settings.budget.alertPercents,
      emails: settings.monitoring.emails,
      topicArn: topic.arn,
    },
    below,
  );
}

function createAuditTrail({ settings, context, names, child, below }: SandersScope): void {
  new AuditTrail(
    child("trail"),
    {
      name: names.of("trail"),
      bucketName: names.bucket("customer-platform-trail"),
      account: context.account,
      region: settings.region,
      partition: context.partition,
      retentionDays: settings.cloudTrail.retentionDays,
      removal: settings.removal,
    },
    below,
  );
}
