// FunctionSchedule: a Lambda function that is invoked by the clock.
import { EventRule, type EventRuleArgs } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget, type EventTargetArgs } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { Permission } from "@pulumi/aws/lambda/permission.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface FunctionScheduleArgs {
  /** Name of the rule, up to 64 characters. */
  name: string;
  /** For whoever finds the rule in the account. */
  description: string;
  /** `cron(minutes hours day month weekday year)` or `rate(…)`, in UTC. */
  expression: string;
  /** Whether it fires. */
  enabled: boolean;
  /** Name of the function. It gets the event of the schedule, whose `time` says when it was due. */
  functionName: pulumi.Input<string>;
  functionArn: pulumi.Input<string>;
  transform?: { rule?: Transform<EventRuleArgs>; target?: Transform<EventTargetArgs> };
}

export class FunctionSchedule extends pulumi.ComponentResource {
  readonly ruleName: pulumi.Output<string>;
  readonly nodes: { rule: EventRule; target: EventTarget; permission: Permission };

  constructor(name: string, args: FunctionScheduleArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:events:FunctionSchedule", name, {}, options);
    const rule = new EventRule(
      ...transformed<EventRuleArgs>(
        args.transform?.rule,
        name,
        {
          name: args.name,
          description: args.description,
          scheduleExpression: args.expression,
          state: args.enabled ? "ENABLED" : "DISABLED",
        },
        { parent: this },
      ),
    );
    const permission = new Permission(
      `${name}-permission`,
      {
        function: args.functionName,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        statementId: args.name,
        sourceArn: rule.arn,
      },
      { parent: this },
    );
    const target = new EventTarget(
      ...transformed<EventTargetArgs>(
        args.transform?.target,
        `${name}-target`,
        { rule: rule.name, targetId: "function", arn: args.functionArn },
        { parent: this, dependsOn: [permission] },
      ),
    );
    this.nodes = { rule, target, permission };
    this.ruleName = rule.name;
    this.registerOutputs({ ruleName: this.ruleName });
  }
}
