import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../../../localcloud/server/cloud.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

const DAY = 86_400;
const region = "eu-central-1";

describe("timetable: rules and schedules on a clock that can be moved", () => {
  let cloud: Cloud;
  let account: string;
  let queue: { url: string; arn: string };
  let RoleArn: string | undefined;

  beforeEach(async () => {
    cloud = await testCloud();
    account = freshAccount();
    const config = clientConfig(cloud, account);
    const { QueueUrl: url = "" } = await new SQSClient(config).send(new CreateQueueCommand({ QueueName: "fired" }));
    queue = { url, arn: `arn:aws:sqs:${region}:${account}:fired` };
    const iam = new IAMClient(config);
    const policy = (statement: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    const trust = policy({ Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "scheduler", AssumeRolePolicyDocument: trust }));
    const send = policy({ Action: "sqs:SendMessage", Resource: queue.arn });
    await iam.send(new PutRolePolicyCommand({ RoleName: "scheduler", PolicyName: "send", PolicyDocument: send }));
    RoleArn = Role?.Arn;
  });

  const schedule = (Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) =>
    new SchedulerClient(clientConfig(cloud, account)).send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression,
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: queue.arn, RoleArn, Input: '"<aws.scheduler.scheduled-time>"' },
        ...more,
      }),
    );

  /** Everything in the queue, which is empty then. */
  async function fired(): Promise<unknown[]> {
    const sqs = new SQSClient(clientConfig(cloud, account));
    const bodies: unknown[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return bodies.sort();
      for (const { Body, ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body ?? ""));
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
      }
    }
  }

  it("fires a rate once for each interval, with its times", async () => {
    await schedule("hourly", "rate(1 hour)");
    assert.equal((await cloud.advance(account, 3 * 3600 + 60)).fired, 3);
    const times = (await fired()) as string[];
    assert.equal(times.length, 3);
    assert.equal(Date.parse(times[1] ?? "") - Date.parse(times[0] ?? ""), 3_600_000);
    assert.equal((await cloud.advance(account, 60)).fired, 0);
  });

  it("keeps a time zone's hour through daylight saving time, and skips the hour that is not there", async () => {
    const zone = { ScheduleExpressionTimezone: "America/New_York" };
    const year = new Date().getUTCFullYear() + 1;
    await schedule("daily", "cron(30 4 * * ? *)", zone);
    await schedule("skipped", "cron(30 2 ? MAR SUN#2 *)", zone);
    await cloud.advance(account, 540 * DAY);
    const times = (await fired()) as string[];
    const hours = new Set(times.map((time) => time.slice(11)));
    assert.deepEqual([...hours].sort(), ["08:30:00Z", "09:30:00Z"]);
    assert.ok(times.includes(`${year}-07-01T08:30:00Z`) && times.includes(`${year}-12-24T09:30:00Z`));
    assert.ok(times.length >= 539 && times.length <= 541, `${times.length} times`);
  });

  it("fires at a time once, and removes what asks for it; start, end and windows hold", async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
    const local = (date: Date) => date.toISOString().slice(0, 19);
    const once = at(2 * DAY);
    await schedule("once", `at(${local(once)})`, { ActionAfterCompletion: "DELETE" });
    await schedule("bounded", "rate(1 day)", { StartDate: at(3 * DAY), EndDate: at(5 * DAY + 3600) });
    const window = { Mode: "FLEXIBLE", MaximumWindowInMinutes: 60 } as const;
    await schedule("flexible", `at(${local(at(8 * DAY))})`, { FlexibleTimeWindow: window });
    await schedule("disabled", "rate(1 hour)", { State: "DISABLED" });
    assert.equal((await cloud.advance(account, 2 * DAY + 60)).fired, 1);
    assert.deepEqual(await fired(), [`${local(once)}Z`]);
    const { Schedules = [] } = await new SchedulerClient(clientConfig(cloud, account)).send(
      new ListSchedulesCommand({}),
    );
    assert.deepEqual(Schedules.map(({ Name }) => Name).sort(), ["bounded", "disabled", "flexible"]);
    const { fired: bounded } = await cloud.advance(account, 5 * DAY);
    assert.ok(bounded === 2 || bounded === 3, `${bounded} times between start and end`);
    await cloud.advance(account, DAY + 3600);
    assert.equal((await fired()).length, bounded + 1);
  });

  it("fires scheduled rules by UTC, with the event of its time", async () => {
    const events = new EventBridgeClient(clientConfig(cloud, account));
    await events.send(new PutRuleCommand({ Name: "nightly", ScheduleExpression: "cron(30 4 * * ? *)" }));
    await events.send(new PutTargetsCommand({ Rule: "nightly", Targets: [{ Id: "queue", Arn: queue.arn }] }));
    assert.equal((await cloud.advance(account, DAY)).fired, 1);
    const [event] = (await fired()) as [Record<string, unknown>];
    assert.match(String(event.time), /T04:30:00Z$/);
    assert.deepEqual([event["detail-type"], event.source], ["Scheduled Event", "aws.events"]);
  });

  it("fires by itself when the time has come", async () => {
    const soon = new Date(Date.now() + 2000).toISOString().slice(0, 19);
    await schedule("soon", `at(${soon})`);
    const sqs = new SQSClient(clientConfig(cloud, account));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 15 }));
    assert.equal(JSON.parse(Messages?.[0]?.Body ?? "null"), `${soon}Z`);
  });

  it("leaves the clocks of other accounts alone", async () => {
    await schedule("hourly", "rate(1 hour)");
    await cloud.advance(freshAccount(), DAY);
    assert.deepEqual(await fired(), []);
  });
});
