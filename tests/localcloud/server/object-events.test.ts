import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

/** Filters of an object's key or size, and which of the objects below they let through. */
const FILTERS: Record<string, { detail: object; keys: string[] }> = {
  prefix: { detail: { object: { key: [{ prefix: "in/" }] } }, keys: ["in/a.CSV", "in/b.json", "in/deep/c.csv"] },
  suffix: { detail: { object: { key: [{ suffix: ".csv" }] } }, keys: ["in/deep/c.csv", "out/d.csv"] },
  wildcard: { detail: { object: { key: [{ wildcard: "in/*/*.csv" }] } }, keys: ["in/deep/c.csv"] },
  ignoreCase: {
    detail: { object: { key: [{ suffix: { "equals-ignore-case": ".csv" } }] } },
    keys: ["in/a.CSV", "in/deep/c.csv", "out/d.csv"],
  },
  anythingBut: { detail: { object: { key: [{ "anything-but": { prefix: "in/" } }] } }, keys: ["out/d.csv"] },
  numeric: { detail: { object: { size: [{ numeric: [">", 1, "<=", 3] }] } }, keys: ["in/b.json", "in/deep/c.csv"] },
  exists: {
    detail: { object: { nothing: [{ exists: false }] } },
    keys: ["in/a.CSV", "in/b.json", "in/deep/c.csv", "out/d.csv"],
  },
  or: { detail: { object: { $or: [{ key: [{ prefix: "out/" }] }, { size: [1] }] } }, keys: ["in/a.CSV", "out/d.csv"] },
};
const OBJECTS = { "in/a.CSV": "1", "in/b.json": "12", "in/deep/c.csv": "123", "out/d.csv": "1234" };

describe("S3 events: Object Created on the bus", () => {
  it("reach the rules whose patterns match key and size, and only where the bucket sends them", async () => {
    const account = freshAccount();
    const config = clientConfig(await testCloud(), account);
    const [s3, events, sqs] = [
      new S3Client({ ...config, forcePathStyle: true }),
      new EventBridgeClient(config),
      new SQSClient(config),
    ];
    const buckets = [`objects-${account}`, `silent-${account}`];
    for (const Bucket of buckets)
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
      );
    const NotificationConfiguration = { EventBridgeConfiguration: {} };
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: buckets[0], NotificationConfiguration }));
    const queues: Record<string, string | undefined> = {};
    for (const [Name, { detail }] of Object.entries(FILTERS)) {
      queues[Name] = (await sqs.send(new CreateQueueCommand({ QueueName: Name }))).QueueUrl;
      const EventPattern = JSON.stringify({ source: ["aws.s3"], "detail-type": ["Object Created"], detail });
      await events.send(new PutRuleCommand({ Name, EventPattern }));
      const InputTransformer = {
        InputPathsMap: { key: "$.detail.object.key", bucket: "$.detail.bucket.name" },
        InputTemplate: '{"from": "<bucket>", "key": <key>}',
      };
      const Target = { Id: "queue", Arn: `arn:aws:sqs:eu-central-1:${account}:${Name}`, InputTransformer };
      await events.send(new PutTargetsCommand({ Rule: Name, Targets: [Target] }));
    }
    for (const Bucket of buckets)
      for (const [Key, Body] of Object.entries(OBJECTS)) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    for (const [name, { keys }] of Object.entries(FILTERS)) {
      const received: { from: string; key: string }[] = [];
      for (let wait = 5; received.length < keys.length; wait = 5) {
        const request = { QueueUrl: queues[name], MaxNumberOfMessages: 10, WaitTimeSeconds: wait };
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
        received.push(...Messages.map(({ Body }) => JSON.parse(Body ?? "")));
      }
      const { Messages: more } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queues[name] }));
      assert.deepEqual([name, received.map(({ key }) => key).sort(), more], [name, keys, undefined]);
      assert.ok(received.every(({ from }) => from === buckets[0]));
    }
  });
});
