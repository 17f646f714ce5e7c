// NodeFunction: a Lambda function in TypeScript, with its role and its log.
import { LogGroup, type LogGroupArgs } from "@pulumi/aws/cloudwatch/logGroup.js";
import { type FunctionArgs, Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { Statement } from "../iam/policy.js";
import { ServiceRole } from "../iam/role.js";
import { functionArchive, MODULE } from "./code.js";

export interface NodeFunctionArgs {
  /** Name of the function, up to 64 characters; its log group is `/aws/lambda/<name>`. */
  name: string;
  /** What it does, for whoever finds it in the account. */
  description: string;
  /** Absolute path of the TypeScript module that exports the handler. */
  entry: string;
  /** Name of the exported function. @default "handler" */
  handler?: string;
  /** Name of the role that it acts with. */
  roleName: string;
  /** What it may do, besides writing its log. */
  statements: readonly Statement[];
  /** Environment variables. @default {} */
  environment?: Record<string, pulumi.Input<string>>;
  /** 128 to 10240. @default 256 */
  memoryMiB?: number;
  /** 1 to 900. @default 30 */
  timeoutSeconds?: number;
  /** How long the log is kept, days. */
  logRetentionDays: number;
  /** ARNs of layers, with version. @default [] */
  layers?: readonly pulumi.Input<string>[];
  /** Packages that the layers bring and the code is not to hold. @default [] */
  external?: readonly string[];
  transform?: { function?: Transform<FunctionArgs>; logGroup?: Transform<LogGroupArgs> };
}

export class NodeFunction extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  readonly nodes: { function: LambdaFunction; role: ServiceRole; logGroup: LogGroup };

  constructor(name: string, args: NodeFunctionArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:lambda:NodeFunction", name, {}, options);
    const logGroup = new LogGroup(
      ...transformed<LogGroupArgs>(
        args.transform?.logGroup,
        `${name}-log`,
        { name: `/aws/lambda/${args.name}`, retentionInDays: args.logRetentionDays },
        { parent: this },
      ),
    );
    const role = new ServiceRole(
      `${name}-role`,
      {
        name: args.roleName,
        description: `The function ${args.name}`,
        // Lambda does not say for whom it acts, so its trust has no condition ("Lambda execution role").
        service: "lambda.amazonaws.com",
        statements: [
          ...args.statements,
          {
            sid: "WriteLog",
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [pulumi.interpolate`${logGroup.arn}:*`],
          },
        ],
      },
      { parent: this },
    );
    const code = functionArchive(args.entry, args.external).catch((cause: Error) => {
      throw new pulumi.ResourceError(`NodeFunction '${name}': ${cause.message}`, this);
    });
    const lambda = new LambdaFunction(
      ...transformed<FunctionArgs>(
        args.transform?.function,
        name,
        {
          name: args.name,
          description: args.description,
          runtime: "nodejs22.x",
          handler: `${MODULE}.${args.handler ?? "handler"}`,
          role: role.arn,
          code: pulumi.output(code),
          memorySize: args.memoryMiB ?? 256,
          timeout: args.timeoutSeconds ?? 30,
          ...(args.environment && { environment: { variables: args.environment } }),
          ...(args.layers && args.layers.length > 0 && { layers: [...args.layers] }),
        },
        // Lambda would make the log group itself, and keep it for ever.
        { parent: this, dependsOn: [role, logGroup] },
      ),
    );
    this.nodes = { function: lambda, role, logGroup };
    this.name = lambda.name;
    this.arn = lambda.arn;
    this.logGroupName = logGroup.name;
    this.registerOutputs({ name: this.name, arn: this.arn, logGroupName: this.logGroupName });
  }
}
