// AlertTopic: where everything that needs a person goes, and who is told by e-mail.
import { Topic, type TopicArgs } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { policyDocument } from "../iam/policy.js";

export interface AlertTopicArgs {
  /** Name of the topic. */
  name: string;
  /** The account whose alarms and budgets may publish. */
  account: pulumi.Input<string>;
  /** Addresses that are told. Each has to confirm once, by the mail that SNS sends. @default [] */
  emails?: readonly string[];
  transform?: { topic?: Transform<TopicArgs> };
}

/** A topic that EventBridge, CloudWatch alarms and Budgets may publish to. */
export class AlertTopic extends pulumi.ComponentResource {
  /** Resolves when the services may publish. */
  readonly arn: pulumi.Output<string>;
  readonly nodes: { topic: Topic; policy: TopicPolicy; subscriptions: TopicSubscription[] };

  constructor(name: string, args: AlertTopicArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:sns:AlertTopic", name, {}, options);
    // Not encrypted with the key that AWS manages for SNS: no service can publish to such a topic.
    const topic = new Topic(
      ...transformed<TopicArgs>(args.transform?.topic, name, { name: args.name }, { parent: this }),
    );
    const policy = new TopicPolicy(
      `${name}-policy`,
      {
        arn: topic.arn,
        policy: policyDocument([
          {
            // EventBridge does not say for whom it publishes, so a condition would shut it out ("Using resource-based
            // policies for Amazon EventBridge").
            sid: "Events",
            principal: { service: "events.amazonaws.com" },
            actions: ["sns:Publish"],
            resources: [topic.arn],
          },
          {
            sid: "AlarmsAndBudgets",
            principal: { service: ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] },
            actions: ["sns:Publish"],
            resources: [topic.arn],
            conditions: { StringEquals: { "aws:SourceAccount": args.account } },
          },
        ]),
      },
      { parent: this },
    );
    const subscriptions = (args.emails ?? []).map(
      (email) =>
        new TopicSubscription(
          `${name}-${email}`,
          { topic: topic.arn, protocol: "email", endpoint: email },
          { parent: this },
        ),
    );
    this.nodes = { topic, policy, subscriptions };
    this.arn = pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}
