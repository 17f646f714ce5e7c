// Who may do what in the ETL: the statements of each role, from ARNs.
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Statement } from "../../../components/iam/policy.js";

type Arn = Input<string>;

/** Prefixes of the bucket, each with a slash at its end. */
export interface Places {
  cleanPrefix: string;
  curatedPrefix: string;
}

function list(bucket: Arn, ...prefixes: string[]): Statement {
  return {
    sid: "List",
    actions: ["s3:ListBucket"],
    resources: [bucket],
    conditions: { StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) } },
  };
}

/** The job: reads CSV and manifests, owns all that it writes. Hadoop looks at folders above a file, which list like files. */
export function jobStatements(bucket: Arn, { cleanPrefix, curatedPrefix }: Places): Statement[] {
  return [
    list(bucket, cleanPrefix, curatedPrefix),
    { sid: "ReadFiles", actions: ["s3:GetObject"], resources: [interpolate`${bucket}/${cleanPrefix}*`] },
    {
      sid: "WriteTables",
      actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [interpolate`${bucket}/${curatedPrefix}*`],
    },
  ];
}

/**
 * Executions. Waiting for a run (`.sync`) takes more than starting it: to follow it, and to stop it when the execution ends ("Start an
 * AWS Glue job with Step Functions").
 */
export function executionStatements(
  arns: { bucket: Arn; job: Arn; crawler: Arn; topic: Arn },
  { curatedPrefix }: Places,
): Statement[] {
  const records = ["_loads/", "_runs/"].map((folder) => `${curatedPrefix}${folder}`);
  return [
    {
      sid: "RunJob",
      actions: ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"],
      resources: [arns.job],
    },
    { sid: "RunCrawler", actions: ["glue:GetCrawler", "glue:StartCrawler"], resources: [arns.crawler] },
    // Without it an object that is not there is denied instead of missing.
    list(arns.bucket, ...records),
    {
      sid: "ReadRecords",
      actions: ["s3:GetObject"],
      resources: records.map((prefix) => interpolate`${arns.bucket}/${prefix}*`),
    },
    { sid: "TellOfFailure", actions: ["sns:Publish"], resources: [arns.topic] },
  ];
}
