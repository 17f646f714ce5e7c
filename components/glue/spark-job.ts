// SparkJob: a Glue job on Spark whose script lies in the house, with its modules and its role.
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Job, type JobArgs } from "@pulumi/aws/glue/job.js";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { Statement } from "../iam/policy.js";
import { ServiceRole } from "../iam/role.js";

export interface SparkJobArgs {
  /** Name of the job, up to 255 characters. */
  name: string;
  /** What it does, for whoever finds it in the account. */
  description: string;
  /** Absolute path of the script. The other Python files of its folder are the modules that it imports. */
  script: string;
  /** Where script and modules are put. The prefix ends in a slash. */
  scripts: { bucket: pulumi.Input<string>; prefix: string };
  /** Name of the role that runs act with. */
  roleName: string;
  /** The account; runs act for it alone. */
  account: string;
  /** e.g. `aws`. */
  partition: string;
  region: string;
  /** What runs may do, besides reading the script and writing log and metrics. */
  statements: readonly Statement[];
  /** Parameters of the script, without dashes; a run may have others. @default {} */
  parameters?: Record<string, pulumi.Input<string>>;
  /** e.g. `4.0`. */
  glueVersion: string;
  /** e.g. `G.1X`. */
  workerType: string;
  /** At least 2: the driver is one of them. */
  numberOfWorkers: number;
  /** How long a run may take, minutes. */
  timeoutMinutes: number;
  /** How many runs there may be at once; one more is refused with ConcurrentRunsExceededException. @default 1 */
  maxConcurrentRuns?: number;
  transform?: { job?: Transform<JobArgs> };
}

/** Where runs without a log group of their own write ("Logging behavior", AWS Glue Developer Guide). */
const LOG_GROUPS = "/aws-glue/jobs/*";

export class SparkJob extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;
  readonly nodes: { job: Job; role: ServiceRole; files: BucketObjectv2[] };

  constructor(name: string, args: SparkJobArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:glue:SparkJob", name, {}, options);
    const { bucket, prefix } = args.scripts;
    const role = new ServiceRole(
      `${name}-role`,
      {
        name: args.roleName,
        description: `Runs of the Glue job ${args.name}`,
        service: "glue.amazonaws.com",
        account: args.account,
        statements: [...args.statements, ...runStatements(args)],
      },
      { parent: this },
    );
    const [script, ...modules] = sourcesOf(args.script).map((file) => ({
      name: file,
      object: new BucketObjectv2(
        `${name}-${file.replace(/\.py$/, "")}`,
        {
          bucket,
          key: `${prefix}${file}`,
          source: new pulumi.asset.FileAsset(join(dirname(args.script), file)),
          contentType: "text/x-python",
        },
        { parent: this },
      ),
    }));
    const url = (file = "") => pulumi.interpolate`s3://${bucket}/${prefix}${file}`;
    const files = [...(script ? [script] : []), ...modules].map(({ object }) => object);
    const job = new Job(
      ...transformed<JobArgs>(
        args.transform?.job,
        name,
        {
          name: args.name,
          description: args.description,
          roleArn: role.arn,
          glueVersion: args.glueVersion,
          command: { name: "glueetl", pythonVersion: "3", scriptLocation: url(script?.name) },
          workerType: args.workerType,
          numberOfWorkers: args.numberOfWorkers,
          timeout: args.timeoutMinutes,
          maxRetries: 0,
          executionProperty: { maxConcurrentRuns: args.maxConcurrentRuns ?? 1 },
          defaultArguments: {
            "--enable-metrics": "true",
            "--job-bookmark-option": "job-bookmark-disable",
            ...(modules.length > 0 && {
              "--extra-py-files": pulumi.all(modules.map((module) => url(module.name))).apply((all) => all.join(",")),
            }),
            ...Object.fromEntries(Object.entries(args.parameters ?? {}).map(([key, value]) => [`--${key}`, value])),
          },
        },
        { parent: this, dependsOn: files },
      ),
    );
    this.nodes = { job, role, files };
    this.name = job.name;
    this.arn = job.arn;
    this.roleArn = role.arn;
    this.registerOutputs({ name: this.name, arn: this.arn, roleArn: this.roleArn });
  }
}

/** Names of the script and, after it, of its modules in order. */
function sourcesOf(script: string): string[] {
  const main = basename(script);
  const others = readdirSync(dirname(script)).filter((file) => file.endsWith(".py") && file !== main);
  return [main, ...others.sort()];
}

function runStatements({ scripts, partition, region, account }: SparkJobArgs): Statement[] {
  return [
    {
      sid: "ReadScripts",
      actions: ["s3:GetObject"],
      resources: [pulumi.interpolate`arn:${partition}:s3:::${scripts.bucket}/${scripts.prefix}*`],
    },
    {
      sid: "WriteLog",
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`arn:${partition}:logs:${region}:${account}:log-group:${LOG_GROUPS}`],
    },
    {
      sid: "WriteMetrics",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: { StringEquals: { "cloudwatch:namespace": "Glue" } },
    },
  ];
}
