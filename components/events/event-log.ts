// EventLog: events of AWS services kept in a log group, where CloudWatch Logs Insights counts and measures them.
import { EventRule, type EventRuleArgs } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { LogResourcePolicy } from "@pulumi/aws/cloudwatch/logResourcePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { policyDocument } from "../iam/policy.js";

export interface EventLogArgs {
  /** Name of the rule, and of the log group below `/aws/events/`. */
  name: string;
  /** For whoever finds the rule in the account. */
  description: string;
  /** Which events, as EventBridge matches them. Values may be outputs of resources. */
  pattern: Record<string, unknown>;
  /** How long events are kept, days. */
  retentionDays: number;
  transform?: { rule?: Transform<EventRuleArgs> };
}

export class EventLog extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;
  readonly nodes: { rule: EventRule; target: EventTarget; logGroup: LogGroup; access: LogResourcePolicy };

  constructor(name: string, args: EventLogArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:events:EventLog", name, {}, options);
    const logGroup = new LogGroup(
      `${name}-log`,
      { name: `/aws/events/${args.name}`, retentionInDays: args.retentionDays },
      { parent: this },
    );
    const access = new LogResourcePolicy(
      `${name}-access`,
      {
        policyName: args.name,
        // "CloudWatch Logs permissions" in "Using resource-based policies for Amazon EventBridge".
        policyDocument: policyDocument([
          {
            sid: "Events",
            principal: { service: ["delivery.logs.amazonaws.com", "events.amazonaws.com"] },
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [pulumi.interpolate`${logGroup.arn}:*`],
          },
        ]),
      },
      { parent: this },
    );
    const rule = new EventRule(
      ...transformed<EventRuleArgs>(
        args.transform?.rule,
        name,
        { name: args.name, description: args.description, eventPattern: pulumi.jsonStringify(args.pattern) },
        { parent: this },
      ),
    );
    const target = new EventTarget(
      `${name}-target`,
      { rule: rule.name, targetId: "log", arn: logGroup.arn },
      { parent: this, dependsOn: [access] },
    );
    this.nodes = { rule, target, logGroup, access };
    this.logGroupName = logGroup.name;
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}
