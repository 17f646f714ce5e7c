// ecs:runTask of Step Functions on the real service: request, .sync and .waitForTaskToken.
import assert from "node:assert/strict";
import { ListTasksCommand } from "@aws-sdk/client-ecs";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type EcsAccount, ecsAccount, eventually } from "./cloud-fixture.js";

/** What a role needs for a state machine with `.sync` tasks to be made. */
const MANAGED_RULE = { Action: ["events:PutTargets", "events:PutRule", "events:DescribeRule"], Resource: "*" };

describe("ECS: tasks of state machines", () => {
  let on: EcsAccount;
  let states: SFNClient;
  let role: string;
  before(async function () {
    this.timeout(60_000);
    on = await ecsAccount();
    states = new SFNClient(on.config());
    const [taskRoleArn] = await Promise.all([
      on.role("task", "ecs-tasks.amazonaws.com", [{ Action: ["states:SendTaskSuccess"], Resource: "*" }]),
    ]);
    await on.define("plain", [{ name: "app" }]);
    await on.define("replier", [{ name: "app" }], { taskRoleArn });
    role = await on.role("states", "states.amazonaws.com", [
      { Action: ["ecs:RunTask"], Resource: `arn:aws:ecs:eu-central-1:${on.account}:task-definition/*` },
      {
        Action: ["ecs:DescribeTasks", "ecs:StopTask"],
        Resource: `arn:aws:ecs:eu-central-1:${on.account}:task/cluster/*`,
      },
      { Action: ["iam:PassRole"], Resource: [on.executionRoleArn, taskRoleArn] },
      MANAGED_RULE,
    ]);
  });

  const parameters = (TaskDefinition: string, Command: string[], more: object = {}) => ({
    Cluster: "cluster",
    TaskDefinition,
    LaunchType: "FARGATE",
    NetworkConfiguration: {
      AwsvpcConfiguration: { Subnets: [on.subnet], SecurityGroups: [on.securityGroup], AssignPublicIp: "DISABLED" },
    },
    Overrides: { ContainerOverrides: [{ Name: "app", Command, ...more }] },
  });
  const start = async (
    name: string,
    Parameters: object,
    pattern: string,
    roleArn = role,
    more: object = {},
    rest: object = {},
  ) => {
    const Resource = `arn:aws:states:::ecs:runTask${pattern}`;
    const { stateMachineArn } = await states.send(
      new CreateStateMachineCommand({
        name,
        roleArn,
        definition: JSON.stringify({
          StartAt: "Run",
          States: { Run: { Type: "Task", Resource, Parameters, End: true, ...more }, ...rest },
        }),
      }),
    );
    const { executionArn = "" } = await states.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
    return executionArn;
  };
  const outcome = (executionArn: string) =>
    eventually(async () => {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    });
  const tasksOf = async (family: string) =>
    (await on.ecs.send(new ListTasksCommand({ cluster: "cluster", family }))).taskArns ?? [];

  it(".sync has the stopped task as its output, in the service's capitals", async () => {
    const executionArn = await start("succeeds", parameters("plain", ["say", "hi"]), ".sync");
    const { status, output, cause } = await outcome(executionArn);
    assert.equal(status, "SUCCEEDED", cause);
    const task = JSON.parse(output ?? "");
    assert.deepEqual(
      [task.LastStatus, task.StopCode, task.StoppedReason, task.Containers[0].ExitCode, task.Containers[0].Name],
      ["STOPPED", "EssentialContainerExited", "Essential container in task exited", 0, "app"],
    );
    assert.equal(task.StartedBy, "AWS Step Functions");
    assert.deepEqual(await on.lines({ taskArn: task.TaskArn, containers: [{ name: "app" }] }), ["hi"]);
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn }));
    assert.deepEqual(
      events.map(({ type }) => type).filter((type) => type?.startsWith("Task") && type !== "TaskStateExited"),
      ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
    );
  });

  it(".sync fails with States.TaskFailed and the task as its cause when a container exits with another code", async () => {
    const { status, error, cause } = await outcome(await start("fails", parameters("plain", ["fail", "3"]), ".sync"));
    assert.deepEqual([status, error], ["FAILED", "States.TaskFailed"]);
    const task = JSON.parse(cause ?? "");
    assert.deepEqual(
      [task.StopCode, task.StoppedReason, task.Containers[0].ExitCode, task.Containers[0].LastStatus],
      ["EssentialContainerExited", "Essential container in task exited", 3, "STOPPED"],
    );
  });

  it(".sync fails with the reason when the image is not there", async () => {
    await on.define("no-image", [{ name: "app", image: `${on.repository}:none` }]);
    const { error, cause } = await outcome(await start("no-image", parameters("no-image", []), ".sync"));
    const task = JSON.parse(cause ?? "");
    assert.deepEqual([error, task.StopCode], ["States.TaskFailed", "TaskFailedToStart"]);
    assert.match(task.StoppedReason, /^CannotPullContainerError: /);
  });

  it("an error that ECS answers with has ECS's name", async () => {
    const { error, cause } = await outcome(await start("unknown", parameters("unheard-of", []), ".sync"));
    assert.deepEqual([error, cause?.startsWith("TaskDefinition not found.")], ["ECS.ClientException", true], cause);
  });

  it("is caught by its name, and what comes after learns what the task ended with", async () => {
    const executionArn = await start(
      "caught",
      parameters("plain", ["fail", "5"]),
      ".sync",
      role,
      { Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "Told", ResultPath: "$.error" }] },
      {
        Told: {
          Type: "Pass",
          Parameters: { "task.$": "States.StringToJson($.error.Cause)" },
          OutputPath: "$.task.Containers[0].ExitCode",
          End: true,
        },
      },
    );
    const { status, output } = await outcome(executionArn);
    assert.deepEqual([status, output], ["SUCCEEDED", "5"]);
  });

  it("stops its task when the execution is stopped", async () => {
    await on.define("stopped", [{ name: "app" }]);
    const executionArn = await start("stopped", parameters("stopped", ["wait"]), ".sync");
    const arn = await eventually(async () => (await tasksOf("stopped"))[0]);
    await on.reaches(arn, "RUNNING");
    await states.send(new StopExecutionCommand({ executionArn }));
    const task = await on.reaches(arn, "STOPPED");
    assert.deepEqual([task.stopCode, task.containers?.[0]?.exitCode], ["UserInitiated", 143]);
    assert.equal((await outcome(executionArn)).status, "ABORTED");
  });

  it("stops its task when the state's time is over", async () => {
    await on.define("late", [{ name: "app" }]);
    const executionArn = await start("late", parameters("late", ["wait"]), ".sync", role, { TimeoutSeconds: 2 });
    const arn = await eventually(async () => (await tasksOf("late"))[0]);
    const { status, error } = await outcome(executionArn);
    assert.deepEqual([status, error], ["FAILED", "States.Timeout"]);
    assert.equal((await on.reaches(arn, "STOPPED")).stopCode, "UserInitiated");
  });

  it("goes on at once without .sync, with the answer of RunTask", async () => {
    const { status, output } = await outcome(await start("requests", parameters("plain", ["fail", "1"]), ""));
    assert.equal(status, "SUCCEEDED");
    const { Tasks, Failures } = JSON.parse(output ?? "");
    assert.deepEqual([Failures, Tasks.length, Tasks[0].LastStatus], [[], 1, "PROVISIONING"]);
    const task = await on.reaches(Tasks[0].TaskArn, "STOPPED");
    assert.equal(task.containers?.[0]?.exitCode, 1);
  });

  it(".waitForTaskToken waits for what the task itself sends with its role", async () => {
    const Environment = [{ Name: "TASK_TOKEN", "Value.$": "$$.Task.Token" }];
    const executionArn = await start(
      "replies",
      parameters("replier", ["reply", "good evening"], { Environment }),
      ".waitForTaskToken",
    );
    const { status, output, cause } = await outcome(executionArn);
    assert.deepEqual([status, JSON.parse(output ?? "null")], ["SUCCEEDED", { said: "good evening" }], cause);
  });

  it("fails when its role may not run the task, or may not hand its roles over", async () => {
    const runs = [{ Action: ["ecs:RunTask"], Resource: "*" }, MANAGED_RULE];
    const powerless = await on.role("powerless", "states.amazonaws.com", [MANAGED_RULE]);
    const unpassing = await on.role("unpassing", "states.amazonaws.com", runs);
    const refused = await outcome(await start("refused", parameters("plain", ["say", "x"]), ".sync", powerless));
    assert.equal(refused.status, "FAILED");
    assert.match(refused.cause ?? "", /ecs:RunTask on resource: arn:aws:ecs:eu-central-1:\d+:task-definition\/plain/);
    const unpassed = await outcome(await start("unpassed", parameters("plain", ["say", "x"]), ".sync", unpassing));
    assert.match(unpassed.cause ?? "", /iam:PassRole on resource: arn:aws:iam::\d+:role\/execution/);
  });
});
