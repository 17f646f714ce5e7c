// AuditTrail: who did what in the account, in a bucket of its own that nobody rewrites.
import { Trail, type TrailArgs } from "@pulumi/aws/cloudtrail/trail.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, type Transform, transformed } from "../component.js";
import type { Statement } from "../iam/policy.js";
import { DataBucket } from "../s3/data-bucket.js";

export interface AuditTrailArgs {
  /** Name of the trail. */
  name: string;
  /** Name of the bucket for its files; global on AWS. */
  bucketName: string;
  account: string;
  region: string;
  /** e.g. `aws`. */
  partition: string;
  /** How long the files are kept, days. */
  retentionDays: number;
  /** What becomes of the files when the stack goes. */
  removal: Removal;
  transform?: { trail?: Transform<TrailArgs> };
}

export class AuditTrail extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly nodes: { trail: Trail; bucket: DataBucket };

  constructor(name: string, args: AuditTrailArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:cloudtrail:AuditTrail", name, {}, options);
    const trailArn = `arn:${args.partition}:cloudtrail:${args.region}:${args.account}:trail/${args.name}`;
    const bucket = new DataBucket(
      `${name}-files`,
      {
        name: args.bucketName,
        removal: args.removal,
        tidying: [{ prefix: "", expireAfterDays: args.retentionDays }],
        // "Amazon S3 bucket policy for CloudTrail", CloudTrail User Guide.
        statements: (bucketArn): Statement[] => [
          {
            sid: "TrailChecksBucket",
            principal: { service: "cloudtrail.amazonaws.com" },
            actions: ["s3:GetBucketAcl"],
            resources: [bucketArn],
            conditions: { StringEquals: { "aws:SourceArn": trailArn } },
          },
          {
            sid: "TrailWrites",
            principal: { service: "cloudtrail.amazonaws.com" },
            actions: ["s3:PutObject"],
            resources: [pulumi.interpolate`${bucketArn}/AWSLogs/${args.account}/*`],
            conditions: {
              StringEquals: { "aws:SourceArn": trailArn, "s3:x-amz-acl": "bucket-owner-full-control" },
            },
          },
        ],
      },
      { parent: this },
    );
    const trail = new Trail(
      ...transformed<TrailArgs>(
        args.transform?.trail,
        name,
        {
          name: args.name,
          s3BucketName: bucket.name,
          isMultiRegionTrail: true,
          includeGlobalServiceEvents: true,
          enableLogFileValidation: true,
        },
        { parent: this },
      ),
    );
    this.nodes = { trail, bucket };
    this.arn = trail.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
