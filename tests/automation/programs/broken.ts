// A program of which one thing comes up and the next does not.
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";

export async function program(): Promise<Record<string, unknown>> {
  const suffix = new pulumi.Config("crucible").require("suffix");
  const bucket = new Bucket("lake", { bucket: `crucible-test-${suffix}` });
  new BucketVersioning("versions", {
    bucket: pulumi.interpolate`${bucket.bucket}-that-is-not-there`,
    versioningConfiguration: { status: "Enabled" },
  });
  return {};
}
