import assert from "node:assert/strict";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  ListDashboardsCommand,
  PutCompositeAlarmCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, PutMetricFilterCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CompositeAlarm } from "@pulumi/aws/cloudwatch/compositeAlarm.js";
import { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { LogMetricFilter } from "@pulumi/aws/cloudwatch/logMetricFilter.js";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { interpolate } from "@pulumi/pulumi";
import { type Life, testLives } from "../lifecycle.js";
import { by, id, steady } from "../versions.js";

const board = (title: string) => ({
  widgets: [
    {
      type: "metric",
      x: 0,
      y: 0,
      width: 12,
      height: 6,
      properties: {
        title,
        region: "eu-central-1",
        metrics: [["AWS/States", "ExecutionsFailed"]],
        stat: "Sum",
        period: 300,
      },
    },
  ],
});

const lives: Life[] = [
  {
    name: "failures",
    declare: (version, options) =>
      new MetricAlarm(
        "failures",
        {
          name: by(version, "failures", "failures", "failures-2"),
          namespace: "AWS/States",
          metricName: "ExecutionsFailed",
          dimensions: { StateMachineArn: by(version, "arn:a", "arn:b") },
          statistic: "Sum",
          period: by(version, 60, 300),
          evaluationPeriods: 1,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          threshold: by(version, 1, 2.5),
          treatMissingData: by(version, "notBreaching", "ignore"),
          alarmActions: ["arn:aws:sns:eu-central-1:123456789012:alerts"],
          alarmDescription: by(version, undefined, "two and a half"),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) =>
        assert.match(String(outputs.arn), /^arn:aws:cloudwatch:eu-central-1:\d{12}:alarm:failures$/),
    },
    verify: {
      updated: async (name, { client }) => {
        const found = await new CloudWatchClient(client).send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
        const alarm = found.MetricAlarms?.[0];
        assert.equal(alarm?.Threshold, 2.5);
        assert.deepEqual(alarm?.Dimensions, [{ Name: "StateMachineArn", Value: "arn:b" }]);
      },
    },
    disturb: async (name, { client }) => {
      await new CloudWatchClient(client).send(new DisableAlarmActionsCommand({ AlarmNames: [name] }));
    },
  },
  {
    name: "rate",
    declare: (version, options) =>
      new MetricAlarm(
        "rate",
        {
          name: by(version, "rate", "rate", "rate-2"),
          evaluationPeriods: by(version, 1, 3),
          comparisonOperator: "GreaterThanThreshold",
          threshold: 0.5,
          metricQueries: [
            { id: "rate", expression: by(version, "failed / started", "100 * failed / started"), returnData: true },
            ...["failed", "started"].map((each) => ({
              id: each,
              metric: { metricName: each, namespace: "Jobs", period: 300, stat: "Sum", dimensions: { Queue: "q" } },
            })),
          ],
        },
        options,
      ),
    // A cloud that keeps no expressions cannot tell them for an import.
    importId: false,
  },
  {
    name: "either",
    declare: (version, options, others) =>
      new CompositeAlarm(
        "either",
        {
          alarmName: by(version, "either", "either", "either-2"),
          alarmRule: interpolate`ALARM("${id(others, "failures")}") OR ALARM("${id(others, "rate")}")`,
          alarmDescription: by(version, "one", "the other"),
        },
        options,
      ),
    disturb: async (AlarmName, { client }, { alarmRule }) => {
      const change = { AlarmName, AlarmRule: String(alarmRule), AlarmDescription: "lost" };
      await new CloudWatchClient(client).send(new PutCompositeAlarmCommand(change));
    },
  },
  {
    name: "board",
    declare: (version, options) =>
      new Dashboard(
        "board",
        {
          dashboardName: by(version, "board", "board", "board-2"),
          dashboardBody: JSON.stringify(board(by(version, "Failures", "Failed executions"))),
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.dashboardArn), /^arn:aws:cloudwatch::\d{12}:dashboard\/board$/),
    },
    disturb: async (name, { client }) => {
      const request = { DashboardName: name, DashboardBody: JSON.stringify(board("Something else")) };
      await new CloudWatchClient(client).send(new PutDashboardCommand(request));
    },
  },
  {
    name: "log",
    declare: (_version, options) => new LogGroup("log", { name: "/jobs" }, options),
    ...steady,
  },
  {
    name: "errors",
    declare: (version, options, others) =>
      new LogMetricFilter(
        "errors",
        {
          name: by(version, "errors", "errors", "errors-2"),
          logGroupName: id(others, "log"),
          pattern: by(version, "ERROR", '{ $.level = "error" }'),
          metricTransformation: {
            name: "Errors",
            namespace: "Jobs",
            value: "1",
            defaultValue: by(version, undefined, "0"),
          },
        },
        options,
      ),
    disturb: async (name, { client }) => {
      const transformation = { metricName: "Errors", metricNamespace: "Jobs", metricValue: "7", defaultValue: 0 };
      await new CloudWatchLogsClient(client).send(
        new PutMetricFilterCommand({
          logGroupName: "/jobs",
          filterName: name,
          filterPattern: '{ $.level = "error" }',
          metricTransformations: [transformation],
        }),
      );
    },
    importId: (outputs) => `${outputs.logGroupName}:${outputs.name}`,
  },
];

testLives("provider: cloudwatch", lives, async ({ client }) => {
  const cloudwatch = new CloudWatchClient(client);
  const [alarms, boards] = await Promise.all([
    cloudwatch.send(new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"] })),
    cloudwatch.send(new ListDashboardsCommand({})),
  ]);
  return [
    ...[...(alarms.MetricAlarms ?? []), ...(alarms.CompositeAlarms ?? [])].map((each) => each.AlarmName ?? ""),
    ...(boards.DashboardEntries ?? []).map((each) => each.DashboardName ?? ""),
  ];
});
