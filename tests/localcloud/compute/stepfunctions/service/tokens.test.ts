import assert from "node:assert/strict";
import {
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  GetActivityTaskCommand,
  ListActivitiesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, REGION, type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: activities and task tokens", () => {
  let states: StatesAccount;
  before(async () => {
    states = await statesAccount();
  });

  const success = (taskToken: string, output: unknown) =>
    states.sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  const failure = (taskToken: string, error?: string, cause?: string) =>
    states.sfn.send(new SendTaskFailureCommand({ taskToken, error, cause }));
  const heartbeat = (taskToken: string) => states.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));

  describe("an activity", () => {
    let activityArn: string;
    before(async () => {
      ({ activityArn = "" } = await states.sfn.send(new CreateActivityCommand({ name: "work" })));
    });

    const machine = (more: object = {}) =>
      states.create({ StartAt: "Work", States: { Work: { Type: "Task", Resource: activityArn, End: true, ...more } } });
    const poll = async (workerName?: string) => {
      const task = await states.sfn.send(new GetActivityTaskCommand({ activityArn, workerName }));
      return { token: task.taskToken ?? "", input: JSON.parse(task.input ?? "null") as unknown };
    };

    it("gives its tasks to workers that wait, with the worker's name in the history", async () => {
      const arn = await machine();
      const polled = poll("worker-1");
      const executionArn = await states.start(arn, { item: 7 });
      const { token, input } = await polled;
      assert.deepEqual(input, { item: 7 });
      await success(token, { done: true });
      const execution = await states.ended(executionArn);
      assert.deepEqual([execution.status, execution.output], ["SUCCEEDED", '{"done":true}']);
      const history = await states.history(executionArn);
      assert.deepEqual(
        history.map(({ type }) => type),
        [
          "ExecutionStarted",
          "TaskStateEntered",
          "ActivityScheduled",
          "ActivityStarted",
          "ActivitySucceeded",
          "TaskStateExited",
          "ExecutionSucceeded",
        ],
      );
      assert.deepEqual(history[3]?.activityStartedEventDetails, { workerName: "worker-1" });
    });

    it("keeps tasks for workers that come later, in their order", async () => {
      const arn = await machine();
      const [first, second] = [await states.start(arn, 1), await states.start(arn, 2)];
      const tasks = [await poll(), await poll()];
      assert.deepEqual(
        tasks.map(({ input }) => input),
        [1, 2],
      );
      for (const { token, input } of tasks) await success(token, input);
      assert.deepEqual([(await states.ended(first)).output, (await states.ended(second)).output], ["1", "2"]);
    });

    it("fails its task with the worker's error, which a catcher sees", async () => {
      const executionArn = await states.start(
        await states.create({
          StartAt: "Work",
          States: {
            Work: {
              Type: "Task",
              Resource: activityArn,
              Catch: [{ ErrorEquals: ["Broken"], Next: "Caught" }],
              End: true,
            },
            Caught: { Type: "Pass", End: true },
          },
        }),
      );
      await failure((await poll()).token, "Broken", "the machine is");
      const { output } = await states.ended(executionArn);
      assert.deepEqual(JSON.parse(output ?? ""), { Error: "Broken", Cause: "the machine is" });
    });

    it("times out without heartbeats, and lives with them", async () => {
      const arn = await machine({ TimeoutSeconds: 60, HeartbeatSeconds: 1 });
      const [silent, alive] = [await states.start(arn, "silent"), await states.start(arn, "alive")];
      const [first, second] = [await poll(), await poll()];
      const beats = setInterval(() => void heartbeat(second.token).catch(() => undefined), 300);
      try {
        const execution = await states.ended(silent);
        assert.deepEqual([execution.status, execution.error], ["FAILED", "States.Timeout"]);
        await assert.rejects(success(first.token, 1), { name: "TaskTimedOut" });
        await assert.rejects(heartbeat(first.token), { name: "TaskTimedOut" });
        await heartbeat(second.token);
        await success(second.token, "lived");
      } finally {
        clearInterval(beats);
      }
      assert.equal((await states.ended(alive)).output, '"lived"');
    });

    it("drops the task of an execution that was stopped", async () => {
      const executionArn = await states.start(await machine());
      await states.sfn.send(new StopExecutionCommand({ executionArn }));
      const next = await states.start(await machine(), "next");
      const { token, input } = await poll();
      assert.equal(input, "next");
      await success(token, null);
      assert.equal((await states.ended(next)).status, "SUCCEEDED");
    });

    it("is created once by name, described, listed and deleted", async () => {
      const again = await states.sfn.send(new CreateActivityCommand({ name: "work" }));
      assert.equal(again.activityArn, `arn:aws:states:${REGION}:${states.account}:activity:work`);
      const { activityArn: other } = await states.sfn.send(new CreateActivityCommand({ name: "other" }));
      const { name } = await states.sfn.send(new DescribeActivityCommand({ activityArn: other }));
      assert.equal(name, "other");
      const { activities } = await states.sfn.send(new ListActivitiesCommand({}));
      assert.deepEqual(activities?.map((activity) => activity.name).sort(), ["other", "work"]);
      await states.sfn.send(new DeleteActivityCommand({ activityArn: other }));
      await assert.rejects(states.sfn.send(new DescribeActivityCommand({ activityArn: other })), {
        name: "ActivityDoesNotExist",
      });
      await assert.rejects(states.sfn.send(new GetActivityTaskCommand({ activityArn: other })), {
        name: "ActivityDoesNotExist",
      });
    });
  });

  describe("a task that waits for its token", () => {
    let QueueUrl: string;
    let sqs: SQSClient;
    let roleArn: string;
    before(async () => {
      sqs = new SQSClient(states.config());
      ({ QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "tasks" })));
      roleArn = await states.role("sender", "states.amazonaws.com", [{ Action: "sqs:SendMessage", Resource: "*" }]);
    });

    const machine = (more: object = {}) =>
      states.create(
        {
          StartAt: "Ask",
          States: {
            Ask: {
              Type: "Task",
              Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
              Parameters: { QueueUrl, MessageBody: { "token.$": "$$.Task.Token", "question.$": "$" } },
              End: true,
              ...more,
            },
          },
        },
        { roleArn },
      );
    const receive = () =>
      eventually(async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
        const body = Messages?.[0]?.Body;
        return body === undefined ? undefined : (JSON.parse(body) as { token: string; question: unknown });
      });

    it("succeeds with what is sent, after the request that carried the token", async () => {
      const executionArn = await states.start(await machine(), "how many?");
      const { token, question } = await receive();
      assert.equal(question, "how many?");
      await success(token, { answer: 42 });
      assert.equal((await states.ended(executionArn)).output, '{"answer":42}');
      assert.deepEqual(
        (await states.history(executionArn)).slice(2, 6).map(({ type }) => type),
        ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
      );
    });

    it("fails with what is sent, or with nothing", async () => {
      const arn = await machine();
      const named = await states.start(arn);
      await failure((await receive()).token, "No", "never");
      const first = await states.ended(named);
      assert.deepEqual([first.error, first.cause], ["No", "never"]);
      const bare = await states.start(arn);
      await failure((await receive()).token);
      const second = await states.ended(bare);
      assert.deepEqual([second.status, second.error], ["FAILED", undefined]);
    });

    it("refuses tokens that are made up or used, and output that is no JSON", async () => {
      const executionArn = await states.start(await machine());
      const { token } = await receive();
      await assert.rejects(states.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: "{" })), {
        name: "InvalidOutput",
      });
      await success(token, 1);
      await states.ended(executionArn);
      await assert.rejects(success("made up", 1), { name: "InvalidToken" });
      const closed = { name: "TaskTimedOut", message: "Task Timed Out: 'Provided task does not exist anymore'" };
      await assert.rejects(success(token, 1), closed);
      await assert.rejects(failure(token), closed);
    });
  });
});
