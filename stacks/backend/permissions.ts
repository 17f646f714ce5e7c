// Who may do what in the backend: statements from ARNs.
import { type Input, interpolate, type Output } from "@pulumi/pulumi";
import { mountStatement } from "../../components/efs/shared-file-system.js";
import type { Statement } from "../../components/iam/policy.js";

/** What jobs read from the bucket, and what they publish there. */
export const SOURCE_PREFIX = "completejourney/";
/** The artefacts, which Databricks may read. */
export const SHARED_PREFIX = "coop/";

/** What jobs copy there from the file system, for whoever cannot mount it. */
export const EXPORT_PREFIX = "exports/";

/** What is put there for the file system. */
export const IMPORT_PREFIX = "imports/";

/** The jobs: the source data, the artefacts, the file system through its entrance, and the credentials of external systems. */
export function jobStatements(arns: {
  bucket: Input<string>;
  fileSystem: Input<string>;
  accessPoint: Input<string>;
  secrets: readonly Input<string>[];
}): Statement[] {
  return [
    {
      sid: "ListBucket",
      actions: ["s3:ListBucket"],
      resources: [arns.bucket],
      conditions: {
        StringLike: {
          "s3:prefix": [`${SOURCE_PREFIX}*`, `${SHARED_PREFIX}*`, `${EXPORT_PREFIX}*`, `${IMPORT_PREFIX}*`],
        },
      },
    },
    {
      sid: "ReadSource",
      actions: ["s3:GetObject"],
      resources: [SOURCE_PREFIX, IMPORT_PREFIX].map((prefix) => interpolate`${arns.bucket}/${prefix}*`),
    },
    {
      sid: "PublishArtefacts",
      actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [interpolate`${arns.bucket}/${SHARED_PREFIX}*`],
    },
    {
      sid: "Export",
      actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
      resources: [interpolate`${arns.bucket}/${EXPORT_PREFIX}*`],
    },
    mountStatement(arns),
    { sid: "ReadCredentials", actions: ["secretsmanager:GetSecretValue"], resources: arns.secrets },
  ];
}

/** The other account's identities, as far as that account lets them, may read the artefacts: nothing else, and write nothing. */
export function sharingStatements(bucketArn: Output<string>, partition: string, accountId: string): Statement[] {
  const principal = { aws: `arn:${partition}:iam::${accountId}:root` };
  return [
    {
      sid: "DatabricksLists",
      principal,
      actions: ["s3:ListBucket"],
      resources: [bucketArn],
      conditions: { StringLike: { "s3:prefix": `${SHARED_PREFIX}*` } },
    },
    {
      sid: "DatabricksReads",
      principal,
      actions: ["s3:GetObject"],
      resources: [interpolate`${bucketArn}/${SHARED_PREFIX}*`],
    },
  ];
}
