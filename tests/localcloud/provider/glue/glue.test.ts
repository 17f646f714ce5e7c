import assert from "node:assert/strict";
import {
  DeletePartitionCommand,
  GetCrawlersCommand,
  GetDatabasesCommand,
  GetJobCommand,
  GetJobsCommand,
  GetSecurityConfigurationsCommand,
  GetTableVersionsCommand,
  GetTriggersCommand,
  GlueClient,
  ListWorkflowsCommand,
  StopTriggerCommand,
  TagResourceCommand,
  UpdateCrawlerCommand,
  UpdateDatabaseCommand,
  UpdateJobCommand,
  UpdateWorkflowCommand,
} from "@aws-sdk/client-glue";
import { CatalogDatabase } from "@pulumi/aws/glue/catalogDatabase.js";
import { CatalogTable } from "@pulumi/aws/glue/catalogTable.js";
import { Crawler } from "@pulumi/aws/glue/crawler.js";
import { Job } from "@pulumi/aws/glue/job.js";
import { Partition } from "@pulumi/aws/glue/partition.js";
import { SecurityConfiguration } from "@pulumi/aws/glue/securityConfiguration.js";
import { Trigger } from "@pulumi/aws/glue/trigger.js";
import { Workflow } from "@pulumi/aws/glue/workflow.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { type Life, testLives } from "../lifecycle.js";
import { arn, by, type Others, steady } from "../versions.js";

const nameOf = (others: Others, name: string) => (others[name] as CatalogDatabase).name;
const parquet = {
  inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
  outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
  serDeInfo: {
    serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    parameters: { "serialization.format": "1" },
  },
};

