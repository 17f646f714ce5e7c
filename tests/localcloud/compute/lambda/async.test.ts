import assert from "node:assert/strict";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Functions, functions } from "./fixture.js";

/** Fails as long as its event says so, and tells a queue of each attempt. */
const REPORTER = `const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
const sqs = new SQSClient({});
let attempts = 0;
exports.handler = async (event, context) => {
  attempts++;
  if (process.env.SEEN) await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN,
    MessageBody: JSON.stringify({ event, attempts, id: context.awsRequestId }) }));
  if (attempts <= (event.failures ?? 0)) { attempts = attempts; throw new Error("attempt " + attempts); }
  return { fine: attempts };
};`;

describe("Lambda: asynchronous invocation", () => {
  let world: Functions;
  let sqs: SQSClient;
  before(async () => {
    world = await functions();
    sqs = new SQSClient(world.config());
  });

  async function queue(QueueName: string): Promise<{ url: string; arn: string }> {
    const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    return { url, arn: Attributes?.QueueArn ?? "" };
  }

  const invokeLater = (FunctionName: string, event: unknown) =>
    world.lambda.send(
      new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
    );

  it("is tried three times with one request id; then the destination and the dead-letter queue hear of it", async () => {
    const [failed, dead] = [await queue("failed"), await queue("dead")];
    const index = `let n = 0; exports.handler = async (event) => { throw new RangeError("attempt " + ++n); };`;
    const arn = await world.create("failing", { "index.js": index }, { DeadLetterConfig: { TargetArn: dead.arn } });
    const DestinationConfig = { OnFailure: { Destination: failed.arn } };
    await world.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: "failing", DestinationConfig }));
    const { StatusCode, $metadata } = await invokeLater("failing", { order: 7 });
    assert.equal(StatusCode, 202);
    const record = JSON.parse((await world.receive(failed.url)).body);
    const { timestamp, responsePayload, ...rest } = record;
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(rest, {
      version: "1.0",
      requestContext: {
        requestId: $metadata.requestId,
        functionArn: `${arn}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { order: 7 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    });
    assert.deepEqual([responsePayload.errorType, responsePayload.errorMessage], ["RangeError", "attempt 3"]);
    const letter = await world.receive(dead.url);
    assert.deepEqual(JSON.parse(letter.body), { order: 7 });
    const wanted = { RequestID: $metadata.requestId, ErrorCode: "200", ErrorMessage: "attempt 3" };
    assert.deepEqual(letter.attributes, wanted);
    const starts = (messages: string[]) => messages.filter((text) => text.startsWith("START"));
    const log = await world.messages("/aws/lambda/failing", (messages) => starts(messages).length === 3);
    assert.deepEqual(new Set(starts(log.map(({ message }) => message))).size, 1);
  });

  it("tells its destination of success, also another function or a bus", async () => {
    const [seen, onBus] = [await queue("seen"), await queue("on-bus")];
    const Environment = { Variables: { SEEN: seen.url } };
    const next = await world.create("next", { "index.js": REPORTER }, { Environment, Timeout: 20, MemorySize: 512 });
    const events = new EventBridgeClient(world.config());
    await events.send(new PutRuleCommand({ Name: "results", EventPattern: JSON.stringify({ source: ["lambda"] }) }));
    await events.send(new PutTargetsCommand({ Rule: "results", Targets: [{ Id: "queue", Arn: onBus.arn }] }));
    await world.create("first", { "index.js": "exports.handler = async (event) => event.value + 1;" });
    const bus = `arn:aws:events:eu-central-1:${world.account}:event-bus/default`;
    for (const [destination, read] of [
      [next, async () => JSON.parse((await world.receive(seen.url)).body).event],
      [
        bus,
        async () => {
          const event = JSON.parse((await world.receive(onBus.url)).body);
          assert.equal(event["detail-type"], "Lambda Function Invocation Result - Success");
          return event.detail;
        },
      ],
    ] as const) {
      const DestinationConfig = { OnSuccess: { Destination: destination } };
      await world.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: "first", DestinationConfig }));
      await invokeLater("first", { value: 41 });
      const record = await read();
      assert.deepEqual(
        [record.requestContext.condition, record.requestPayload, record.responsePayload],
        ["Success", { value: 41 }, 42],
      );
    }
  });

  it("is not retried when it is told so, and not beyond its age", async () => {
    const tooOld = await queue("too-old");
    await world.create("bad", { "index.js": `exports.handler = async () => { throw new Error("bad"); };` });
    const DestinationConfig = { OnFailure: { Destination: tooOld.arn } };
    const conditions = [];
    for (const limits of [{ MaximumRetryAttempts: 0 }, { MaximumEventAgeInSeconds: 100 }]) {
      const FunctionName = "bad";
      await world.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig, ...limits }));
      await invokeLater(FunctionName, {});
      const { condition, approximateInvokeCount } = JSON.parse((await world.receive(tooOld.url)).body).requestContext;
      conditions.push([condition, approximateInvokeCount]);
    }
    assert.deepEqual(conditions, [
      ["RetriesExhausted", 1],
      ["EventAgeExceeded", 2],
    ]);
  });

  it("goes to the dead-letter queue at once when the function may not run at all", async () => {
    const dead = await queue("stopped");
    await world.create("stopped", { "index.js": "" }, { DeadLetterConfig: { TargetArn: dead.arn } });
    await world.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: "stopped", ReservedConcurrentExecutions: 0 }),
    );
    await invokeLater("stopped", { a: 1 });
    assert.equal((await world.receive(dead.url)).attributes.ErrorCode, "429");
  });

  it("is started by buckets, topics and rules that its policy allows, and by no others", async () => {
    const seen = await queue("sources");
    const Environment = { Variables: { SEEN: seen.url } };
    const settings = { Environment, Timeout: 20, MemorySize: 512 };
    const [allowed, forbidden] = [
      await world.create("allowed", { "index.js": REPORTER }, settings),
      await world.create("forbidden", { "index.js": REPORTER }, settings),
    ];
    const Bucket = `lambda-source-${world.account}`;
    const s3 = new S3Client({ ...world.config(), forcePathStyle: true });
    const sns = new SNSClient(world.config());
    const events = new EventBridgeClient(world.config());
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "source" }));
    const { RuleArn = "" } = await events.send(
      new PutRuleCommand({ Name: "source", EventPattern: JSON.stringify({ source: ["aws.s3"] }) }),
    );
    for (const [StatementId, Principal, SourceArn] of [
      ["bucket", "s3.amazonaws.com", `arn:aws:s3:::${Bucket}`],
      ["topic", "sns.amazonaws.com", TopicArn],
      ["rule", "events.amazonaws.com", RuleArn],
    ])
      await world.lambda.send(
        new AddPermissionCommand({
          FunctionName: "allowed",
          StatementId,
          Action: "lambda:InvokeFunction",
          Principal,
          SourceArn,
        }),
      );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          EventBridgeConfiguration: {},
          LambdaFunctionConfigurations: [allowed, forbidden].map((LambdaFunctionArn) => ({
            LambdaFunctionArn,
            Events: ["s3:ObjectCreated:*"],
            Filter: { Key: { FilterRules: [{ Name: "suffix", Value: ".csv" }] } },
          })),
        },
        SkipDestinationValidation: true,
      }),
    );
    await events.send(
      new PutTargetsCommand({ Rule: "source", Targets: [allowed, forbidden].map((Arn, at) => ({ Id: `${at}`, Arn })) }),
    );
    for (const Endpoint of [allowed, forbidden])
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "in/data.csv", Body: "a,b" }));
    await sns.send(new PublishCommand({ TopicArn, Message: "hello" }));
    const kinds: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { event } = JSON.parse((await world.receive(seen.url)).body);
      kinds.push(event["detail-type"] ?? event.Records[0].eventSource ?? event.Records[0].EventSource);
    }
    assert.deepEqual(kinds.sort(), ["Object Created", "aws:s3", "aws:sns"]);
    // Had one of the others come through, it would be here by now: what was refused was refused before.
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: seen.url, AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    assert.equal(Attributes?.ApproximateNumberOfMessages, "0");
    assert.deepEqual(await world.messages("/aws/lambda/forbidden", () => true), []);
  });

  it("reads a queue through an event source mapping; what fails is there again", async () => {
    const [work, dead] = [await queue("work"), await queue("work-dead")];
    const { SetQueueAttributesCommand } = await import("@aws-sdk/client-sqs");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: work.url, Attributes: { RedrivePolicy, VisibilityTimeout: "1" } }),
    );
    const seen = await queue("worked");
    const Environment = { Variables: { SEEN: seen.url } };
    const index = `const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
      exports.handler = async ({ Records }) => {
        if (Records.some(({ body }) => body === "bad")) throw new Error("bad record");
        for (const { body } of Records) await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: body }));
      };`;
    await world.create("worker", { "index.js": index }, { Environment, Timeout: 1, MemorySize: 512 });
    await world.lambda.send(
      new CreateEventSourceMappingCommand({ EventSourceArn: work.arn, FunctionName: "worker", BatchSize: 1 }),
    );
    for (const MessageBody of ["good", "bad"])
      await sqs.send(new SendMessageCommand({ QueueUrl: work.url, MessageBody }));
    assert.equal((await world.receive(seen.url)).body, "good");
    assert.equal((await world.receive(dead.url)).body, "bad");
  });
});
