import assert from "node:assert/strict";
import {
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  TagResourceCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { Schedule } from "@pulumi/aws/scheduler/schedule.js";
import { ScheduleGroup } from "@pulumi/aws/scheduler/scheduleGroup.js";
import { type Life, testLives } from "../lifecycle.js";
import { by, id } from "../versions.js";

const target = {
  arn: "arn:aws:scheduler:::aws-sdk:batch:submitJob",
  roleArn: "arn:aws:iam::123456789012:role/submit",
};

const lives: Life[] = [
  {
    name: "group",
    declare: (version, options) =>
      new ScheduleGroup(
        "group",
        {
          name: by(version, "group", "group", "group-2"),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:scheduler:eu-central-1:\d{12}:schedule-group\/group$/);
        assert.equal(outputs.state, "ACTIVE");
      },
    },
    disturb: async (_name, { client }, outputs) => {
      const request = { ResourceArn: String(outputs.arn), Tags: [{ Key: "Intruder", Value: "1" }] };
      await new SchedulerClient(client).send(new TagResourceCommand(request));
    },
  },
  {
    name: "weekly",
    declare: (version, options) =>
      new Schedule(
        "weekly",
        {
          name: by(version, "weekly", "weekly", "weekly-2"),
          scheduleExpression: "cron(0 3 ? * SUN *)",
          scheduleExpressionTimezone: by(version, "UTC", "Europe/Berlin"),
          state: by(version, "DISABLED", "ENABLED"),
          flexibleTimeWindow: by<{ mode: string; maximumWindowInMinutes?: number }>(
            version,
            { mode: "OFF" },
            { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
          ),
          startDate: by(version, undefined, "2030-01-01T00:00:00Z"),
          target: {
            ...target,
            input: JSON.stringify({ JobName: by(version, "train", "train-weekly") }),
            retryPolicy: { maximumRetryAttempts: by(version, 185, 3) },
          },
        },
        options,
      ),
    verify: {
      updated: async (_id, { client }) => {
        const found = await new SchedulerClient(client).send(new GetScheduleCommand({ Name: "weekly" }));
        assert.equal(found.State, "ENABLED");
        assert.equal(found.ScheduleExpressionTimezone, "Europe/Berlin");
        assert.deepEqual(JSON.parse(found.Target?.Input ?? ""), { JobName: "train-weekly" });
      },
    },
    disturb: async (_id, { client }) => {
      const request = {
        Name: "weekly",
        ScheduleExpression: "rate(1 minute)",
        FlexibleTimeWindow: { Mode: "OFF" as const },
        Target: { Arn: target.arn, RoleArn: target.roleArn },
      };
      await new SchedulerClient(client).send(new UpdateScheduleCommand(request));
    },
  },
  {
    name: "grouped",
    declare: (version, options, others) =>
      new Schedule(
        "grouped",
        {
          name: "grouped",
          groupName: id(others, "group"),
          description: by(version, "one", "two"),
          scheduleExpression: "rate(1 day)",
          flexibleTimeWindow: { mode: "OFF" },
          target,
        },
        options,
      ),
    outputs: {
      created: (outputs) => assert.match(String(outputs.arn), /:schedule\/group\/grouped$/),
    },
  },
];

testLives("provider: scheduler", lives, async ({ client }) => {
  const scheduler = new SchedulerClient(client);
  const [groups, schedules] = await Promise.all([
    scheduler.send(new ListScheduleGroupsCommand({})),
    scheduler.send(new ListSchedulesCommand({})),
  ]);
  return [
    ...(groups.ScheduleGroups ?? []).filter((group) => group.Name !== "default").map((group) => group.Name ?? ""),
    ...(schedules.Schedules ?? []).map((schedule) => schedule.Name ?? ""),
  ];
});
