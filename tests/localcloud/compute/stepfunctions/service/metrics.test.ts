import assert from "node:assert/strict";
import type { HistoryEvent } from "../../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import {
  executionMetrics,
  type Metric,
  taskMetrics,
} from "../../../../../localcloud/compute/stepfunctions/service/metrics.js";
import type { Execution } from "../../../../../localcloud/compute/stepfunctions/service/model.js";

const MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:m";
const ACTIVITY = "arn:aws:states:eu-central-1:123456789012:activity:a";

/** An execution that took 1,234 ms. */
const execution = (more: object = {}): Execution =>
  ({
    machine: { arn: MACHINE, type: "STANDARD" },
    revision: { definitionText: "{}" },
    input: '{"a":1}',
    status: "SUCCEEDED",
    startedAt: new Date(1000),
    stoppedAt: new Date(2234),
    redriveCount: 0,
    ...more,
  }) as unknown as Execution;
/** Figures as `name{dimensions}=value`, sorted; those of the account before others of their name. */
const shown = (metrics: Metric[]) =>
  metrics
    .map(({ name, dimensions, value }) => ({ key: `${name}{${Object.keys(dimensions).join()}`, value }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ key, value }) => `${key}}=${value}`);

describe("Step Functions: metrics", () => {
  it("of executions are of the account, the state machine, and a version or alias", () => {
    const versioned = execution({ versionArn: `${MACHINE}:2`, aliasArn: `${MACHINE}:PROD` });
    assert.deepEqual(shown(executionMetrics(versioned)), [
      "ExecutionTime{}=1234",
      "ExecutionTime{StateMachineArn}=1234",
      "ExecutionTime{StateMachineArn,Alias}=1234",
      "ExecutionTime{StateMachineArn,Version}=1234",
      "ExecutionsSucceeded{}=1",
      "ExecutionsSucceeded{StateMachineArn}=1",
      "ExecutionsSucceeded{StateMachineArn,Alias}=1",
      "ExecutionsSucceeded{StateMachineArn,Version}=1",
    ]);
    assert.deepEqual(shown(executionMetrics(execution({ status: "RUNNING" }))), [
      "ExecutionsStarted{}=1",
      "ExecutionsStarted{StateMachineArn}=1",
    ]);
  });

  it("of a redriven execution count it as redriven besides", () => {
    assert.deepEqual(shown(executionMetrics(execution({ status: "RUNNING", redriveCount: 1 }))), [
      "ExecutionsRedriven{StateMachineArn}=1",
    ]);
    for (const [status, name] of [
      ["SUCCEEDED", "ExecutionsSucceeded"],
      ["FAILED", "ExecutionsFailed"],
      ["ABORTED", "ExecutionsAborted"],
      ["TIMED_OUT", "ExecutionsTimedOut"],
    ]) {
      const figures = shown(executionMetrics(execution({ status, redriveCount: 2 })));
      assert.ok(figures.includes(`${name}{StateMachineArn}=1`));
      assert.ok(figures.includes(`Redriven${name}{StateMachineArn}=1`));
    }
  });

  it("of an Express execution tell what it is charged for", () => {
    const express = execution({ machine: { arn: MACHINE, type: "EXPRESS" }, output: "12" });
    const figures = shown(executionMetrics(express));
    assert.deepEqual(
      figures.filter((figure) => figure.startsWith("Express")),
      [
        "ExpressExecutionBilledDuration{}=1300",
        "ExpressExecutionBilledDuration{StateMachineArn}=1300",
        `ExpressExecutionBilledMemory{}=${64 * 1024 * 1024}`,
        `ExpressExecutionBilledMemory{StateMachineArn}=${64 * 1024 * 1024}`,
        "ExpressExecutionMemory{StateMachineArn}=11",
      ],
    );
    assert.doesNotMatch(shown(executionMetrics(execution())).join(), /Express/);
  });

  describe("of tasks", () => {
    const scheduled = (type: string, details: object): HistoryEvent => {
      const name = `${type.charAt(0).toLowerCase()}${type.slice(1)}ScheduledEventDetails`;
      return { id: 1, previousEventId: 0, timestampMs: 0, type: `${type}Scheduled`, [name]: details } as HistoryEvent;
    };
    const event = (id: number, type: string, timestampMs: number): HistoryEvent => ({
      id,
      previousEventId: id - 1,
      timestampMs,
      type,
    });
    const course = (type: string, details: object, end: string, endMs: number) =>
      shown(
        taskMetrics(
          { events: [scheduled(type, details), event(2, `${type}Started`, 10), event(3, `${type}${end}`, endMs)] },
          2,
        ),
      );

    it("tell a missed heartbeat of an activity from a time-out", () => {
      const timing = { resource: ACTIVITY, timeoutInSeconds: 60, heartbeatInSeconds: 5 };
      assert.deepEqual(course("Activity", timing, "TimedOut", 5010), [
        "ActivitiesHeartbeatTimedOut{}=1",
        "ActivitiesHeartbeatTimedOut{ActivityArn}=1",
        "ActivityRunTime{}=5000",
        "ActivityRunTime{ActivityArn}=5000",
        "ActivityTime{}=5010",
        "ActivityTime{ActivityArn}=5010",
      ]);
      assert.ok(course("Activity", timing, "TimedOut", 60_000).includes("ActivitiesTimedOut{ActivityArn}=1"));
      const plain = { resource: ACTIVITY, timeoutInSeconds: 60 };
      assert.ok(course("Activity", plain, "TimedOut", 60_000).includes("ActivitiesTimedOut{ActivityArn}=1"));
    });

    it("are by the resource, for functions and services not of the account", () => {
      const lambda = { resource: "arn:aws:lambda:eu-central-1:123456789012:function:f", heartbeatInSeconds: 5 };
      assert.deepEqual(course("LambdaFunction", lambda, "TimedOut", 30), [
        "LambdaFunctionRunTime{LambdaFunctionArn}=20",
        "LambdaFunctionTime{LambdaFunctionArn}=30",
        "LambdaFunctionsTimedOut{LambdaFunctionArn}=1",
      ]);
      assert.deepEqual(course("Task", { resourceType: "sqs", resource: "sendMessage" }, "Failed", 30), [
        "ServiceIntegrationRunTime{ServiceIntegrationResourceArn}=20",
        "ServiceIntegrationTime{ServiceIntegrationResourceArn}=30",
        "ServiceIntegrationsFailed{ServiceIntegrationResourceArn}=1",
      ]);
    });
  });
});
