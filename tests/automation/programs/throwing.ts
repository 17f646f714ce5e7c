// A program that fails by an error of its own while a component of another process is in the making.
import { Vpc } from "@pulumi/awsx/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";

export async function program(): Promise<Record<string, unknown>> {
  const vpc = new Vpc("network", { numberOfAvailabilityZones: 1, natGateways: { strategy: "None" } });
  const when = new pulumi.Config("crucible").get("throw") ?? "soon";
  if (when === "soon") throw new Error("the program gave up");
  if (when === "unhandled") void Promise.reject(new Error("the program gave up"));
  if (when === "uncaught")
    setImmediate(() => {
      throw new Error("the program gave up");
    });
  return {
    vpc: vpc.vpcId.apply(() => {
      throw new Error("the program gave up");
    }),
  };
}
