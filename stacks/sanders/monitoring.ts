// Who is told of what, and what the dashboard shows.
import { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import * as pulumi from "@pulumi/pulumi";
import { Alarm } from "../../components/cloudwatch/alarm.js";
import { alarms, graph, layout, query, type Widget } from "../../components/cloudwatch/widgets.js";
import { EventLog } from "../../components/events/event-log.js";
import { EventNotification } from "../../components/events/notification.js";
import type { AlertTopic } from "../../components/sns/alert-topic.js";
import type { Names } from "../names.js";
import type { SandersSettings } from "./settings.js";

export interface MonitoringArgs {
  names: Names;
  settings: SandersSettings;
  /** Where all that needs a person goes. */
  topic: AlertTopic;
  queueArn: pulumi.Input<string>;
  stateMachineArn: pulumi.Input<string>;
  tableName: pulumi.Input<string>;
}

/** The states in which a job ends. */
const JOB_ENDS = ["SUCCEEDED", "FAILED"];

/**
 * Notifications, alarms and dashboard.
 *
 * A failed job has no metric of its own in CloudWatch: its event goes to the topic, and the rule's metric carries the alarm. A
 * failed execution tells of itself (see the orchestrator); what it cannot tell of, being stopped or out of time, its event does.
 */
export class Monitoring extends pulumi.ComponentResource {
  readonly nodes: { jobFailures: EventNotification; jobEvents: EventLog; alarms: Alarm[]; dashboard: Dashboard };

  constructor(name: string, args: MonitoringArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:sanders:Monitoring", name, {}, options);
    const { names, settings, topic } = args;
    const below = { parent: this };
    const ofQueue = (states: string[]) => ({
      source: ["aws.batch"],
      "detail-type": ["Batch Job State Change"],
      detail: { jobQueue: [args.queueArn], status: states },
    });
    const jobFailures = new EventNotification(
      `${name}-job-failures`,
      {
        name: names.of("job-failures"),
        description: "Batch jobs that failed",
        pattern: ofQueue(["FAILED"]),
        topicArn: topic.arn,
        message: "Batch job <name> (<id>) failed: <reason>. Log: /aws/batch/job, stream <stream>",
        values: {
          name: "$.detail.jobName",
          id: "$.detail.jobId",
          reason: "$.detail.statusReason",
          stream: "$.detail.container.logStreamName",
        },
      },
      below,
    );
    new EventNotification(
      `${name}-execution-stops`,
      {
        name: names.of("execution-stops"),
        description: "Executions of the orchestrator that were stopped or ran out of time",
        pattern: {
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: { stateMachineArn: [args.stateMachineArn], status: ["TIMED_OUT", "ABORTED"] },
        },
        topicArn: topic.arn,
        message: "Execution <name> ended: <status>",
        values: { name: "$.detail.name", status: "$.detail.status" },
      },
      below,
    );
    const jobEvents = new EventLog(
      `${name}-job-events`,
      {
        name: names.of("job-events"),
        description: "Ends of Batch jobs, for the dashboard",
        pattern: ofQueue(JOB_ENDS),
        retentionDays: settings.logs.retentionDays,
      },
      below,
    );
    const made = this.alarms(name, args, jobFailures.ruleName);
    const dashboard = new Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: names.of("platform"),
        dashboardBody: pulumi.jsonStringify(
          dashboardBody(args, {
            failureRule: jobFailures.ruleName,
            jobEventsLog: `/aws/events/${names.of("job-events")}`,
            alarmArns: made.map(({ arn }) => arn),
          }),
        ),
      },
      below,
    );
    this.nodes = { jobFailures, jobEvents, alarms: made, dashboard };
    this.registerOutputs({});
  }

  private alarms(name: string, args: MonitoringArgs, failureRule: pulumi.Output<string>): Alarm[] {
    const { names, settings, topic } = args;
    const alarm = (
      what: string,
      limits: Omit<ConstructorParameters<typeof Alarm>[1], "name" | "topicArn" | "statistic">,
    ) =>
      new Alarm(
        `${name}-${what}`,
        { name: names.of(what), statistic: "Sum", topicArn: topic.arn, ...limits },
        { parent: this },
      );
    const ofStateMachine = { StateMachineArn: args.stateMachineArn };
    return [
      alarm("batch-failures", {
        description: "Batch jobs failed. The log of each is in /aws/batch/job.",
        metric: { namespace: "AWS/Events", name: "TriggeredRules", dimensions: { RuleName: failureRule } },
        threshold: 1,
      }),
      alarm("execution-failures", {
        description: "Executions of the orchestrator failed. Their history says where.",
        metric: { namespace: "AWS/States", name: "ExecutionsFailed", dimensions: ofStateMachine },
        threshold: 1,
      }),
      alarm("dynamodb-writes", {
        description: "The feature table takes unusually many writes, which cost money.",
        metric: {
          namespace: "AWS/DynamoDB",
          name: "ConsumedWriteCapacityUnits",
          dimensions: { TableName: args.tableName },
        },
        threshold: settings.monitoring.writeUnitsPerFiveMinutes,
      }),
    ];
  }
}

interface Sources {
  failureRule: pulumi.Input<string>;
  jobEventsLog: string;
  alarmArns: pulumi.Input<string>[];
}

/** `basic`: jobs and executions at a glance. `full`: also how long they took, what the table did, and the alarms. */
export function dashboardBody(args: MonitoringArgs, sources: Sources): ReturnType<typeof layout> {
  const { region, monitoring } = args.settings;
  const log = [sources.jobEventsLog];
  const executions = (metric: string) => ["AWS/States", metric, "StateMachineArn", args.stateMachineArn];
  const table = (metric: string) => ["AWS/DynamoDB", metric, "TableName", args.tableName];
  const jobs: Widget[] = [
    query("Jobs by outcome", region, log, ["stats count(*) as jobs by detail.status, bin(1h)"], "bar"),
    graph("Job failures", region, [["AWS/Events", "TriggeredRules", "RuleName", sources.failureRule]]),
    graph("Executions", region, ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed"].map(executions)),
  ];
  if (monitoring.detail === "basic") return layout([{ height: 6, widgets: jobs }]);
  return layout([
    { height: 3, widgets: [alarms("Alarms", sources.alarmArns)] },
    { height: 6, widgets: jobs },
    {
      height: 6,
      widgets: [
        query("Success rate of jobs, %", region, log, [
          "fields strcontains(detail.status, 'SUCCEEDED') as succeeded",
          "stats 100 * sum(succeeded) / count(*) as rate by bin(1d)",
        ]),
        query("Duration of jobs, seconds", region, log, [
          "fields (detail.stoppedAt - detail.startedAt) / 1000 as seconds",
          "stats avg(seconds), max(seconds), count(*) as jobs by detail.jobName",
        ]),
        graph("Duration of executions, ms", region, [executions("ExecutionTime")], "p95"),
      ],
    },
    {
      height: 6,
      widgets: [
        graph(
          "Capacity of the feature table",
          region,
          ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"].map(table),
        ),
        graph(
          "Throttled and failed requests",
          region,
          ["WriteThrottleEvents", "UserErrors", "SystemErrors"].map(table),
        ),
        graph("Executions that ended otherwise", region, ["ExecutionsAborted", "ExecutionsTimedOut"].map(executions)),
      ],
    },
  ]);
}
