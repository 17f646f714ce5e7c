// ServiceRole: a role that one AWS service takes on, with what it may do said in statements.
import { Role, type RoleArgs } from "@pulumi/aws/iam/role.js";
import { RolePolicy, type RolePolicyArgs } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { policyDocument, type Statement, trustPolicy } from "./policy.js";

export interface ServiceRoleArgs {
  /** Name of the role in IAM, up to 64 characters. */
  name: string;
  /** What the role is for, for whoever finds it in the account. */
  description: string;
  /** The service that assumes it, e.g. `ecs-tasks.amazonaws.com`. */
  service: string;
  /**
   * The account on whose behalf the service may assume it: the condition that AWS recommends against confused deputies
   * ("The confused deputy problem", IAM User Guide). Leave it out only for a service that does not say for whom it acts.
   */
  account?: pulumi.Input<string>;
  /**
   * What the role may do. Without any, the role has no policy of its own.
   *
   * @example
   * ```ts
   * [{ sid: "ReadInput", actions: ["s3:GetObject"], resources: [pulumi.interpolate`${bucket.arn}/raw/*`] }]
   * ```
   */
  statements?: readonly Statement[];
  /** ARNs of managed policies, for services whose needs only AWS knows. @default none */
  managedPolicyArns?: readonly string[];
  transform?: { role?: Transform<RoleArgs>; policy?: Transform<RolePolicyArgs> };
}

/** A role for a service of AWS. What depends on the role has its policies too: depend on the component. */
export class ServiceRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly nodes: { role: Role; policy?: RolePolicy; attachments: RolePolicyAttachment[] };

  constructor(name: string, args: ServiceRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:iam:ServiceRole", name, {}, options);
    const { statements = [], managedPolicyArns = [] } = args;
    const role = new Role(
      ...transformed<RoleArgs>(
        args.transform?.role,
        name,
        {
          name: args.name,
          description: args.description,
          assumeRolePolicy: trustPolicy(args.service, args.account),
        },
        { parent: this },
      ),
    );
    const policy =
      statements.length === 0
        ? undefined
        : new RolePolicy(
            ...transformed<RolePolicyArgs>(
              args.transform?.policy,
              `${name}-policy`,
              { name: "permissions", role: role.name, policy: policyDocument(statements) },
              { parent: this },
            ),
          );
    const attachments = managedPolicyArns.map(
      (policyArn) =>
        new RolePolicyAttachment(
          `${name}-${policyArn.split("/").at(-1)}`,
          { role: role.name, policyArn },
          { parent: this },
        ),
    );
    this.nodes = { role, policy, attachments };
    this.name = role.name;
    // Resolves when the role can do its work, not only when it is there.
    this.arn = pulumi.all([role.arn, policy?.id, attachments.map(({ id }) => id)]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
