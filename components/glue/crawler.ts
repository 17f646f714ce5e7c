// TableCrawler: keeps tables of a database as the files below its paths are, columns that come with time included.
import { Crawler, type CrawlerArgs } from "@pulumi/aws/glue/crawler.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { Statement } from "../iam/policy.js";
import { ServiceRole } from "../iam/role.js";

export interface TableCrawlerArgs {
  /** Name of the crawler, up to 255 characters. */
  name: string;
  /** For whoever finds it in the account. */
  description: string;
  /** Name of the database that its tables are in. */
  database: pulumi.Input<string>;
  bucket: pulumi.Input<string>;
  /** Each is a table, named after its last folder; folders below, `name=value`, are its partitions. They end in a slash. */
  prefixes: readonly string[];
  /** Name of the role that it acts with. */
  roleName: string;
  /** The account; the crawler acts for it alone. */
  account: string;
  /** e.g. `aws`. */
  partition: string;
  region: string;
  transform?: { crawler?: Transform<CrawlerArgs> };
}

/**
 * One table for a path however its files differ; a column that is found once stays, though a later file has none of it; partitions
 * have the table's columns ("Setting crawler configuration options", AWS Glue Developer Guide).
 */
const CONFIGURATION = {
  Version: 1.0,
  CrawlerOutput: {
    Partitions: { AddOrUpdateBehavior: "InheritFromTable" },
    Tables: { AddOrUpdateBehavior: "MergeNewColumns" },
  },
  Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" },
};

export class TableCrawler extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { crawler: Crawler; role: ServiceRole };

  constructor(name: string, args: TableCrawlerArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:glue:TableCrawler", name, {}, options);
    const role = new ServiceRole(
      `${name}-role`,
      {
        name: args.roleName,
        description: `The Glue crawler ${args.name}`,
        service: "glue.amazonaws.com",
        account: args.account,
        statements: crawlStatements(args),
      },
      { parent: this },
    );
    const crawler = new Crawler(
      ...transformed<CrawlerArgs>(
        args.transform?.crawler,
        name,
        {
          name: args.name,
          description: args.description,
          databaseName: args.database,
          role: role.arn,
          s3Targets: args.prefixes.map((prefix) => ({ path: pulumi.interpolate`s3://${args.bucket}/${prefix}` })),
          schemaChangePolicy: { updateBehavior: "UPDATE_IN_DATABASE", deleteBehavior: "DEPRECATE_IN_DATABASE" },
          recrawlPolicy: { recrawlBehavior: "CRAWL_EVERYTHING" },
          configuration: JSON.stringify(CONFIGURATION),
        },
        { parent: this },
      ),
    );
    this.nodes = { crawler, role };
    this.name = crawler.name;
    this.arn = crawler.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}

/** Reading its files, and writing the tables of its one database. */
function crawlStatements({ bucket, prefixes, database, account, partition, region }: TableCrawlerArgs): Statement[] {
  const bucketArn = pulumi.interpolate`arn:${partition}:s3:::${bucket}`;
  const catalog = `arn:${partition}:glue:${region}:${account}`;
  return [
    {
      sid: "ListFiles",
      actions: ["s3:ListBucket"],
      resources: [bucketArn],
      conditions: { StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) } },
    },
    {
      sid: "ReadFiles",
      actions: ["s3:GetObject"],
      resources: prefixes.map((prefix) => pulumi.interpolate`${bucketArn}/${prefix}*`),
    },
    {
      sid: "KeepTables",
      actions: [
        "glue:BatchCreatePartition",
        "glue:BatchDeletePartition",
        "glue:BatchGetPartition",
        "glue:BatchUpdatePartition",
        "glue:CreatePartition",
        "glue:CreateTable",
        "glue:DeletePartition",
        "glue:GetDatabase",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:GetTables",
        "glue:UpdatePartition",
        "glue:UpdateTable",
      ],
      resources: [
        `${catalog}:catalog`,
        pulumi.interpolate`${catalog}:database/${database}`,
        pulumi.interpolate`${catalog}:table/${database}/*`,
      ],
    },
    {
      sid: "WriteLog",
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`arn:${partition}:logs:${region}:${account}:log-group:/aws-glue/crawlers*`],
    },
  ];
}
