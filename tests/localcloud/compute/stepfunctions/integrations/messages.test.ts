// Integrations that ask a service for one thing: SQS, SNS, DynamoDB, EventBridge.
import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { EXECUTION, type IntegrationCloud, integrationCloud, MACHINE, REGION, withoutMetadata } from "./fixture.js";

describe("tasks that send and store", () => {
  let cloud: IntegrationCloud;
  let sqs: SQSClient;
  let queue: string;
  let queueArn: string;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    sqs = new SQSClient(cloud.config());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "queue" }));
    queue = QueueUrl ?? "";
    queueArn = `arn:aws:sqs:${REGION}:${cloud.account}:queue`;
  });
  after(() => cloud.stop());

  const receive = async () => {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue,
        WaitTimeSeconds: 10,
        MessageAttributeNames: ["All"],
      }),
    );
    const [message] = Messages ?? [];
    assert.ok(message);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.ReceiptHandle }));
    return message;
  };

  describe("sqs:sendMessage", () => {
    const SEND = "arn:aws:states:::sqs:sendMessage";

    it("sends a text as it is and JSON as its text, with attributes", async () => {
      const attributes = { kind: { DataType: "String", StringValue: "greeting" } };
      const sent = await cloud.run(SEND, { QueueUrl: queue, MessageBody: "hello", MessageAttributes: attributes });
      const message = await receive();
      assert.deepEqual([message.Body, message.MessageAttributes?.kind?.StringValue], ["hello", "greeting"]);
      const output = sent.output as Record<string, string>;
      assert.deepEqual([output.MessageId, output.MD5OfMessageBody], [message.MessageId, message.MD5OfBody]);
      await cloud.run(SEND, { QueueUrl: queue, MessageBody: { Input: [1, "two"] } });
      assert.equal((await receive()).Body, '{"Input":[1,"two"]}');
    });

    it("with .waitForTaskToken sends, shows the response and waits", async () => {
      const task = cloud.start(
        `${SEND}.waitForTaskToken`,
        { QueueUrl: queue, MessageBody: { TaskToken: "token" } },
        { taskToken: "token" },
      );
      const { output } = await task.reply("submitted");
      const { SdkHttpMetadata } = output as { SdkHttpMetadata: { HttpStatusCode: number } };
      assert.equal(SdkHttpMetadata.HttpStatusCode, 200);
      assert.equal((await receive()).Body, '{"TaskToken":"token"}');
      assert.equal(task.replies.length, 1);
    });

    it("fails as the role may not send", async () => {
      const reader = await cloud.role("reader", { Action: "sqs:ReceiveMessage", Resource: "*" });
      const { error, cause } = await cloud.run(SEND, { QueueUrl: queue, MessageBody: "x" }, reader);
      assert.equal(error, "SQS.AmazonSQSException");
      assert.match(cause ?? "", /^User: .*:assumed-role\/reader\/.* is not authorized to perform: sqs:SendMessage/);
      assert.match(cause ?? "", /\(Service: AmazonSQS; Status Code: 403; Error Code: AccessDenied/);
    });

    it("names a queue that does not exist, a body that is missing and a host that is not there", async () => {
      const none = await cloud.run(SEND, { QueueUrl: queue.replace(/queue$/, "none"), MessageBody: "x" });
      assert.equal(none.error, "SQS.QueueDoesNotExistException");
      const missing = await cloud.run(SEND, { QueueUrl: queue, MessageBody: null });
      assert.equal(missing.error, "SQS.AmazonSQSException");
      assert.match(missing.cause ?? "", /MessageBody.*Error Code: MissingParameter/);
      const nowhere = await cloud.run(SEND, { QueueUrl: "http://no-such-queue.invalid", MessageBody: "x" });
      assert.deepEqual(
        [nowhere.error, nowhere.cause],
        ["SQS.SdkClientException", "Unable to execute HTTP request: no-such-queue.invalid: Name or service not known"],
      );
    });
  });

  it("sns:publish publishes texts and JSON", async () => {
    const sns = new SNSClient(cloud.config());
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "topic" }));
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: ["sns.amazonaws.com", "events.amazonaws.com"] },
          Action: "sqs:SendMessage",
          Resource: queueArn,
        },
      ],
    });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { Policy } }));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    const { output } = await cloud.run("arn:aws:states:::sns:publish", { TopicArn, Message: { done: true } });
    assert.deepEqual(Object.keys(withoutMetadata(output) as object), ["MessageId"]);
    assert.equal((await receive()).Body, '{"done":true}');
    const none = await cloud.run("arn:aws:states:::sns:publish", { TopicArn: `${TopicArn}-none`, Message: "x" });
    assert.equal(none.error, "SNS.NotFoundException");
  });

  it("events:putEvents puts events that name execution and state machine, and fails when one is refused", async () => {
    const events = new EventBridgeClient(cloud.config());
    await events.send(new PutRuleCommand({ Name: "rule", EventPattern: '{"source":["mine"]}' }));
    await events.send(new PutTargetsCommand({ Rule: "rule", Targets: [{ Id: "1", Arn: queueArn }] }));
    const entry = { Source: "mine", DetailType: "Said", Detail: { word: "hi" }, Resources: ["arn:aws:s3:::x"] };
    const { output } = await cloud.run("arn:aws:states:::events:putEvents", { Entries: [entry] });
    assert.equal((output as { FailedEntryCount: number }).FailedEntryCount, 0);
    const event = JSON.parse((await receive()).Body ?? "");
    assert.deepEqual([event.detail, event.resources], [{ word: "hi" }, ["arn:aws:s3:::x", EXECUTION, MACHINE]]);

    const { error, cause } = await cloud.run("arn:aws:states:::events:putEvents", {
      Entries: [{ ...entry, Source: "aws.mine" }],
    });
    assert.equal(error, "EventBridge.FailedEntry");
    const failed = JSON.parse(cause ?? "");
    assert.deepEqual([failed.FailedEntryCount, failed.Entries[0].ErrorCode], [1, "NotAuthorizedForSourceException"]);
  });

  describe("dynamodb", () => {
    before(async () => {
      await new DynamoDBClient(cloud.config()).send(
        new CreateTableCommand({
          TableName: "table",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      );
    });
    const call = (action: string, parameters: object) =>
      cloud.run(`arn:aws:states:::dynamodb:${action}`, { TableName: "table", ...parameters });
    const Key = { id: { S: "1" } };

    it("puts, gets, updates and deletes an item", async () => {
      const item = { ...Key, count: { N: "1" }, flags: { M: { ok: { BOOL: true } } }, data: { B: "/wD+" } };
      assert.deepEqual(withoutMetadata((await call("putItem", { Item: item })).output), {});
      assert.deepEqual(withoutMetadata((await call("getItem", { Key })).output), { Item: item });
      const { Item } = await new DynamoDBClient(cloud.config()).send(new GetItemCommand({ TableName: "table", Key }));
      assert.deepEqual(Buffer.from(Item?.data?.B ?? []), Buffer.from([0xff, 0x00, 0xfe]));
      const update = {
        Key,
        UpdateExpression: "SET #c = #c + :one",
        ExpressionAttributeNames: { "#c": "count" },
        ExpressionAttributeValues: { ":one": { N: "1" } },
        ReturnValues: "UPDATED_NEW",
      };
      assert.deepEqual(withoutMetadata((await call("updateItem", update)).output), {
        Attributes: { count: { N: "2" } },
      });
      const { output } = await call("deleteItem", { Key, ReturnValues: "ALL_OLD" });
      assert.deepEqual(withoutMetadata(output), { Attributes: { ...item, count: { N: "2" } } });
    });

    it("names errors by their class", async () => {
      const condition = { Item: Key, ConditionExpression: "attribute_exists(id)" };
      const refused = await call("putItem", condition);
      assert.equal(refused.error, "DynamoDB.ConditionalCheckFailedException");
      assert.match(
        refused.cause ?? "",
        /^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; /,
      );
      const invalid = await call("putItem", { Item: null });
      assert.equal(invalid.error, "DynamoDB.AmazonDynamoDBException");
      assert.match(
        invalid.cause ?? "",
        /^1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException;/,
      );
      const none = await call("getItem", { TableName: "none", Key });
      assert.equal(none.error, "DynamoDB.ResourceNotFoundException");
    });
  });

  it("does not know resources that do not exist", async () => {
    for (const resource of [
      "arn:aws:states:::apigateway:invoke",
      "arn:aws:states:::sqs:sendMessage.sync",
      "arn:aws:states:::dynamodb:query",
      "arn:aws:states:::aws-sdk:nothing:getItem",
      "arn:aws:states:::aws-sdk:s3:fetchObject",
      "arn:aws:s3:::bucket",
    ]) {
      const { error, cause } = await cloud.run(resource, {});
      assert.equal(error, "States.Runtime");
      assert.match(cause ?? "", /^The resource provided .* is not recognized\./, resource);
    }
  });
});
