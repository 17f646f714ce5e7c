// Alarm: one metric, one limit, one topic.
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface AlarmArgs {
  /** Name of the alarm. */
  name: string;
  /** What it means and what to do. */
  description: string;
  metric: { namespace: string; name: string; dimensions: Record<string, pulumi.Input<string>> };
  statistic: "Sum" | "Average" | "Maximum";
  /** Length of one look at the metric, seconds; a multiple of 60. @default 300 */
  periodSeconds?: number;
  /** The alarm goes off when the statistic is at least this. */
  threshold: number;
  /** Topic that is told. */
  topicArn: pulumi.Input<string>;
  transform?: { alarm?: Transform<MetricAlarmArgs> };
}

export class Alarm extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly nodes: { alarm: MetricAlarm };

  constructor(name: string, args: AlarmArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:cloudwatch:Alarm", name, {}, options);
    const alarm = new MetricAlarm(
      ...transformed<MetricAlarmArgs>(
        args.transform?.alarm,
        name,
        {
          name: args.name,
          alarmDescription: args.description,
          namespace: args.metric.namespace,
          metricName: args.metric.name,
          dimensions: args.metric.dimensions,
          statistic: args.statistic,
          period: args.periodSeconds ?? 300,
          evaluationPeriods: 1,
          threshold: args.threshold,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          // These metrics exist only while something happens: silence is health.
          treatMissingData: "notBreaching",
          alarmActions: [args.topicArn],
        },
        { parent: this },
      ),
    );
    this.nodes = { alarm };
    this.arn = alarm.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