const lives: Life[] = [
  {
    name: "role",
    ...steady,
    declare: (_version, options) =>
      new Role(
        "role",
        {
          name: "glue",
          assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" }],
          }),
        },
        options,
      ),
  },
  {
    name: "database",
    declare: (version, options) =>
      new CatalogDatabase(
        "database",
        {
          name: by(version, "analytics", "analytics", "analytics_2"),
          description: by(version, "first", "second"),
          parameters: by<Record<string, string>>(version, { a: "1" }, { b: "2" }),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.arn), /^arn:aws:glue:eu-central-1:\d{12}:database\/analytics$/),
    },
    disturb: async (_id, { client }) => {
      const DatabaseInput = { Name: "analytics", Description: "else" };
      await new GlueClient(client).send(new UpdateDatabaseCommand({ Name: "analytics", DatabaseInput }));
    },
  },
  {
    name: "table",
    declare: (version, options, others) =>
      new CatalogTable(
        "table",
        {
          name: "messages",
          databaseName: nameOf(others, "database"),
          tableType: "EXTERNAL_TABLE",
          parameters: { classification: "parquet", owner: by(version, "a", "b") },
          partitionKeys: [{ name: "day", type: "string" }],
          storageDescriptor: {
            ...parquet,
            location: "s3://bucket/messages/",
            columns: by(
              version,
              [{ name: "id", type: "bigint" }],
              [
                { name: "id", type: "bigint" },
                { name: "text", type: "string", comment: "what was said" },
              ],
            ),
          },
        },
        options,
      ),
    verify: {
      updated: async (id, { client }) => {
        const [, DatabaseName, TableName] = id.split(":");
        const { TableVersions } = await new GlueClient(client).send(
          new GetTableVersionsCommand({ DatabaseName, TableName }),
        );
        assert.equal(TableVersions?.length, 2);
      },
    },
  },
  {
    name: "partition",
    declare: (version, options, others) =>
      new Partition(
        "partition",
        {
          databaseName: nameOf(others, "database"),
          tableName: nameOf(others, "table"),
          partitionValues: ["2026-01-01"],
          parameters: { rows: by(version, "1", "2") },
          storageDescriptor: {
            ...parquet,
            location: "s3://bucket/messages/day=2026-01-01/",
            columns: [{ name: "id", type: "bigint" }],
          },
        },
        options,
      ),
    drifting: ["lastAccessedTime"],
    disturb: async (_id, { client }, { databaseName, tableName, partitionValues }) => {
      await new GlueClient(client).send(
        new DeletePartitionCommand({
          DatabaseName: String(databaseName),
          TableName: String(tableName),
          PartitionValues: partitionValues as string[],
        }),
      );
    },
  },
  {
    name: "job",
    declare: (version, options, others) =>
      new Job(
        "job",
        {
          name: by(version, "convert", "convert", "convert-2"),
          roleArn: arn(others, "role"),
          glueVersion: "4.0",
          workerType: "G.1X",
          numberOfWorkers: by(version, 2, 3),
          timeout: by(version, 60, 30),
          maxRetries: by(version, 1, 0),
          command: { scriptLocation: "s3://bucket/script.py", pythonVersion: "3" },
          defaultArguments: { "--source": "a", "--target": by(version, "b", "c") },
          executionProperty: { maxConcurrentRuns: by(version, 1, 2) },
          tags: by<Record<string, string>>(version, { a: "1" }, { b: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.equal(outputs.maxCapacity, 2);
        assert.equal((outputs.command as { name: string }).name, "glueetl");
      },
    },
    verify: {
      updated: async (JobName, { client }) => {
        const { Job: found } = await new GlueClient(client).send(new GetJobCommand({ JobName }));
        assert.deepEqual([found?.NumberOfWorkers, found?.Timeout, found?.DefaultArguments?.["--target"]], [3, 30, "c"]);
      },
    },
    disturb: async (JobName, { client, account }) => {
      const Role = `arn:aws:iam::${account}:role/glue`;
      const JobUpdate = { Role, Command: { Name: "glueetl", ScriptLocation: "s3://bucket/other.py" } };
      await new GlueClient(client).send(new UpdateJobCommand({ JobName, JobUpdate }));
    },
  },
  {
    name: "shell",
    ...steady,
    declare: (_version, options, others) =>
      new Job(
        "shell",
        {
          name: "shell",
          roleArn: arn(others, "role"),
          maxCapacity: 0.0625,
          command: { name: "pythonshell", scriptLocation: "s3://bucket/script.py", pythonVersion: "3.9" },
        },
        options,
      ),
    outputs: { created: (outputs) => assert.equal(outputs.timeout, 2880) },
  },
  {
    name: "crawler",
    declare: (version, options, others) =>
      new Crawler(
        "crawler",
        {
          name: "curated",
          databaseName: nameOf(others, "database"),
          role: arn(others, "role"),
          tablePrefix: by(version, "a_", undefined),
          schedule: by(version, "cron(0 4 * * ? *)", undefined),
          s3Targets: [{ path: "s3://bucket/curated", exclusions: by(version, ["**.tmp"], undefined) }],
          schemaChangePolicy: { deleteBehavior: by(version, "LOG", "DELETE_FROM_DATABASE") },
          configuration: JSON.stringify({ Version: 1, Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" } }),
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    disturb: async (Name, { client }) => {
      await new GlueClient(client).send(new UpdateCrawlerCommand({ Name, Description: "else" }));
    },
  },
  {
    name: "workflow",
    declare: (version, options) =>
      new Workflow(
        "workflow",
        {
          name: by(version, "daily", "daily", "daily-2"),
          description: by(version, "first", undefined),
          defaultRunProperties: by<Record<string, string>>(version, { mode: "full" }, { mode: "part", days: "3" }),
          maxConcurrentRuns: by(version, 1, 2),
          tags: by(version, { a: "1" }, { a: "2" }),
        },
        options,
      ),
    disturb: async (Name, { client }) => {
      await new GlueClient(client).send(new UpdateWorkflowCommand({ Name, DefaultRunProperties: { mode: "else" } }));
    },
  },
  {
    name: "start",
    declare: (version, options, others) =>
      new Trigger(
        "start",
        {
          name: by(version, "start", "start", "start-2"),
          type: "ON_DEMAND",
          workflowName: nameOf(others, "workflow"),
          actions: [{ jobName: nameOf(others, "job"), arguments: { "--by": by(version, "a", "b") } }],
        },
        options,
      ),
    outputs: { created: (outputs) => assert.deepEqual([outputs.enabled, outputs.state], [true, "CREATED"]) },
    disturb: async (_id, { client }, outputs) => {
      const request = { ResourceArn: String(outputs.arn), TagsToAdd: { intruder: "1" } };
      await new GlueClient(client).send(new TagResourceCommand(request));
    },
  },
  {
    name: "then",
    declare: (version, options, others) =>
      new Trigger(
        "then",
        {
          name: by(version, "then", "then", "then-2"),
          type: "CONDITIONAL",
          description: by(version, "a", "b"),
          workflowName: nameOf(others, "workflow"),
          predicate: { conditions: [{ jobName: nameOf(others, "job"), state: "SUCCEEDED" }] },
          actions: [{ crawlerName: nameOf(others, "crawler") }],
        },
        options,
      ),
    outputs: { created: (outputs) => assert.equal(outputs.state, "ACTIVATED") },
    disturb: async (Name, { client }) => {
      await new GlueClient(client).send(new StopTriggerCommand({ Name }));
    },
  },
  {
    name: "nightly",
    declare: (version, options, others) =>
      new Trigger(
        "nightly",
        {
          name: by(version, "nightly", "nightly", "nightly-2"),
          type: "SCHEDULED",
          schedule: by(version, "cron(0 4 * * ? *)", "cron(0 5 * * ? *)"),
          enabled: by(version, true, false),
          actions: [{ jobName: nameOf(others, "shell") }],
        },
        options,
      ),
  },
  {
    name: "security",
    updated: "same",
    declare: (version, options) =>
      new SecurityConfiguration(
        "security",
        {
          name: "security",
          encryptionConfiguration: {
            cloudwatchEncryption: { cloudwatchEncryptionMode: "DISABLED" },
            jobBookmarksEncryption: { jobBookmarksEncryptionMode: "DISABLED" },
            s3Encryption: { s3EncryptionMode: by(version, "SSE-S3", "SSE-S3", "DISABLED") },
          },
        },
        options,
      ),
  },
];

testLives("provider: glue", lives, async ({ client }) => {
  const glue = new GlueClient(client);
  const [databases, jobs, crawlers, triggers, workflows, configurations] = await Promise.all([
    glue.send(new GetDatabasesCommand({})),
    glue.send(new GetJobsCommand({})),
    glue.send(new GetCrawlersCommand({})),
    glue.send(new GetTriggersCommand({})),
    glue.send(new ListWorkflowsCommand({})),
    glue.send(new GetSecurityConfigurationsCommand({})),
  ]);
  const named: { Name?: string }[] = [
    ...(databases.DatabaseList ?? []),
    ...(jobs.Jobs ?? []),
    ...(crawlers.Crawlers ?? []),
    ...(triggers.Triggers ?? []),
    ...(configurations.SecurityConfigurations ?? []),
  ];
  return [...named.map(({ Name = "" }) => Name), ...(workflows.Workflows ?? [])];
});
