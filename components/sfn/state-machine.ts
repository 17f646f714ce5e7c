// StateMachine: a Step Functions state machine that was checked before it is made, with its log and its own role.
import { LogGroup, type LogGroupArgs } from "@pulumi/aws/cloudwatch/logGroup.js";
import { type StateMachineArgs as AwsArgs, StateMachine as AwsStateMachine } from "@pulumi/aws/sfn/stateMachine.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { Statement } from "../iam/policy.js";
import { ServiceRole } from "../iam/role.js";
import type { Definition } from "./asl.js";
import { lintDefinition } from "./lint.js";

export interface StateMachineArgs {
  /** Name of the state machine, up to 80 characters. */
  name: string;
  /** Name of the role that executions act with. */
  roleName: string;
  /** The account; executions act for it alone. */
  account: pulumi.Input<string>;
  /** What it does. Values inside may be outputs of resources. */
  definition: Definition;
  /** What executions may do, besides writing the log. */
  statements: readonly Statement[];
  /** Which events go into the log: with `ALL` every state's input and output. */
  logLevel: "ALL" | "ERROR" | "FATAL" | "OFF";
  /** How long the log is kept, days. */
  logRetentionDays: number;
  /** Traces of executions in X-Ray, which are paid for. @default false */
  tracing?: boolean;
  transform?: { stateMachine?: Transform<AwsArgs>; logGroup?: Transform<LogGroupArgs> };
}

/**
 * What delivering the log takes. These actions have no resources ("Logging using CloudWatch Logs", Step Functions Developer
 * Guide).
 */
const LOG_DELIVERY: Statement = {
  sid: "DeliverLog",
  actions: [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
  ],
  resources: ["*"],
};

/** "X-Ray and Step Functions": these actions have no resources. */
const TRACING: Statement = {
  sid: "Trace",
  actions: ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  resources: ["*"],
};

export class StateMachine extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { stateMachine: AwsStateMachine; role: ServiceRole; logGroup: LogGroup };

  /** @throws naming everything that is wrong with the definition. */
  constructor(name: string, args: StateMachineArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:sfn:StateMachine", name, {}, options);
    const findings = lintDefinition(args.definition);
    if (findings.length > 0)
      throw new pulumi.ResourceError(`State machine ${args.name} cannot work: ${findings.join("; ")}`, this);
    const logGroup = new LogGroup(
      ...transformed<LogGroupArgs>(
        args.transform?.logGroup,
        `${name}-log`,
        // Under this prefix the log's resource policy does not grow with every state machine.
        { name: `/aws/vendedlogs/states/${args.name}`, retentionInDays: args.logRetentionDays },
        { parent: this },
      ),
    );
    const role = new ServiceRole(
      `${name}-role`,
      {
        name: args.roleName,
        description: `Executions of the state machine ${args.name}`,
        service: "states.amazonaws.com",
        account: args.account,
        statements: [
          ...args.statements,
          ...(args.logLevel === "OFF" ? [] : [LOG_DELIVERY]),
          ...(args.tracing ? [TRACING] : []),
        ],
      },
      { parent: this },
    );
    const stateMachine = new AwsStateMachine(
      ...transformed<AwsArgs>(
        args.transform?.stateMachine,
        name,
        {
          name: args.name,
          type: "STANDARD",
          roleArn: role.arn,
          definition: pulumi.jsonStringify(args.definition),
          loggingConfiguration: {
            level: args.logLevel,
            includeExecutionData: args.logLevel !== "OFF",
            logDestination: pulumi.interpolate`${logGroup.arn}:*`,
          },
          ...(args.tracing && { tracingConfiguration: { enabled: true } }),
        },
        { parent: this, dependsOn: [role] },
      ),
    );
    this.nodes = { stateMachine, role, logGroup };
    this.name = stateMachine.name;
    this.arn = stateMachine.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
