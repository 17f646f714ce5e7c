import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type IntegrationCloud, integrationCloud, REGION } from "./fixture.js";

describe("aws-sdk integrations", () => {
  let cloud: IntegrationCloud;
  const Bucket = `sdk-${Date.now()}`;
  before(async function () {
    this.timeout(60_000);
    cloud = await integrationCloud();
    await new S3Client({ ...cloud.config(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
    await new DynamoDBClient(cloud.config()).send(
      new CreateTableCommand({
        TableName: "table",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
  });
  after(() => cloud.stop());
  const call = (action: string, parameters: object, roleArn?: string) =>
    cloud.run(`arn:aws:states:::aws-sdk:${action}`, parameters as never, roleArn);

  it("writes, lists and reads an object, whose times are ISO 8601 and whose body is a text", async () => {
    const put = await call("s3:putObject", { Bucket, Key: "a/1.json", Body: { answer: 42 } });
    const { ETag } = put.output as { ETag: string };
    const listed = await call("s3:listObjectsV2", { Bucket, Prefix: "a/" });
    const { Contents, KeyCount } = listed.output as { Contents: Record<string, unknown>[]; KeyCount: number };
    assert.equal(KeyCount, 1);
    assert.deepEqual([Contents[0]?.Key, Contents[0]?.Size, Contents[0]?.ETag], ["a/1.json", 13, ETag]);
    assert.match(String(Contents[0]?.LastModified), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const got = await call("s3:getObject", { Bucket, Key: "a/1.json" });
    const { Body, ContentLength, SdkHttpMetadata } = got.output as Record<string, unknown>;
    assert.deepEqual([Body, ContentLength, SdkHttpMetadata], ['{"answer":42}', 13, undefined]);
  });

  it("spells members as the AWS SDK for Java 2 does", async () => {
    const Item = { id: { S: "1" }, flag: { Bool: true }, tags: { Ss: ["x"] } };
    assert.deepEqual((await call("dynamodb:putItem", { TableName: "table", Item })).output, {});
    const { output } = await call("dynamodb:getItem", { TableName: "table", Key: { id: { S: "1" } } });
    assert.deepEqual(output, { Item });
    const scanned = await call("dynamodb:scan", { TableName: "table" });
    assert.deepEqual(scanned.output, { Count: 1, Items: [Item], ScannedCount: 1 });
  });

  it("reaches services whose package has a longer name, and camelCase APIs", async () => {
    assert.deepEqual((await call("cloudwatchlogs:createLogGroup", { LogGroupName: "/a/b" })).output, {});
    const { output } = await call("cloudwatchlogs:describeLogGroups", { LogGroupNamePrefix: "/a" });
    const { LogGroups } = output as { LogGroups: { LogGroupName: string; CreationTime: number }[] };
    assert.equal(LogGroups[0]?.LogGroupName, "/a/b");
    assert.equal(typeof LogGroups[0]?.CreationTime, "number");
    const identity = await call("sts:getCallerIdentity", {});
    assert.equal((identity.output as { Account: string }).Account, cloud.account);
    const secret = await call("secretsmanager:createSecret", { Name: "s", SecretString: "x" });
    assert.match((secret.output as { Arn: string }).Arn, /^arn:aws:secretsmanager:/);
  });

  it("names errors by service and class, in the words of that SDK", async () => {
    const condition = { TableName: "table", Item: { id: { S: "1" } }, ConditionExpression: "attribute_not_exists(id)" };
    const refused = await call("dynamodb:putItem", condition);
    assert.equal(refused.error, "DynamoDb.ConditionalCheckFailedException");
    assert.match(
      refused.cause ?? "",
      /^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: \S+\)$/,
    );
    const missing = await call("s3:getObject", { Bucket, Key: "none" });
    assert.equal(missing.error, "S3.NoSuchKeyException");
    assert.match(missing.cause ?? "", /\(Service: S3, Status Code: 404, Request ID: \S+, Extended Request ID: \S+\)$/);
    const executionArn = `arn:aws:states:${REGION}:${cloud.account}:execution:none:none`;
    const none = await call("sfn:describeExecution", { ExecutionArn: executionArn });
    assert.equal(none.error, "Sfn.ExecutionDoesNotExistException");
    assert.match(
      none.cause ?? "",
      /^Execution Does Not Exist: '.*' \(Service: Sfn, Status Code: 400, Request ID: \S+\)$/,
    );
    const invalid = await call("dynamodb:putItem", { TableName: "table", Item: {} });
    assert.equal(invalid.error, "DynamoDb.DynamoDbException");
  });

  it("is refused what the role does not allow", async () => {
    const role = await cloud.role("only-list", { Action: "s3:ListBucket", Resource: "*" });
    const { error, cause } = await call("s3:getObject", { Bucket, Key: "a/1.json" }, role);
    assert.equal(error, "S3.S3Exception");
    assert.match(cause ?? "", /not authorized to perform: s3:GetObject/);
    assert.match(cause ?? "", /Service: S3, Status Code: 403/);
  });

  it("names what is not a member, and what is of the wrong type", async () => {
    const { error, cause } = await call("s3:getObject", { Bucket, key: "x", Range: 5 });
    assert.equal(error, "States.Runtime");
    assert.match(
      cause ?? "",
      /\[The field 'key' is not supported by Step Functions, The value for the field 'Range' must be a STRING, The field 'Key' is required but was missing\]$/,
    );
  });

  it("shows the response and waits with .waitForTaskToken", async () => {
    const resource = "arn:aws:states:::aws-sdk:sts:getCallerIdentity.waitForTaskToken";
    const { output } = await cloud.start(resource, {}, { taskToken: "t" }).reply("submitted");
    assert.equal((output as { Account: string }).Account, cloud.account);
  });
});
