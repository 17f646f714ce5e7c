// aws:s3/getBucket:getBucket: a bucket that is there already.
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { func } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { output, text } from "../../properties.js";
import { hostedZoneId } from "./hosted-zones.js";

export const getBucket = func({
  token: "aws:s3/getBucket:getBucket",
  properties: {
    bucket: text({ required: true }),
    id: output(text()),
    arn: output(text()),
    bucketDomainName: output(text()),
    bucketRegion: output(text()),
    bucketRegionalDomainName: output(text()),
    hostedZoneId: output(text()),
    websiteDomain: output(text()),
    websiteEndpoint: output(text()),
  },

  async run({ bucket }, context) {
    const s3 = context.client(S3Client);
    // S3 says of a bucket that is not there no more than its status.
    const head = await s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((cause: Error) => {
      if (hasCode(cause, ["NotFound", "NoSuchBucket"])) throw new Error(`there is no bucket ${bucket}`, { cause });
      throw cause;
    });
    const region = head.BucketRegion ?? context.region;
    const websiteDomain = `s3-website-${region}.${context.dnsSuffix}`;
    return {
      bucket,
      id: bucket,
      arn: `arn:${context.partition}:s3:::${bucket}`,
      bucketDomainName: `${bucket}.s3.${context.dnsSuffix}`,
      bucketRegion: region,
      bucketRegionalDomainName: `${bucket}.s3.${region}.${context.dnsSuffix}`,
      hostedZoneId: hostedZoneId(region),
      websiteDomain,
      websiteEndpoint: `${bucket}.${websiteDomain}`,
    };
  },
});
