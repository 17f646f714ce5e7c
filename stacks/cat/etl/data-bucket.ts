// Where the ETL's data is: in the bucket of cat-normalize, or in one that the settings name.
import { getBucket } from "@pulumi/aws/s3/getBucket.js";
import * as pulumi from "@pulumi/pulumi";
import type { CatScope } from "../scope.js";

export interface EtlBucket {
  name: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  /** Whether it is not cat-normalize's. It has to send its events to EventBridge by itself. */
  isForeign: boolean;
}

/** @throws naming the bucket and what to do, before anything is made, when the one that the settings name is not there */
export async function dataBucket({ context, settings }: CatScope): Promise<EtlBucket> {
  const { dataBucketName } = settings.etl;
  const name =
    dataBucketName === undefined
      ? context.outputsOf("cat-normalize").get("CatBucketName")
      : pulumi.output(await existing(dataBucketName, settings.region, context.config.source));
  const arn = pulumi.interpolate`arn:${context.partition}:s3:::${name}`;
  return { name, arn, isForeign: dataBucketName !== undefined };
}

async function existing(bucket: string, region: string, source: string): Promise<string> {
  try {
    return (await getBucket({ bucket, region })).bucket;
  } catch (error) {
    const { message } = error as Error;
    // Whoever may not look is told so by S3; that there is none needs no second saying.
    const why = /NotFound|couldn't find|there is no bucket/.test(message)
      ? "is not there"
      : `cannot be looked at: ${message}`;
    throw new pulumi.RunError(
      `${source}: the bucket ${bucket} that crucible:cat.etl.dataBucketName names ${why}. Deploy cat-normalize, which makes a bucket, and ` +
        "leave the setting out; or name a bucket that exists.",
    );
  }
}
