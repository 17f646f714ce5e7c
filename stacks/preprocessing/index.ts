// Preprocessing: a script of a user, run by itself in a container on Fargate. See docs/preprocessing.md.
import { join } from "node:path";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { executionStatements as startStatements } from "../../components/batch/execution.js";
import { Network } from "../../components/ec2/network.js";
import { ImageRepository } from "../../components/ecr/repository.js";
import { FargateTaskDefinition } from "../../components/ecs/fargate-task-definition.js";
import { TaskCluster } from "../../components/ecs/task-cluster.js";
import type { Statement } from "../../components/iam/policy.js";
import { ServiceRole } from "../../components/iam/role.js";
import { JobImage } from "../../components/image/image.js";
import { NodeFunction } from "../../components/lambda/node-function.js";
import { DataBucket } from "../../components/s3/data-bucket.js";
import { StateMachine } from "../../components/sfn/state-machine.js";
import { checkAccount, type StackContext } from "../context.js";
import { jobsFolder } from "../paths.js";
import { openScope, type Scope } from "../scope.js";
import { type PreprocessingNames, preprocessingNames } from "./names.js";
import { checkStatements, executionStatements, summaryStatements, taskStatements } from "./permissions.js";
import { type PreprocessingSettings, preprocessingSettings } from "./settings.js";
import { workflow } from "./workflow.js";

/** The container's name in the task definition, and in its log streams. */
const CONTAINER = "preprocessing";

/** Deploys the pipeline. @throws when settings are wrong or the account is not the environment's */
export function deployPreprocessing(context: StackContext): Record<string, pulumi.Output<unknown>> {
  const settings = preprocessingSettings(context.config);
  checkAccount(context, settings.allowedAccountIds, "crucible:preprocessing.allowedAccountIds");
  const scope: Pipeline = {
    ...openScope("preprocessing", "test-preprocessing", context, settings),
    called: preprocessingNames(context.config),
  };
  const { called, child, below } = scope;
  const bucket = new DataBucket(
    child("data"),
    { name: called.bucket, removal: settings.removal, oldVersionsDays: settings.storage.oldVersionsDays },
    below,
  );
  const repository = new ImageRepository(
    child("images"),
    { name: called.repository, keepImages: settings.storage.keepImages, removal: settings.removal },
    below,
  );
  const network = new Network(
    child("network"),
    {
      name: called.network,
      region: settings.region,
      securityGroupName: called.of("task"),
      gatewayServices: ["s3"],
      interfaceServices: ["ecr.api", "ecr.dkr", "logs"],
      ...settings.network,
    },
    below,
  );
  const cluster = new TaskCluster(
    child("cluster"),
    { name: called.cluster, containerInsights: settings.containerInsights },
    below,
  );
  const task = createTask(scope, bucket, repository);
  const check = createFunction(
    scope,
    "check-input",
    "Is there all that a run needs?",
    bucket,
    checkStatements(bucket.arn),
  );
  const summary = createFunction(
    scope,
    "summarize-result",
    "What did the run give?",
    bucket,
    summaryStatements(bucket.arn),
  );
  const stateMachine = new StateMachine(
    child("workflow"),
    {
      name: called.stateMachine,
      roleName: called.of("stepfunctions-role"),
      account: context.account,
      logLevel: settings.logs.executions,
      logRetentionDays: settings.logs.retentionDays,
      statements: executionStatements({
        functions: [check.arn, summary.arn],
        cluster: cluster.arn,
        taskDefinition: task.definition.arnPrefix,
        tasks: scope.arn("ecs", `task/${called.cluster}`),
        roles: task.roles.map(({ arn }) => arn),
        eventsRule: scope.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule"),
      }),
      definition: workflow({
        checkFunctionArn: check.arn,
        summaryFunctionArn: summary.arn,
        clusterArn: cluster.arn,
        taskDefinitionArn: task.definition.arn,
        containerName: CONTAINER,
        logGroup: task.logGroup.name,
        subnetIds: network.privateSubnetIds,
        securityGroupIds: [network.securityGroupId],
        scriptTimeoutSeconds: settings.scriptTimeoutSeconds,
      }),
    },
    below,
  );
  return {
    PreprocessingBucketName: bucket.name,
    PreprocessingRepositoryURI: repository.repositoryUrl,
    PreprocessingClusterName: cluster.name,
    PreprocessingTaskDefinitionARN: task.definition.arn,
    PreprocessingLogGroupName: task.logGroup.name,
    PreprocessingCheckLogGroupName: check.logGroupName,
    PreprocessingStateMachineARN: stateMachine.arn,
  };
}

interface Pipeline extends Scope<PreprocessingSettings> {
  /** The pipeline's own names, which are its users'. */
  called: PreprocessingNames;
}

/** What tasks are: image, roles, log and definition. */
function createTask(scope: Pipeline, bucket: DataBucket, repository: ImageRepository) {
  const { settings, context, called, child, below } = scope;
  const { region, container } = settings;
  const logGroup = new LogGroup(
    child("log"),
    { name: called.logGroup, retentionInDays: settings.logs.retentionDays },
    below,
  );
  const createRole = (what: string, description: string, statements: Statement[]) =>
    new ServiceRole(
      child(what),
      { name: called.of(what), description, service: "ecs-tasks.amazonaws.com", account: context.account, statements },
      below,
    );
  const taskRole = createRole("task-role", "What the container may do", taskStatements(bucket.arn));
  const executionRole = createRole(
    "execution-role",
    "Starting the container",
    startStatements({ repository: repository.arn, logGroup: logGroup.arn, secrets: [] }),
  );
  const image = new JobImage(
    child("image"),
    { folder: jobsFolder("preprocessing"), repository, region, publish: context.config.image },
    below,
  );
  const definition = new FargateTaskDefinition(
    child("task"),
    {
      family: called.task,
      containerName: CONTAINER,
      // After it was published, so that the first task finds it.
      image: image.uri.apply((uri) => `${uri.slice(0, uri.lastIndexOf(":"))}:${container.imageTag}`),
      size: settings.task,
      ...(container.memoryLimitMiB !== undefined && { memoryLimitMiB: container.memoryLimitMiB }),
      environment: {
        AWS_REGION: region,
        DATA_URL: pulumi.interpolate`s3://${bucket.name}`,
        SCRIPT_TIMEOUT_SECONDS: String(settings.scriptTimeoutSeconds),
      },
      log: { group: logGroup.name, region, streamPrefix: CONTAINER },
      taskRoleArn: taskRole.arn,
      executionRoleArn: executionRole.arn,
    },
    below,
  );
  return { definition, logGroup, roles: [taskRole, executionRole] };
}

function createFunction(
  scope: Pipeline,
  what: string,
  description: string,
  bucket: DataBucket,
  statements: Statement[],
): NodeFunction {
  const { called, settings, child, below } = scope;
  return new NodeFunction(
    child(what),
    {
      name: called.of(what),
      description,
      entry: join(jobsFolder("preprocessing"), "functions", `${what}.ts`),
      roleName: called.of(`${what}-role`),
      statements,
      environment: { BUCKET: bucket.name },
      logRetentionDays: settings.logs.retentionDays,
    },
    below,
  );
}
