import assert from "node:assert/strict";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

/** Refused by rules and by Scheduler alike. */
const NEVER = [
  "nonsense",
  "rate(0 minutes)",
  "rate(-1 hours)",
  "rate(5 fortnights)",
  "cron(0 9 1 * 1 *)",
  "cron(0 9 ? * ? *)",
  "cron(0 9 * * *)",
  "cron(60 9 * * ? *)",
  "cron(0 24 * * ? *)",
  "cron(0 9 32 * ? *)",
  "cron(0 9 * 13 ? *)",
  "cron(0 9 ? * 8 *)",
  "cron(0 9 * * ? 1969)",
  "cron(30-10 9 * * ? *)",
];
const CRONS = [
  "cron(0/15 8-17 ? * MON-FRI *)",
  "cron(30 4 L * ? *)",
  "cron(0 9 15W * ? 2030-2040)",
  "cron(0 0 ? 1,JUL 6#3 *)",
];

describe("EventBridge and Scheduler refuse what would never fire", () => {
  let events: EventBridgeClient;
  let scheduler: SchedulerClient;
  let account: string;
  before(async () => {
    const cloud = await testCloud();
    account = freshAccount();
    events = new EventBridgeClient(clientConfig(cloud, account));
    scheduler = new SchedulerClient(clientConfig(cloud, account));
  });

  const refused = (attempt: Promise<unknown>, message: string | RegExp) =>
    assert.rejects(attempt, (error: Error) => {
      assert.equal(error.name, "ValidationException", error.message);
      if (typeof message === "string") assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
  const schedule = (ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) => {
    const Target = { Arn: `arn:aws:sqs:eu-central-1:${account}:q`, RoleArn: `arn:aws:iam::${account}:role/r` };
    const Name = `s-${ScheduleExpression.replaceAll(/[^a-zA-Z0-9]/g, "-")}`;
    return { Name, ScheduleExpression, FlexibleTimeWindow: { Mode: "OFF" as const }, Target, ...more };
  };
  const create = (...given: Parameters<typeof schedule>) =>
    scheduler.send(new CreateScheduleCommand(schedule(...given)));
  const put = (Name: string, ScheduleExpression?: string, EventBusName?: string) =>
    events.send(new PutRuleCommand({ Name, ScheduleExpression, EventBusName }));

  it("rules: expressions", async () => {
    for (const expression of [...NEVER, "rate(1 minutes)", "rate(5 minute)", "at(2030-01-01T00:00:00)"])
      await refused(put("never", expression), "Parameter ScheduleExpression is not valid.");
    await refused(put("never"), "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    await events.send(new CreateEventBusCommand({ Name: "own" }));
    await refused(put("never", "rate(1 day)", "own"), "ScheduleExpression is supported only on the default event bus.");
    const kept = ["rate(1 minute)", "rate(5 minutes)", ...CRONS];
    for (const [index, expression] of kept.entries()) await put(`rule-${index}`, expression);
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    assert.deepEqual(Rules.map(({ ScheduleExpression }) => ScheduleExpression).sort(), kept.sort());
  });

  it("rules: targets of Batch and ECS without their parameters", async () => {
    await put("targets", "rate(1 day)");
    const RoleArn = `arn:aws:iam::${account}:role/r`;
    const target = (Id: string, arn: string, more: Partial<Target> = {}) =>
      events.send(
        new PutTargetsCommand({ Rule: "targets", Targets: [{ Id, Arn: `arn:aws:${arn}`, RoleArn, ...more }] }),
      );
    const queue = `batch:eu-central-1:${account}:job-queue/q`;
    await refused(target("one", queue), "Parameter(s) BatchParameters must be specified for target: one.");
    const cluster = `ecs:eu-central-1:${account}:cluster/c`;
    await refused(target("two", cluster), "Parameter(s) EcsParameters must be specified for target: two.");
    await target("one", queue, { BatchParameters: { JobDefinition: "d:1", JobName: "j" } });
  });

  it("schedules: expressions, time zones, bounds, targets", async () => {
    for (const expression of [...NEVER, "at(2030-13-01T00:00:00)", "at(tomorrow)"])
      await refused(create(expression), `Invalid Schedule Expression ${expression}.`);
    await refused(
      create("rate(1 day)", { ScheduleExpressionTimezone: "Mars/X" }),
      "Invalid ScheduleExpressionTimezone Mars/X.",
    );
    const [StartDate, EndDate] = [new Date("2030-01-02"), new Date("2030-01-01")];
    await refused(create("rate(1 day)", { StartDate, EndDate }), /EndDate you specify must come after/);
    await refused(create("rate(1 day)", { FlexibleTimeWindow: { Mode: "FLEXIBLE" } }), /^MaximumWindowInMinutes must/);
    const wide = { Mode: "FLEXIBLE", MaximumWindowInMinutes: 1441 } as const;
    await refused(
      create("rate(1 day)", { FlexibleTimeWindow: wide }),
      /'flexibleTimeWindow\.maximumWindowInMinutes' .* 1440$/,
    );
    const Target = { Arn: `arn:aws:ecs:eu-central-1:${account}:cluster/c`, RoleArn: `arn:aws:iam::${account}:role/r` };
    await refused(create("rate(1 day)", { Target }), /^Parameter\(s\) EcsParameters must be specified/);
    const kept = ["rate(1 minute)", "rate(5 minutes)", "at(2030-01-01T00:00:00)", ...CRONS];
    for (const expression of kept) await create(expression, { ScheduleExpressionTimezone: "America/New_York" });
    await refused(
      scheduler.send(new UpdateScheduleCommand({ ...schedule("rate(1 minute)"), ScheduleExpression: "nonsense" })),
      "Invalid Schedule Expression nonsense.",
    );
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}));
    assert.equal(Schedules.length, kept.length);
  });
});
