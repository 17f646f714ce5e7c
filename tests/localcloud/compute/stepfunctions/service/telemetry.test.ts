import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, PASS, REGION, type StatesAccount, statesAccount, WAIT } from "./fixture.js";

const FAIL = { StartAt: "Fail", States: { Fail: { Type: "Fail", Error: "Mine", Cause: "on purpose" } } };

describe("Step Functions: events, metrics and logs", () => {
  let states: StatesAccount;
  before(async () => {
    states = await statesAccount();
  });

  describe("events", () => {
    let receive: () => Promise<{ detail: Record<string, unknown>; resources: string[] }>;
    before(async () => {
      const [events, sqs] = [new EventBridgeClient(states.config()), new SQSClient(states.config())];
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "changes" }));
      const EventPattern = JSON.stringify({
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
      });
      await events.send(new PutRuleCommand({ Name: "changes", EventPattern }));
      await events.send(
        new PutTargetsCommand({
          Rule: "changes",
          Targets: [{ Id: "1", Arn: `arn:aws:sqs:${REGION}:${states.account}:changes` }],
        }),
      );
      const waiting: { detail: Record<string, unknown>; resources: string[] }[] = [];
      receive = () =>
        eventually(async () => {
          const request = { QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 };
          if (waiting.length === 0) {
            const { Messages } = await sqs.send(new ReceiveMessageCommand(request));
            waiting.push(...(Messages ?? []).map(({ Body }) => JSON.parse(Body ?? "")));
          }
          return waiting.shift();
        });
    });

    it("tell each change of an execution's status, in order, with what belongs to it", async () => {
      const machine = await states.create(FAIL);
      const executionArn = await states.start(machine, { a: 1 });
      const [began, ended] = [await receive(), await receive()];
      assert.deepEqual(
        [began.detail.status, began.detail.stopDate, began.resources],
        ["RUNNING", null, [executionArn]],
      );
      const { detail } = ended;
      assert.deepEqual(
        [detail.status, detail.executionArn, detail.stateMachineArn, detail.input, detail.output],
        ["FAILED", executionArn, machine, '{"a":1}', null],
      );
      assert.deepEqual([detail.error, detail.cause, detail.redriveStatus], ["Mine", "on purpose", "REDRIVABLE"]);
      assert.deepEqual(detail.inputDetails, { included: true });
      assert.ok(Number(detail.stopDate) >= Number(detail.startDate));
      await states.sfn.send(new RedriveExecutionCommand({ executionArn }));
      const [again] = [await receive(), await receive()];
      assert.deepEqual([again?.detail.status, again?.detail.redriveCount], ["RUNNING", 1]);
    });

    it("come of Standard executions only", async () => {
      const stateMachineArn = await states.create(PASS, { type: "EXPRESS" });
      await states.sfn.send(new StartSyncExecutionCommand({ stateMachineArn }));
      const executionArn = await states.start(await states.create(PASS));
      assert.deepEqual((await receive()).resources, [executionArn]);
    });
  });

  it("metrics count executions by how they ended, and measure them", async () => {
    const machine = await states.create({
      StartAt: "Ok",
      States: {
        Ok: { Type: "Choice", Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Good" }], Default: "Bad" },
        Good: { Type: "Succeed" },
        Bad: { Type: "Fail" },
      },
    });
    for (const ok of [true, true, false]) await states.ended(await states.start(machine, { ok }));
    const waiting = await states.create(WAIT);
    await states.sfn.send(new StopExecutionCommand({ executionArn: await states.start(waiting) }));
    const cloudwatch = new CloudWatchClient(states.config());
    const figure = (MetricName: string, arn: string | undefined, statistic: "Sum" | "SampleCount") =>
      eventually(async () => {
        const { Datapoints } = await cloudwatch.send(
          new GetMetricStatisticsCommand({
            Namespace: "AWS/States",
            MetricName,
            Dimensions: arn === undefined ? [] : [{ Name: "StateMachineArn", Value: arn }],
            StartTime: new Date(Date.now() - 600_000),
            EndTime: new Date(Date.now() + 60_000),
            Period: 3600,
            Statistics: [statistic],
          }),
        );
        return Datapoints?.reduce((sum, point) => sum + (point[statistic] ?? 0), 0) || undefined;
      });
    assert.equal(await figure("ExecutionsAborted", waiting, "Sum"), 1);
    assert.equal(await figure("ExecutionsStarted", machine, "Sum"), 3);
    assert.equal(await figure("ExecutionsSucceeded", machine, "Sum"), 2);
    assert.equal(await figure("ExecutionsFailed", machine, "Sum"), 1);
    assert.equal(await figure("ExecutionTime", machine, "SampleCount"), 3);
    assert.ok(Number(await figure("ExecutionsStarted", undefined, "Sum")) >= 4, "the account's");
    const { executions } = await states.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: "FAILED" }),
    );
    await states.sfn.send(new RedriveExecutionCommand({ executionArn: executions?.[0]?.executionArn }));
    assert.equal(await figure("ExecutionsRedriven", machine, "Sum"), 1);
    assert.equal(await figure("RedrivenExecutionsFailed", machine, "Sum"), 1);
    const express = await states.create(PASS, { type: "EXPRESS" });
    await states.sfn.send(new StartSyncExecutionCommand({ stateMachineArn: express }));
    assert.equal(await figure("ExpressExecutionBilledMemory", express, "Sum"), 64 * 1024 * 1024);
    assert.ok(Number(await figure("ExpressExecutionBilledDuration", express, "Sum")) >= 100);
  });

  it("metrics tell how much there is of what has quotas", async () => {
    const own = await statesAccount();
    const cloudwatch = new CloudWatchClient(own.config());
    /** The highest value of a figure, once it has one. */
    const highest = (MetricName: string, arn?: string, Namespace = "AWS/States") =>
      eventually(async () => {
        const { Datapoints } = await cloudwatch.send(
          new GetMetricStatisticsCommand({
            Namespace,
            MetricName,
            Dimensions: arn === undefined ? [] : [{ Name: "ResourceArn", Value: arn }],
            StartTime: new Date(Date.now() - 600_000),
            EndTime: new Date(Date.now() + 60_000),
            Period: 3600,
            Statistics: ["Maximum"],
          }),
        );
        return Datapoints?.[0]?.Maximum;
      });
    const roleArn = await own.role("maps", "states.amazonaws.com", [
      { Action: "states:StartExecution", Resource: "*" },
    ]);
    const machine = await own.create(
      {
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...PASS },
            End: true,
          },
        },
      },
      { roleArn, publish: true },
    );
    await own.ended(await own.start(machine, [1, 2]));
    await own.sfn.send(
      new CreateStateMachineAliasCommand({
        name: "PROD",
        routingConfiguration: [{ stateMachineVersionArn: `${machine}:1`, weight: 100 }],
      }),
    );
    await own.sfn.send(new CreateActivityCommand({ name: "work" }));
    assert.equal(await highest("OpenExecutionCount"), 1);
    assert.equal(await highest("OpenExecutionLimit"), 1_000_000);
    assert.equal(await highest("ApproximateOpenMapRunCount"), 1);
    assert.equal(await highest("OpenMapRunLimit"), 1000);
    assert.equal(await highest("ApproximateMapRunBacklogSize"), 0);
    assert.equal(await highest("VersionCount", machine), 1);
    await eventually(async () => ((await highest("AliasCount", machine)) === 1 ? true : undefined));
    assert.equal(await highest("StateMachineCount", undefined, "AWS/Usage"), 1);
    await eventually(async () => ((await highest("ActivityCount", undefined, "AWS/Usage")) === 1 ? true : undefined));
  });

  describe("logs", () => {
    const group = "/states/history";
    let logs: CloudWatchLogsClient;
    before(async () => {
      logs = new CloudWatchLogsClient(states.config());
      await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    });

    const logging = (level: "ALL" | "ERROR" | "FATAL", includeExecutionData: boolean) => ({
      loggingConfiguration: {
        level,
        includeExecutionData,
        destinations: [
          { cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:${REGION}:${states.account}:log-group:${group}:*` } },
        ],
      },
    });
    /** The lines of a machine's executions, once the last event of one is there. */
    const lines = (machine: string) =>
      eventually(async () => {
        const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
        const found = (events ?? [])
          .filter(({ logStreamName }) => logStreamName?.startsWith(`states/${machine.split(":")[6]}/`))
          .map(({ message }) => JSON.parse(message ?? "") as Record<string, unknown>);
        return found.some(({ type }) => /^Execution(Succeeded|Failed)$/.test(String(type))) ? found : undefined;
      });

    it("hold every event of a Standard or an Express execution, with its data where that is wanted", async () => {
      for (const type of ["STANDARD", "EXPRESS"] as const) {
        const machine = await states.create(PASS, { type, ...logging("ALL", true) });
        const executionArn = await states.start(machine, { secret: 1 });
        const found = await lines(machine);
        assert.deepEqual(
          found.map((line) => [line.id, line.type, line.previous_event_id, line.execution_arn]),
          [
            ["1", "ExecutionStarted", "0", executionArn],
            ["2", "PassStateEntered", "0", executionArn],
            ["3", "PassStateExited", "2", executionArn],
            ["4", "ExecutionSucceeded", "3", executionArn],
          ],
        );
        assert.deepEqual(found[1]?.details, {
          name: "Pass",
          input: '{"secret":1}',
          inputDetails: { truncated: false },
        });
      }
    });

    it("hold no data where that is not wanted, and only errors where only those are", async () => {
      const all = await states.create(FAIL, logging("ALL", false));
      await states.start(all, { secret: 1 });
      const found = await lines(all);
      assert.equal(found.length, 3);
      assert.doesNotMatch(JSON.stringify(found), /secret|on purpose/);
      const errors = await states.create(FAIL, logging("ERROR", true));
      await states.start(errors);
      assert.deepEqual(
        (await lines(errors)).map(({ type }) => type),
        ["FailStateEntered", "ExecutionFailed"],
      );
      const fatal = await states.create(FAIL, logging("FATAL", true));
      await states.start(fatal);
      assert.deepEqual(
        (await lines(fatal)).map(({ type }) => type),
        ["ExecutionFailed"],
      );
    });
  });
});
