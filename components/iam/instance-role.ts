// InstanceRole: what EC2 instances act with, as an instance profile.
import { InstanceProfile, type InstanceProfileArgs } from "@pulumi/aws/iam/instanceProfile.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { ServiceRole } from "./role.js";

export interface InstanceRoleArgs {
  /** Name of role and profile in IAM, up to 64 characters. */
  name: string;
  /** What the role is for, for whoever finds it in the account. */
  description: string;
  /** ARNs of managed policies, for agents whose needs only AWS knows. */
  managedPolicyArns: readonly string[];
  transform?: { profile?: Transform<InstanceProfileArgs> };
}

export class InstanceRole extends pulumi.ComponentResource {
  /** Of the profile. Resolves when the role can do its work. */
  readonly profileArn: pulumi.Output<string>;
  readonly nodes: { role: ServiceRole; profile: InstanceProfile };

  constructor(name: string, args: InstanceRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:iam:InstanceRole", name, {}, options);
    // EC2 does not say for whom it assumes a role, so there is no condition on the account.
    const role = new ServiceRole(
      name,
      {
        name: args.name,
        description: args.description,
        service: "ec2.amazonaws.com",
        managedPolicyArns: args.managedPolicyArns,
      },
      { parent: this },
    );
    const profile = new InstanceProfile(
      ...transformed<InstanceProfileArgs>(
        args.transform?.profile,
        `${name}-profile`,
        { name: args.name, role: role.name },
        { parent: this },
      ),
    );
    this.nodes = { role, profile };
    this.profileArn = pulumi.all([profile.arn, role.arn]).apply(([arn]) => arn);
    this.registerOutputs({ profileArn: this.profileArn });
  }
}
