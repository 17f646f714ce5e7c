// Metrics that services publish of themselves, and the alarms on them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { projectPython, projectRoot } from "../../../localcloud/server/paths.js";
import { type Inbox, openInbox } from "../../stacks/cli/inbox.js";
import { freshAccount } from "../../support/cloud.js";
import { until } from "../../support/until.js";
import { type BridgeFixture, bridgeFixture } from "./bridge-fixture.js";

const region = "eu-central-1";

describe("bridge: alarms", () => {
  let bridge: BridgeFixture;
  let account: string;
  let client: ReturnType<BridgeFixture["context"]["clientConfig"]>;
  let watch: CloudWatchClient;
  let topic: string;
  let inbox: Inbox;
  before(async () => {
    bridge = await bridgeFixture();
  });
  after(() => bridge.stop());
  beforeEach(async () => {
    account = freshAccount();
    client = bridge.context.clientConfig(account, region);
    watch = new CloudWatchClient(client);
    const sns = new SNSClient(client);
    topic = (await sns.send(new CreateTopicCommand({ Name: "alerts" }))).TopicArn ?? "";
    inbox = await openInbox({ client: { ...client, region }, account }, "alerts");
  });

  const alarm = (change: Partial<PutMetricAlarmCommandInput>) =>
    watch.send(
      new PutMetricAlarmCommand({
        AlarmName: "a",
        Namespace: "Own",
        MetricName: "Errors",
        Statistic: "Sum",
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 3,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: [topic],
        OKActions: [topic],
        ...change,
      }),
    );
  const states = async () => {
    const { MetricAlarms = [] } = await watch.send(new DescribeAlarmsCommand({}));
    return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
  };
  /** Waits until the topic was told of a change. */
  const told = (change: string) =>
    inbox.next(({ message }) => {
      const { AlarmName, OldStateValue, NewStateValue } = JSON.parse(message);
      return `${AlarmName}: ${OldStateValue} → ${NewStateValue}` === change;
    });
  const put = (value: number, secondsAgo = 0, dimensions: Record<string, string> = {}) =>
    watch.send(
      new PutMetricDataCommand({
        Namespace: "Own",
        MetricData: [
          {
            MetricName: "Errors",
            Value: value,
            Timestamp: new Date(Date.now() - secondsAgo * 1000),
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
        ],
      }),
    );
  const sum = async (Namespace: string, MetricName: string, dimensions: Record<string, string>) => {
    const { Datapoints = [] } = await watch.send(
      new GetMetricStatisticsCommand({
        Namespace,
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 60_000),
        Period: 60,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };

  it("go by the figures of their own dimensions and periods, and tell the topic of each change", async () => {
    await alarm({ Dimensions: [{ Name: "Job", Value: "a" }] });
    await put(9, 0, { Job: "b" });
    await put(9, 400, { Job: "a" });
    await put(2, 0, { Job: "a" });
    assert.deepEqual(await states(), { a: "OK" });
    await put(1, 0, { Job: "a" });
    assert.deepEqual(await states(), { a: "ALARM" });
    await alarm({ Dimensions: [{ Name: "Job", Value: "a" }], Threshold: 4 });
    assert.deepEqual(await states(), { a: "OK" });
    for (const change of ["INSUFFICIENT_DATA → OK", "OK → ALARM", "ALARM → OK"]) await told(`a: ${change}`);
    const { AlarmHistoryItems = [] } = await watch.send(new DescribeAlarmHistoryCommand({ AlarmName: "a" }));
    const reasons = AlarmHistoryItems.map(({ HistoryData }) => JSON.parse(HistoryData ?? "{}").newState?.stateReason);
    assert.ok(
      reasons.includes(
        "Threshold Crossed: 1 out of the last 1 datapoints [3.0] was greater than or equal to the threshold (3.0).",
      ),
      reasons.join("\n"),
    );
  });

  it("need M of N periods", async () => {
    await alarm({ Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    await put(3, 30);
    assert.deepEqual(await states(), { a: "OK" });
    await put(2, 90);
    assert.deepEqual(await states(), { a: "OK" });
    await put(3, 150);
    assert.deepEqual(await states(), { a: "ALARM" });
  });

  it("treat missing data as they say", () => {
    // "Configuring how CloudWatch alarms treat missing data": - is missing, 0 does not breach, X does.
    const cases: [periods: string, toAlarm: number, states: Record<string, string>][] = [
      ["000", 3, { missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" }],
      ["---", 3, { missing: "INSUFFICIENT_DATA", ignore: "now", breaching: "ALARM", notBreaching: "OK" }],
      ["--0", 3, { missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" }],
      ["-X-", 3, { missing: "ALARM", ignore: "now", breaching: "ALARM", notBreaching: "OK" }],
      ["XXX", 3, { missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" }],
      ["XX-", 2, { missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" }],
      ["0X-", 2, { missing: "OK", ignore: "now", breaching: "ALARM", notBreaching: "OK" }],
    ];
    const script = `
import json, sys
from bridge.alarms import state_of
marks = {"-": None, "0": False, "X": True}
print(json.dumps([{m: state_of([marks[c] for c in periods], need, m, "now") for m in expected} for periods, need, expected in json.load(sys.stdin)]))`;
    const { stdout, stderr } = spawnSync(projectPython(), ["-c", script], {
      cwd: join(projectRoot, "dist", "localcloud", "server"),
      input: JSON.stringify(cases),
      encoding: "utf8",
    });
    assert.deepEqual(
      JSON.parse(stdout || "[]").map((found: object, index: number) => [cases[index]?.[0], found]),
      cases.map(([periods, , expected]) => [periods, expected]),
      stderr,
    );
  });

  it("on a rule go off when it is triggered, and its targets' failures are counted", async () => {
    const events = new EventBridgeClient(client);
    const dimensions = { RuleName: "failures" };
    await events.send(new PutRuleCommand({ Name: "failures", EventPattern: JSON.stringify({ source: ["app"] }) }));
    await events.send(new PutRuleCommand({ Name: "other", EventPattern: JSON.stringify({ source: ["else"] }) }));
    const RoleArn = `arn:aws:iam::${account}:role/none`;
    const Arn = `arn:aws:batch:${region}:${account}:job-queue/q`;
    const BatchParameters = { JobDefinition: "d", JobName: "j" };
    await events.send(
      new PutTargetsCommand({
        Rule: "failures",
        Targets: [
          { Id: "topic", Arn: topic },
          { Id: "batch", Arn, RoleArn, BatchParameters },
        ],
      }),
    );
    const of = (MetricName: string) => ({
      Namespace: "AWS/Events",
      MetricName,
      Dimensions: [{ Name: "RuleName", Value: "failures" }],
      Threshold: 2,
    });
    await alarm({ AlarmName: "triggered", ...of("TriggeredRules") });
    bridge.invoked = async () => {
      throw new Error("refused");
    };
    const entry = { Source: "app", DetailType: "t", Detail: "{}" };
    await events.send(new PutEventsCommand({ Entries: [entry, { ...entry, Source: "nobody" }] }));
    assert.deepEqual(await states(), { triggered: "OK" });
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    assert.deepEqual(await states(), { triggered: "ALARM" });
    await until("failed invocations", async () =>
      (await sum("AWS/Events", "FailedInvocations", dimensions)) === 2 ? true : undefined,
    );
    bridge.invoked = async () => {};
    for (const [metric, count] of Object.entries({ MatchedEvents: 2, TriggeredRules: 2, Invocations: 4 }))
      assert.equal(await sum("AWS/Events", metric, dimensions), count, metric);
    assert.equal(await sum("AWS/Events", "TriggeredRules", { RuleName: "other" }), 0);
  });

  it("on a table go off by the capacity that requests consume", async () => {
    const dynamo = new DynamoDBClient(client);
    const TableName = "items";
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
      }),
    );
    const Dimensions = [{ Name: "TableName", Value: TableName }];
    await alarm({ Namespace: "AWS/DynamoDB", MetricName: "ConsumedWriteCapacityUnits", Dimensions, Threshold: 9 });
    const item = (k: string, length = 10) => ({ k: { S: k }, v: { S: "x".repeat(length) } });
    const plain = await dynamo.send(new PutItemCommand({ TableName, Item: item("a") }));
    assert.equal(plain.ConsumedCapacity, undefined);
    await dynamo.send(new PutItemCommand({ TableName, Item: item("b", 2500) }));
    const PutRequest = { Item: item("c") };
    const batch = await dynamo.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest }, { PutRequest: { Item: item("d") } }] },
      }),
    );
    assert.equal(batch.ConsumedCapacity, undefined);
    assert.deepEqual(await states(), { a: "OK" });
    await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: item("e") } }] }));
    await dynamo.send(new ExecuteStatementCommand({ Statement: `INSERT INTO "items" VALUE {'k': 'f'}` }));
    // 1, 3 for three KB begun, 2, 2 for one within a transaction, 1.
    assert.equal(await sum("AWS/DynamoDB", "ConsumedWriteCapacityUnits", { TableName }), 9);
    assert.deepEqual(await states(), { a: "ALARM" });
    await dynamo.send(new GetItemCommand({ TableName, Key: { k: { S: "a" } }, ConsistentRead: true }));
    const asked = await dynamo.send(
      new GetItemCommand({ TableName, Key: { k: { S: "a" } }, ReturnConsumedCapacity: "TOTAL" }),
    );
    assert.deepEqual(asked.ConsumedCapacity, { TableName, CapacityUnits: 0.5 });
    assert.equal(await sum("AWS/DynamoDB", "ConsumedReadCapacityUnits", { TableName }), 1.5);
  });
});
