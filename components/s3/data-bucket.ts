// DataBucket: an S3 bucket as data should lie in one: encrypted, private, versioned, tidied up, reached over TLS only.
import { Bucket, type BucketArgs } from "@pulumi/aws/s3/bucket.js";
import {
  BucketLifecycleConfiguration,
  type BucketLifecycleConfigurationArgs,
} from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketPolicy, type BucketPolicyArgs } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, removalOptions, type Transform, transformed } from "../component.js";
import { policyDocument, type Statement } from "../iam/policy.js";

/** What becomes of a bucket's objects with time. */
export interface Tidying {
  /** Objects below this prefix; `""` for all. */
  prefix: string;
  /** Days after which an object moves to Standard-IA (at least 30: "Lifecycle transitions", S3 User Guide). @default never */
  infrequentAccessAfterDays?: number;
  /** Days after which an object is deleted. @default never */
  expireAfterDays?: number;
}

export interface DataBucketArgs {
  /** Name of the bucket; global on AWS. */
  name: string;
  /** What becomes of bucket and objects when the stack goes. */
  removal: Removal;
  /**
   * Rules for the objects. Old versions and unfinished uploads are tidied up in any case.
   *
   * @default []
   * @example
   * ```ts
   * [{ prefix: "quarantine/", expireAfterDays: 90 }]
   * ```
   */
  tidying?: readonly Tidying[];
  /** Days for which a replaced or deleted version can be had back, or `forever`. @default 30 */
  oldVersionsDays?: number | "forever";
  /** Statements of the bucket's policy besides the one that refuses plain HTTP. */
  statements?: (bucketArn: pulumi.Output<string>) => Statement[];
  transform?: {
    bucket?: Transform<BucketArgs>;
    lifecycle?: Transform<BucketLifecycleConfigurationArgs>;
    policy?: Transform<BucketPolicyArgs>;
  };
}

const DEFAULT_OLD_VERSIONS_DAYS = 30;
/** S3 keeps, and bills, the parts of an upload that was never completed. */
const UNFINISHED_UPLOADS_DAYS = 7;

export class DataBucket extends pulumi.ComponentResource {
  /** Name of the bucket. Resolves when the bucket is configured, so that nothing is written before. */
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: {
    bucket: Bucket;
    publicAccessBlock: BucketPublicAccessBlock;
    versioning: BucketVersioning;
    encryption: BucketServerSideEncryptionConfiguration;
    lifecycle: BucketLifecycleConfiguration;
    policy: BucketPolicy;
  };

  constructor(name: string, args: DataBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:s3:DataBucket", name, {}, options);
    const { removal, transform } = args;
    const bucket = new Bucket(
      ...transformed<BucketArgs>(
        transform?.bucket,
        name,
        { bucket: args.name, forceDestroy: removal === "destroy" },
        { parent: this, ...removalOptions(removal) },
      ),
    );
    const below = { parent: this, ...removalOptions(removal) };
    const publicAccessBlock = new BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      below,
    );
    const versioning = new BucketVersioning(
      `${name}-versioning`,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      below,
    );
    const encryption = new BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket: bucket.id, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      below,
    );
    const lifecycle = new BucketLifecycleConfiguration(
      ...transformed<BucketLifecycleConfigurationArgs>(
        transform?.lifecycle,
        `${name}-lifecycle`,
        { bucket: bucket.id, rules: lifecycleRules(args) },
        // Rules for old versions need versioning to be on ("PutBucketLifecycleConfiguration", S3 API Reference).
        { ...below, dependsOn: [versioning] },
      ),
    );
    const policy = new BucketPolicy(
      ...transformed<BucketPolicyArgs>(
        transform?.policy,
        `${name}-policy`,
        { bucket: bucket.id, policy: bucketPolicy(bucket.arn, args.statements?.(bucket.arn) ?? []) },
        // Two changes to a bucket's access at once are refused with OperationAborted.
        { ...below, dependsOn: [publicAccessBlock] },
      ),
    );
    this.nodes = { bucket, publicAccessBlock, versioning, encryption, lifecycle, policy };
    this.name = pulumi
      .all([bucket.bucket, versioning.id, encryption.id, policy.id])
      .apply(([bucketName]) => bucketName as string);
    this.arn = bucket.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}

function bucketPolicy(bucketArn: pulumi.Output<string>, statements: Statement[]): pulumi.Output<string> {
  return policyDocument([
    {
      sid: "RefusePlainHttp",
      effect: "Deny",
      principal: "*",
      actions: ["s3:*"],
      resources: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      conditions: { Bool: { "aws:SecureTransport": "false" } },
    },
    ...statements,
  ]);
}

/** The bucket's lifecycle rules, in a fixed order: first what always holds, then the given rules in theirs. */
export function lifecycleRules(
  args: Pick<DataBucketArgs, "tidying" | "oldVersionsDays">,
): NonNullable<Exclude<BucketLifecycleConfigurationArgs["rules"], Promise<unknown> | pulumi.OutputInstance<unknown>>> {
  const { oldVersionsDays = DEFAULT_OLD_VERSIONS_DAYS } = args;
  return [
    {
      id: "unfinished-and-old",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOADS_DAYS },
      ...(oldVersionsDays !== "forever" && { noncurrentVersionExpiration: { noncurrentDays: oldVersionsDays } }),
    },
    ...(args.tidying ?? []).map((rule) => ({
      id: `tidy-${rule.prefix.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "") || "all"}`,
      status: "Enabled",
      filter: { prefix: rule.prefix },
      ...(rule.infrequentAccessAfterDays !== undefined && {
        transitions: [{ days: rule.infrequentAccessAfterDays, storageClass: "STANDARD_IA" }],
      }),
      ...(rule.expireAfterDays !== undefined && { expiration: { days: rule.expireAfterDays } }),
    })),
  ];
}
