// cat-normalize (ETL-1): the conversations of a table as CSV files, a folder for each day. See docs/cat.md.
import { join } from "node:path";
import { FunctionRecursionConfig } from "@pulumi/aws/lambda/functionRecursionConfig.js";
import type * as pulumi from "@pulumi/pulumi";
import { Alarm } from "../../../components/cloudwatch/alarm.js";
import { OnDemandTable } from "../../../components/dynamodb/table.js";
import { FunctionSchedule } from "../../../components/events/function-schedule.js";
import { NodeFunction } from "../../../components/lambda/node-function.js";
import { NodeLayer } from "../../../components/lambda/node-layer.js";
import { DataBucket } from "../../../components/s3/data-bucket.js";
import { AlertTopic } from "../../../components/sns/alert-topic.js";
import type { StackContext } from "../../context.js";
import { jobsFolder } from "../../paths.js";
import { catScope } from "../scope.js";
import { PROJECT_ID } from "../tags.js";
import { normalizeStatements } from "./permissions.js";

/** What the function stands on; the layer pins the versions. */
const PACKAGES = ["@aws-sdk/client-dynamodb", "@aws-sdk/client-lambda", "@aws-sdk/client-s3", "zod"];

/** Deploys the first half. @throws when settings are wrong or the account is not the environment's */
export function deployNormalize(context: StackContext): Record<string, pulumi.Output<unknown>> {
  const scope = catScope(context);
  const { called, child, arn } = scope;
  const { normalize, etl, removal, logs } = scope.settings;
  const parts = scope.parts("ETL-1");
  const bucket = new DataBucket(
    child("reports"),
    {
      name: called.bucket,
      removal,
      oldVersionsDays: normalize.lifecycle.enabled ? normalize.lifecycle.noncurrentVersionExpiration : "forever",
      // Of runs that were given up. The function gives one up after three days.
      tidying: [{ prefix: `${etl.cleanPrefix}_staging/`, expireAfterDays: 7 }],
    },
    parts("STORAGE"),
  );
  const table = normalize.createTable
    ? new OnDemandTable(
        child("conversations"),
        { name: called.table, partitionKey: "conversationId", removal },
        parts("STORAGE"),
      )
    : undefined;
  const folder = join(jobsFolder("cat"), "normalize");
  const layer = new NodeLayer(
    child("normalize-dependencies"),
    {
      name: called.of("normalize-dependencies"),
      description: `What ${called.normalize} stands on`,
      packages: PACKAGES,
      from: folder,
    },
    parts("COMPUTE"),
  );
  const lambda = new NodeFunction(
    child("normalize"),
    {
      name: called.normalize,
      description: "Conversations of the table as CSV files of the day",
      entry: join(folder, "handler.ts"),
      roleName: called.of("lambda-normalize-role"),
      statements: normalizeStatements({
        bucket: bucket.arn,
        prefix: etl.cleanPrefix,
        table: arn("dynamodb", `table/${called.table}`),
        // Its own ARN cannot be an output of what needs it to exist.
        self: arn("lambda", `function:${called.normalize}`),
      }),
      environment: {
        S3_BUCKET_NAME: bucket.name,
        DYNAMODB_TABLE_NAME: table?.name ?? called.table,
        PROJECT_ID,
        ENVIRONMENT: context.config.environment,
        CLIENT: normalize.client,
        REPORTS_PREFIX: etl.cleanPrefix,
        SCAN_SEGMENTS: String(normalize.scan.segments),
        FILE_MIB: String(normalize.scan.fileMiB),
      },
      memoryMiB: normalize.lambda.memorySize,
      timeoutSeconds: normalize.lambda.timeout,
      logRetentionDays: logs.retentionDays,
      layers: [layer.arn],
      external: layer.packages,
    },
    parts("COMPUTE"),
  );
  // A long scan is a chain of invocations, which Lambda would stop after 16 ("Lambda recursive loop detection").
  new FunctionRecursionConfig(
    child("normalize-chain"),
    { functionName: lambda.name, recursiveLoop: "Allow" },
    parts("COMPUTE"),
  );
  new FunctionSchedule(
    child("normalize-daily"),
    {
      name: called.of("normalize-daily"),
      description: `Invokes ${called.normalize} every day`,
      expression: normalize.schedule.cronExpression,
      enabled: normalize.schedule.enabled,
      functionName: lambda.name,
      functionArn: lambda.arn,
    },
    parts("ORCHESTRATION"),
  );
  const topic = new AlertTopic(
    child("normalize-alerts"),
    { name: called.of("normalize-alerts"), account: context.account, emails: normalize.emails },
    parts("ORCHESTRATION"),
  );
  new Alarm(
    child("normalize-errors"),
    {
      name: called.of("normalize-errors"),
      description: `An invocation of ${called.normalize} failed. Its log says why; invoked again it goes on where it was.`,
      metric: { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: lambda.name } },
      statistic: "Sum",
      threshold: 1,
      topicArn: topic.arn,
    },
    parts("ORCHESTRATION"),
  );
  return {
    CatBucketName: bucket.name,
    CatNormalizeFunctionName: lambda.name,
    CatNormalizeLogGroupName: lambda.logGroupName,
    CatNormalizeAlertsTopicARN: topic.arn,
    CatConversationsTableName: table?.name ?? bucket.name.apply(() => called.table),
  };
}
