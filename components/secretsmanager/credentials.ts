// Credentials: what it takes to log in to somebody else's system, in Secrets Manager and nowhere else in clear.
import { randomBytes } from "node:crypto";
import { Secret, type SecretArgs } from "@pulumi/aws/secretsmanager/secret.js";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, removalOptions, type Transform, transformed } from "../component.js";

export interface CredentialsArgs {
  /** Name of the secret. */
  name: string;
  /** Whose they are and what for. */
  description: string;
  /**
   * The value, JSON text as a rule. Without one the secret gets a random placeholder, once: whoever puts the value in by hand
   * (or has it rotated) is not overruled.
   */
  value?: pulumi.Input<string>;
  /** `destroy` deletes at once; `retain` keeps it and, once it is deleted, for 30 days. */
  removal: Removal;
  transform?: { secret?: Transform<SecretArgs> };
}

export class Credentials extends pulumi.ComponentResource {
  /** Resolves when there is a value. */
  readonly arn: pulumi.Output<string>;
  readonly nodes: { secret: Secret; version: SecretVersion };

  constructor(name: string, args: CredentialsArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:secretsmanager:Credentials", name, {}, options);
    const secret = new Secret(
      ...transformed<SecretArgs>(
        args.transform?.secret,
        name,
        {
          name: args.name,
          description: args.description,
          recoveryWindowInDays: args.removal === "destroy" ? 0 : 30,
        },
        { parent: this, ...removalOptions(args.removal) },
      ),
    );
    const version = new SecretVersion(
      `${name}-value`,
      { secretId: secret.id, secretString: pulumi.secret(args.value ?? placeholder()) },
      { parent: this, ...(args.value === undefined && { ignoreChanges: ["secretString"] }) },
    );
    this.nodes = { secret, version };
    this.arn = pulumi.all([secret.arn, version.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}

function placeholder(): string {
  return JSON.stringify({ placeholder: randomBytes(16).toString("hex") });
}
