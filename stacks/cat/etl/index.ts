// cat-etl (ETL-2): CSV of conversations becomes Parquet, tables, and answers. See docs/cat.md.
import { join } from "node:path";
import { CatalogDatabase } from "@pulumi/aws/glue/catalogDatabase.js";
import { BucketNotification } from "@pulumi/aws/s3/bucketNotification.js";
import * as pulumi from "@pulumi/pulumi";
import { QueryWorkgroup } from "../../../components/athena/query-workgroup.js";
import { TableCrawler } from "../../../components/glue/crawler.js";
import { ParquetTable } from "../../../components/glue/parquet-table.js";
import { SparkJob } from "../../../components/glue/spark-job.js";
import { StateMachine } from "../../../components/sfn/state-machine.js";
import type { StackContext } from "../../context.js";
import { jobsFolder } from "../../paths.js";
import { type CatScope, catScope } from "../scope.js";
import { dataBucket } from "./data-bucket.js";
import { monitor } from "./monitoring.js";
import { executionStatements, jobStatements } from "./permissions.js";
import { QUERIES } from "./queries.js";
import { trigger } from "./trigger.js";
import { workflow } from "./workflow.js";

/** Where the job's script lies in the bucket. */
const SCRIPTS = "scripts/etl-process2/";
/** The quarantine's columns: what the job writes of a row that it could not take. */
const QUARANTINE = {
  report_date: "string",
  reason: "string",
  conversation_id: "string",
  message_id: "string",
  record: "string",
  source_file: "string",
};

/** Deploys the second half. @throws when settings are wrong, there is no bucket, or the account is not the environment's */
export async function deployEtl(context: StackContext): Promise<Record<string, pulumi.Output<unknown>>> {
  const scope = catScope(context);
  const { called, child } = scope;
  const { etl, removal } = scope.settings;
  const parts = scope.parts("ETL-2");
  const workflowName = called.of("etl2-workflow");
  const bucket = await dataBucket(scope);
  // Of a bucket that is somebody else's, its notifications are too.
  const notification = bucket.isForeign
    ? undefined
    : new BucketNotification(
        child("reports-events"),
        { bucket: bucket.name, eventbridge: true },
        parts("ORCHESTRATION"),
      );
  const database = new CatalogDatabase(
    child("database"),
    { name: called.database, description: "Conversations as they were exported, message by message" },
    parts("CATALOG"),
  );
  new ParquetTable(
    child("quarantine"),
    {
      name: "quarantine",
      description: "Rows of exports that could not be taken, with the reason",
      database: database.name,
      location: { bucket: bucket.name, prefix: `${etl.curatedPrefix}quarantine/` },
      columns: QUARANTINE,
    },
    parts("CATALOG"),
  );
  const job = createJob(scope, bucket);
  const crawler = new TableCrawler(
    child("crawler"),
    {
      name: called.crawler,
      description: `Keeps the table messages of ${called.database} as its files are`,
      database: database.name,
      bucket: bucket.name,
      prefixes: [`${etl.curatedPrefix}messages/`],
      roleName: called.of("crawler-role"),
      account: context.account,
      partition: context.partition,
      region: scope.settings.region,
    },
    parts("CATALOG"),
  );
  const workgroup = new QueryWorkgroup(
    child("workgroup"),
    {
      name: called.workGroup,
      description: "Questions about conversations",
      results: { bucket: bucket.name, prefix: etl.athenaResultsPrefix },
      bytesScannedCutoff: etl.athena.bytesScannedCutoffGiB * 2 ** 30,
      database: database.name,
      queries: QUERIES,
      removal,
    },
    parts("ANALYTICS"),
  );
  const topic = monitor(scope, workflowName);
  const stateMachine = new StateMachine(
    child("etl"),
    {
      name: workflowName,
      roleName: called.of("etl2-workflow-role"),
      account: context.account,
      logLevel: etl.workflow.logLevel,
      logRetentionDays: scope.settings.logs.retentionDays,
      statements: executionStatements(
        { bucket: bucket.arn, job: job.arn, crawler: crawler.arn, topic: topic.arn },
        etl,
      ),
      definition: workflow({
        name: workflowName,
        bucket: bucket.name,
        cleanPrefix: etl.cleanPrefix,
        curatedPrefix: etl.curatedPrefix,
        jobName: job.name,
        crawlerName: crawler.name,
        topicArn: topic.arn,
        jobTimeoutSeconds: etl.glue.timeoutMinutes * 60,
        pollSeconds: etl.workflow.pollSeconds,
        attemptsMore: etl.workflow.attemptsMore,
      }),
    },
    parts("ORCHESTRATION"),
  );
  const rule = trigger(scope, bucket, stateMachine, topic);
  return {
    CatDataBucketName: bucket.name,
    CatGlueJobName: job.name,
    CatCrawlerName: crawler.name,
    CatDatabaseName: database.name,
    CatWorkGroupName: workgroup.name,
    CatEtlAlertsTopicARN: topic.arn,
    // Known when events come, so that whoever waits for the stack loses none.
    CatEtlStateMachineARN: pulumi.all([stateMachine.arn, rule.ruleName, notification?.id]).apply(([arn]) => arn),
  };
}

function createJob(scope: CatScope, bucket: { name: pulumi.Output<string>; arn: pulumi.Output<string> }): SparkJob {
  const { called, child, context, settings } = scope;
  const { etl } = settings;
  return new SparkJob(
    child("etl2-parquet"),
    {
      name: called.job,
      description: "CSV of conversations to Parquet of messages, a day at a time",
      script: join(jobsFolder("cat"), "etl", "etl_process2.py"),
      scripts: { bucket: bucket.name, prefix: SCRIPTS },
      roleName: called.of("etl2-job-role"),
      account: context.account,
      partition: context.partition,
      region: settings.region,
      statements: jobStatements(bucket.arn, etl),
      parameters: {
        bucket: bucket.name,
        clean_prefix: etl.cleanPrefix,
        curated_prefix: etl.curatedPrefix,
        date: "all",
        reload: "false",
      },
      glueVersion: etl.glue.version,
      workerType: etl.glue.workerType,
      numberOfWorkers: etl.glue.numberOfWorkers,
      timeoutMinutes: etl.glue.timeoutMinutes,
    },
    scope.parts("ETL-2")("COMPUTE"),
  );
}
