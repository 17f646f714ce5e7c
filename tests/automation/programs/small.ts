// A program small enough to come up in a second: what the driver's tests deploy.
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import * as pulumi from "@pulumi/pulumi";

export async function program(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config("crucible");
  const suffix = config.require("suffix");
  const bucket = new Bucket("lake", { bucket: `crucible-test-${suffix}`, forceDestroy: true });
  const group = new LogGroup("steps", { name: "/crucible/test" });
  return {
    bucket: bucket.bucket,
    group: group.name,
    units: config.requireObject("units"),
    colour: config.get("colour"),
    throwaway: config.requireBoolean("throwaway"),
    password: pulumi.secret("correct horse battery"),
    nested: { user: "somebody", key: pulumi.secret("staple of the nested kind") },
  };
}
