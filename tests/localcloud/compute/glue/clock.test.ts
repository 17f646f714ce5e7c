import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTriggerCommand,
  GetJobRunsCommand,
  ListCrawlsCommand,
} from "@aws-sdk/client-glue";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, pythonShell } from "./fixture.js";

describe("Glue: one clock with EventBridge", function () {
  this.timeout(120_000);
  let on: GlueAccount;
  before(async () => {
    on = await glueAccount();
  });

  it("triggers and crawlers fire when the account's clock is moved, and no others'", async () => {
    await on.job("nightly", "print('at night')\n", { Command: pythonShell(on, "nightly"), GlueVersion: undefined });
    await on.put("in/a.json", '{"a":1}');
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "clock" } }));
    const Targets = { S3Targets: [{ Path: `s3://${on.bucket}/in/` }] };
    const crawler = { Name: "daily", Role: "glue", DatabaseName: "clock", Targets, Schedule: "cron(0 5 * * ? *)" };
    await on.glue.send(new CreateCrawlerCommand(crawler));
    const trigger = {
      Name: "night",
      Type: "SCHEDULED",
      Schedule: "cron(30 4 * * ? *)",
      StartOnCreation: true,
    } as const;
    await on.glue.send(new CreateTriggerCommand({ ...trigger, Actions: [{ JobName: "nightly" }] }));
    const sqs = new SQSClient(on.config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "rule" }));
    const events = new EventBridgeClient(on.config);
    await events.send(new PutRuleCommand({ Name: "rule", ScheduleExpression: "cron(45 4 * * ? *)" }));
    const Arn = `arn:aws:sqs:eu-central-1:${on.account}:rule`;
    await events.send(new PutTargetsCommand({ Rule: "rule", Targets: [{ Id: "queue", Arn }] }));

    const another = await glueAccount();
    await another.cloud.advance(another.account, 86_400);
    const runs = async () => (await on.glue.send(new GetJobRunsCommand({ JobName: "nightly" }))).JobRuns ?? [];
    assert.deepEqual(await runs(), []);

    const start = (await on.cloud.advance(on.account, 0)).now;
    const morning = new Date(start.getTime() + 86_400_000);
    const { fired, now } = await on.cloud.advance(on.account, morning);
    assert.equal(fired, 3);
    assert.ok(
      now >= morning && now.getTime() < morning.getTime() + 5000,
      `${now.toISOString()} after ${morning.toISOString()}`,
    );
    const run = await until("the run of the trigger", async () =>
      (await runs()).find(({ JobRunState = "" }) => JobRunState === "SUCCEEDED"),
    );
    assert.equal(run.TriggerName, "night");
    await until("the crawl of the schedule", async () => {
      const { Crawls = [] } = await on.glue.send(new ListCrawlsCommand({ CrawlerName: "daily" }));
      return Crawls.some(({ State }) => State === "COMPLETED") || undefined;
    });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    assert.match(JSON.parse(Messages[0]?.Body ?? "{}").time, /T04:45:00Z$/);
    await assert.rejects(on.cloud.advance(on.account, start), /a clock only goes forward: it is .* is over/);
  });
});
