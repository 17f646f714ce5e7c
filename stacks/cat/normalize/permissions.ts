// What the function of cat-normalize may do, from ARNs.
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Statement } from "../../../components/iam/policy.js";

/**
 * Reads the table, keeps its files and records below the prefix, and invokes itself to go on with a scan.
 *
 * @param prefix of the reports, e.g. `reports/etl-process1/`
 */
export function normalizeStatements(arns: {
  bucket: Input<string>;
  prefix: string;
  table: Input<string>;
  self: Input<string>;
}): Statement[] {
  const { bucket, prefix, table, self } = arns;
  return [
    { sid: "ScanConversations", actions: ["dynamodb:Scan"], resources: [table] },
    {
      sid: "ListReports",
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLike: { "s3:prefix": [`${prefix}*`] } },
    },
    {
      sid: "KeepReports",
      actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [interpolate`${bucket}/${prefix}*`],
    },
    { sid: "GoOn", actions: ["lambda:InvokeFunction"], resources: [self] },
  ];
}
