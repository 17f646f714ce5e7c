// EventNotification: events of AWS services that become a readable message on a topic.
import { EventRule, type EventRuleArgs } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget, type EventTargetArgs } from "@pulumi/aws/cloudwatch/eventTarget.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface EventNotificationArgs {
  /** Name of the rule, up to 64 characters. */
  name: string;
  /** For whoever finds the rule in the account. */
  description: string;
  /** Which events, as EventBridge matches them. Values may be outputs of resources. */
  pattern: Record<string, unknown>;
  /** Topic that gets the message; its policy lets EventBridge publish. */
  topicArn: pulumi.Input<string>;
  /**
   * The message, with `<name>` for each of `values`.
   *
   * @example "Job <job> failed: <reason>"
   */
  message: string;
  /** Name → JSON path into the event, e.g. `{ job: "$.detail.jobName" }`. */
  values: Record<string, string>;
  transform?: { rule?: Transform<EventRuleArgs>; target?: Transform<EventTargetArgs> };
}

export class EventNotification extends pulumi.ComponentResource {
  /** Name of the rule: the dimension `RuleName` of its metrics in `AWS/Events`. */
  readonly ruleName: pulumi.Output<string>;
  readonly nodes: { rule: EventRule; target: EventTarget };

  constructor(name: string, args: EventNotificationArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:events:EventNotification", name, {}, options);
    const rule = new EventRule(
      ...transformed<EventRuleArgs>(
        args.transform?.rule,
        name,
        { name: args.name, description: args.description, eventPattern: pulumi.jsonStringify(args.pattern) },
        { parent: this },
      ),
    );
    const target = new EventTarget(
      ...transformed<EventTargetArgs>(
        args.transform?.target,
        `${name}-topic`,
        {
          rule: rule.name,
          targetId: "topic",
          arn: args.topicArn,
          // The template is JSON: a plain message is a JSON string.
          inputTransformer: { inputPaths: args.values, inputTemplate: JSON.stringify(args.message) },
        },
        { parent: this },
      ),
    );
    this.nodes = { rule, target };
    this.ruleName = rule.name;
    this.registerOutputs({ ruleName: this.ruleName });
  }
}
