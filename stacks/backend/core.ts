// backend-core: what all workflows share. Queues and job definitions by size, file system, source bucket, images, secrets, alerts.
import * as pulumi from "@pulumi/pulumi";
import { ImageRepository } from "../../components/ecr/repository.js";
import { SharedFileSystem } from "../../components/efs/shared-file-system.js";
import { EventNotification } from "../../components/events/notification.js";
import { DataBucket } from "../../components/s3/data-bucket.js";
import { AlertTopic } from "../../components/sns/alert-topic.js";
import type { StackContext } from "../context.js";
import type { UnitOutputs } from "../unit-outputs.js";
import { createCredentials } from "./external.js";
import { createJobs, type DeployedTier } from "./jobs.js";
import { type DeployedNetwork, networkOf } from "./networks.js";
import { sharingStatements } from "./permissions.js";
import { type BackendScope, backendScope } from "./scope.js";
import { TIERS, type Tier } from "./tiers.js";

/** User and group that jobs work as on the file system. */
const DATA_OWNER = 1000;

export function deployCore(context: StackContext): Record<string, pulumi.Output<unknown>> {
  const scope = backendScope(context);
  const network = networkOf("general", context.outputsOf("vpc4general"));
  const bucket = createBucket(scope);
  const fileSystem = createFileSystem(scope, network);
  const credentials = createCredentials(scope);
  const batchOrders = createRepository(scope, "batch-orders");
  const lambdaOrders = createRepository(scope, "lambda-orders");
  const topic = createTopic(scope);
  const { tiers, log } = createJobs(scope, { network, fileSystem, bucket, repository: batchOrders, credentials });
  return {
    BackendTiers: pulumi.output(tiers),
    BackendJobLogGroupName: log.name,
    BackendJobLogGroupARN: log.arn,
    BackendAlertsTopicARN: topic.arn,
    BackendSourceBucketName: bucket.name,
    BackendFileSystemId: fileSystem.fileSystemId,
    BackendDataAccessPointId: fileSystem.entrances.data.id,
    BackendBatchOrdersRepositoryURI: batchOrders.repositoryUrl,
    BackendLambdaOrdersRepositoryURI: lambdaOrders.repositoryUrl,
    BackendDashboardsSecretARN: credentials.dashboards.arn,
    BackendMongoDBAtlasSecretARN: credentials["mongodb-atlas"].arn,
    BackendMelissaDataSecretARN: credentials["melissa-data"].arn,
  };
}

/** What workflows take of the core, here or in another stack. */
export interface DeployedCore {
  tiers: Record<Tier, DeployedTier>;
  topicArn: pulumi.Output<string>;
  jobLogGroup: { name: pulumi.Output<string>; arn: pulumi.Output<string> };
}

export function coreOf(outputs: UnitOutputs): DeployedCore {
  const tiers = outputs.get<Record<Tier, Record<keyof DeployedTier, string>>>("BackendTiers");
  const part = (tier: Tier, key: keyof DeployedTier) => tiers.apply((all) => all[tier][key]);
  const deployed = (tier: Tier): DeployedTier => ({
    queueArn: part(tier, "queueArn"),
    queueName: part(tier, "queueName"),
    jobDefinitionArn: part(tier, "jobDefinitionArn"),
    jobDefinitionArnPrefix: part(tier, "jobDefinitionArnPrefix"),
  });
  return {
    tiers: Object.fromEntries(TIERS.map((tier) => [tier, deployed(tier)])) as Record<Tier, DeployedTier>,
    topicArn: outputs.get("BackendAlertsTopicARN"),
    jobLogGroup: { name: outputs.get("BackendJobLogGroupName"), arn: outputs.get("BackendJobLogGroupARN") },
  };
}

function createBucket({ settings, context, names, child, below }: BackendScope): DataBucket {
  const { databricksAccountId, oldVersionsDays } = settings.storage;
  return new DataBucket(
    child("source"),
    {
      name: names.bucket("source-data"),
      removal: settings.removal,
      oldVersionsDays,
      ...(databricksAccountId !== undefined && {
        statements: (arn) => sharingStatements(arn, context.partition, databricksAccountId),
      }),
    },
    below,
  );
}

function createFileSystem(
  { settings, names, child, below }: BackendScope,
  network: DeployedNetwork,
): SharedFileSystem<"data"> {
  return new SharedFileSystem(
    child("files"),
    {
      name: names.of("files"),
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      zones: settings.networks.general.availabilityZones,
      clientSecurityGroupId: network.securityGroupId,
      securityGroupName: names.of("files"),
      entrances: { data: { path: "/data", uid: DATA_OWNER, gid: DATA_OWNER } },
      ...settings.fileSystem,
      removal: settings.removal,
    },
    below,
  );
}

function createRepository({ settings, names, child, below }: BackendScope, image: string): ImageRepository {
  return new ImageRepository(
    child(`images-${image}`),
    { name: names.of(image), keepImages: settings.storage.keepImages, removal: settings.removal },
    below,
  );
}

/** Failed executions tell of themselves; what they cannot tell of, being stopped or out of time as a whole, their events do. */
function createTopic(scope: BackendScope): AlertTopic {
  const { settings, context, names, child, below } = scope;
  const topic = new AlertTopic(
    child("alerts"),
    { name: names.of("alerts"), account: context.account, emails: settings.monitoring.emails },
    below,
  );
  new EventNotification(
    child("execution-stops"),
    {
      name: names.of("execution-stops"),
      description: "Executions of workflows that were stopped or ran out of time",
      pattern: {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: [{ prefix: scope.arn("states", "stateMachine:backend-") }],
          status: ["TIMED_OUT", "ABORTED"],
        },
      },
      topicArn: topic.arn,
      message: "Execution <execution> ended: <status>",
      values: { execution: "$.detail.executionArn", status: "$.detail.status" },
    },
    below,
  );
  return topic;
}
