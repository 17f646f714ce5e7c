// BatchSchedule: a job that is submitted by the clock.
import { Schedule, type ScheduleArgs } from "@pulumi/aws/scheduler/schedule.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface BatchScheduleArgs {
  /** Name of the schedule, up to 64 characters. */
  name: string;
  /** For whoever finds the schedule in the account. */
  description: string;
  /** `cron(minutes hours day month weekday year)` or `rate(…)`, in UTC. */
  expression: string;
  /** Whether it fires. */
  enabled: boolean;
  jobName: string;
  jobQueueArn: pulumi.Input<string>;
  jobDefinitionArn: pulumi.Input<string>;
  /** Replaces the definition's command. @default the definition's */
  command?: string[];
  /** The role that submits; it trusts `scheduler.amazonaws.com`. */
  roleArn: pulumi.Input<string>;
  transform?: { schedule?: Transform<ScheduleArgs> };
}

/** How long EventBridge Scheduler goes on trying to submit, seconds: a job of the night is of no use the next noon. */
const MAXIMUM_AGE_SECONDS = 3600;
const MAXIMUM_ATTEMPTS = 10;

export class BatchSchedule extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly nodes: { schedule: Schedule };

  constructor(name: string, args: BatchScheduleArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:scheduler:BatchSchedule", name, {}, options);
    const schedule = new Schedule(
      ...transformed<ScheduleArgs>(
        args.transform?.schedule,
        name,
        {
          name: args.name,
          description: args.description,
          scheduleExpression: args.expression,
          scheduleExpressionTimezone: "UTC",
          state: args.enabled ? "ENABLED" : "DISABLED",
          flexibleTimeWindow: { mode: "OFF" },
          target: {
            // A universal target: the input is the request itself ("Using universal targets", EventBridge Scheduler User Guide).
            arn: "arn:aws:scheduler:::aws-sdk:batch:submitJob",
            roleArn: args.roleArn,
            input: pulumi.jsonStringify({
              JobName: args.jobName,
              JobQueue: args.jobQueueArn,
              JobDefinition: args.jobDefinitionArn,
              ...(args.command && { ContainerOverrides: { Command: args.command } }),
            }),
            retryPolicy: {
              maximumEventAgeInSeconds: MAXIMUM_AGE_SECONDS,
              maximumRetryAttempts: MAXIMUM_ATTEMPTS,
            },
          },
        },
        { parent: this },
      ),
    );
    this.nodes = { schedule };
    this.name = schedule.name;
    this.registerOutputs({ name: this.name });
  }
}
