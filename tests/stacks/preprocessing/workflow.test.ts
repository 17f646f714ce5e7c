import assert from "node:assert/strict";
import jsonata from "jsonata";
import type { ChoiceState, PassState, TaskState } from "../../../components/sfn/asl.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { workflow } from "../../../stacks/preprocessing/workflow.js";

const definition = workflow({
  checkFunctionArn: "check",
  summaryFunctionArn: "summary",
  clusterArn: "cluster",
  taskDefinitionArn: "definition:3",
  containerName: "preprocessing",
  logGroup: "/aws/ecs/test-preprocessing",
  subnetIds: ["subnet-a"],
  securityGroupIds: ["sg-a"],
  scriptTimeoutSeconds: 600,
});
const state = <T>(name: string): T => definition.States[name] as T;

/** Evaluates what stands between `{%` and `%}`; `$parse` is Step Functions' own. */
async function evaluate(expression: unknown, variables: Record<string, unknown>): Promise<unknown> {
  const [, body] = /^\{%([\s\S]*)%\}$/.exec(String(expression)) ?? [];
  assert.ok(body, `${expression} is an expression`);
  const compiled = jsonata(body);
  compiled.registerFunction("parse", (text: string) => JSON.parse(text));
  return await compiled.evaluate({}, variables);
}

/** What the execution fails with after a state was caught with this. */
async function outcome(error: string, cause: string): Promise<{ Error: unknown; Cause: unknown }> {
  const variables = { failure: { Error: error, Cause: cause }, logGroup: "/aws/ecs/test-preprocessing" };
  const which = state<ChoiceState>("What failed");
  const isTask = await evaluate(which.Choices[0]?.Condition, variables);
  const next = state<PassState>(String(isTask ? which.Choices[0]?.Next : which.Default));
  const failure = next.Assign?.failure as { Error: string; Cause: string };
  return { Error: await evaluate(failure.Error, variables), Cause: await evaluate(failure.Cause, variables) };
}

const task = (over: Record<string, unknown>, container: Record<string, unknown>) =>
  JSON.stringify({
    TaskArn: "arn:aws:ecs:ap-southeast-1:123456789012:task/test-preprocessing/0123abcd",
    Containers: [{ Name: "preprocessing", LastStatus: "STOPPED", ...container }],
    ...over,
  });

describe("The preprocessing workflow", () => {
  it("is a sound state machine: check, container, summary, and both ends", () => {
    assert.deepEqual(lintDefinition(definition), []);
    const path: string[] = [];
    for (let name: string | undefined = definition.StartAt; name; name = state<{ Next?: string }>(name).Next)
      path.push(name);
    assert.deepEqual(path, ["Check input", "Run container", "Sum up", "ProcessingSucceeded"]);
    assert.equal(state<{ Type: string }>("ProcessingFailed").Type, "Fail");
    for (const name of path.slice(0, 3))
      assert.deepEqual(state<TaskState>(name).Catch?.[0]?.ErrorEquals, ["States.ALL"], name);
  });

  it("waits for the task, and tells the container which run it is", () => {
    const { Resource, Arguments } = state<TaskState>("Run container");
    assert.equal(Resource, "arn:aws:states:::ecs:runTask.sync");
    const { TaskDefinition, Overrides } = Arguments as Record<string, unknown>;
    assert.equal(TaskDefinition, "definition:3");
    assert.deepEqual(Overrides, {
      ContainerOverrides: [
        {
          Name: "preprocessing",
          Environment: [{ Name: "RUN_ID", Value: "{% $states.context.Execution.Name %}" }],
        },
      ],
    });
  });

  it("says that a container ended with an exit code, and where its log is", async () => {
    const cause = task(
      { StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited" },
      { ExitCode: 1 },
    );
    assert.deepEqual(await outcome("States.TaskFailed", cause), {
      Error: "EssentialContainerExited",
      Cause:
        "Essential container in task exited; exit code 1; task 0123abcd; log /aws/ecs/test-preprocessing preprocessing/preprocessing/0123abcd",
    });
  });

  it("says that a container had too little memory", async () => {
    const killed = task(
      { StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited" },
      { ExitCode: 137, Reason: "OutOfMemoryError: Container killed due to memory usage" },
    );
    const { Error: error, Cause: cause } = await outcome("States.TaskFailed", killed);
    assert.equal(error, "OutOfMemoryError");
    assert.match(String(cause), /OutOfMemoryError: Container killed due to memory usage; exit code 137/);
  });

  it("says that an image is not there", async () => {
    const reason =
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref x:invalid-tag: not found";
    const { Error: error, Cause: cause } = await outcome(
      "States.TaskFailed",
      task({ StopCode: "TaskFailedToStart", StoppedReason: reason }, {}),
    );
    assert.equal(error, "CannotPullContainerError");
    assert.match(String(cause), /invalid-tag: not found; the container never ran; task 0123abcd/);
  });

  it("takes the message out of a function's error, and leaves any other cause as it is", async () => {
    const thrown = JSON.stringify({ errorType: "MissingArtifact", errorMessage: "s3://b has no x", trace: [] });
    assert.deepEqual(await outcome("MissingArtifact", thrown), { Error: "MissingArtifact", Cause: "s3://b has no x" });
    const refused = { Error: "ECS.AccessDeniedException", Cause: "User is not authorized to perform ecs:RunTask" };
    assert.deepEqual(await outcome(refused.Error, refused.Cause), refused);
    assert.deepEqual(await outcome("States.Timeout", ""), { Error: "States.Timeout", Cause: "" });
  });
});
