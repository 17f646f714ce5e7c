// WorkflowTrigger: events that each start an execution of a state machine, which gets the event as its input.
import { EventRule, type EventRuleArgs } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget, type EventTargetArgs } from "@pulumi/aws/cloudwatch/eventTarget.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { ServiceRole } from "../iam/role.js";

export interface WorkflowTriggerArgs {
  /** Name of the rule, up to 64 characters. */
  name: string;
  /** For whoever finds the rule in the account. */
  description: string;
  /** Which events, as EventBridge matches them. Values may be outputs of resources. */
  pattern: Record<string, unknown>;
  /** ARN of the state machine. */
  stateMachineArn: pulumi.Input<string>;
  /** Name of the role that starts executions. */
  roleName: string;
  /** The account; the rule acts for it alone. */
  account: string;
  transform?: { rule?: Transform<EventRuleArgs>; target?: Transform<EventTargetArgs> };
}

export class WorkflowTrigger extends pulumi.ComponentResource {
  /** Name of the rule: the dimension `RuleName` of its metrics in `AWS/Events`. Resolves when events start executions. */
  readonly ruleName: pulumi.Output<string>;
  readonly nodes: { rule: EventRule; target: EventTarget; role: ServiceRole };

  constructor(name: string, args: WorkflowTriggerArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:events:WorkflowTrigger", name, {}, options);
    const role = new ServiceRole(
      `${name}-role`,
      {
        name: args.roleName,
        description: `The rule ${args.name} starts executions`,
        service: "events.amazonaws.com",
        account: args.account,
        statements: [{ sid: "Start", actions: ["states:StartExecution"], resources: [args.stateMachineArn] }],
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
      ...transformed<EventTargetArgs>(
        args.transform?.target,
        `${name}-workflow`,
        { rule: rule.name, targetId: "workflow", arn: args.stateMachineArn, roleArn: role.arn },
        { parent: this },
      ),
    );
    this.nodes = { rule, target, role };
    this.ruleName = pulumi.all([rule.name, target.id]).apply(([ruleName]) => ruleName);
    this.registerOutputs({ ruleName: this.ruleName });
  }
}
