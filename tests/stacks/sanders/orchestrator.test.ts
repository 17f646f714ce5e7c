import assert from "node:assert/strict";
import jsonata from "jsonata";
import type { ChoiceState, PassState, State, StateGroup, TaskState } from "../../../components/sfn/asl.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { orchestrator } from "../../../stacks/sanders/orchestrator.js";

const definition = orchestrator({
  name: "sanders-orchestrator-dev",
  jobQueueArn: "queue",
  jobDefinitionArns: { "2g": "def-2g:1", "8g": "def-8g:1", "16g": "def-16g:1" },
  topicArn: "topic",
  jobTimeoutSeconds: 3600,
});

/** Evaluates what stands between `{%` and `%}`, as Step Functions would. */
async function evaluate(expression: unknown, variables: Record<string, unknown>): Promise<unknown> {
  const [, body] = /^\{%([\s\S]*)%\}$/.exec(String(expression)) ?? [];
  assert.ok(body, `${expression} is an expression`);
  const result = await jsonata(body).evaluate({}, variables);
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}

const state = <T extends State>(name: string): T => definition.States[name] as T;
const branches = (definition.States["Extract and process"] as { Branches: StateGroup[] }).Branches;
const withInput = (input: unknown) => ({ states: { input } });

describe("The orchestrator", () => {
  it("is a sound state machine", () => {
    assert.deepEqual(lintDefinition(definition), []);
  });

  it("runs features on 8 GB beside data processing on 2 GB, then trains on 16 GB, and waits for each", () => {
    const tasks = [...branches.map(({ States }) => Object.values(States)[0]), state("Model training")] as TaskState[];
    assert.deepEqual(
      tasks.map(({ Resource, Arguments }) => [
        Resource,
        (Arguments as Record<string, unknown>).JobDefinition,
        (Arguments as { ContainerOverrides: { Command: string[] } }).ContainerOverrides.Command,
      ]),
      [
        ["arn:aws:states:::batch:submitJob.sync", "def-8g:1", ["jobs/daily_features_tlc"]],
        ["arn:aws:states:::batch:submitJob.sync", "def-2g:1", ["jobs/data_processing"]],
        ["arn:aws:states:::batch:submitJob.sync", "def-16g:1", ["jobs/model_training"]],
      ],
    );
    assert.equal((state("Extract and process") as { Next?: string }).Next, "Model training");
    for (const task of tasks) {
      assert.equal(task.TimeoutSeconds, 3600);
      assert.ok(task.Retry?.[0]?.ErrorEquals.includes("Batch.TooManyRequestsException"));
      assert.ok(!task.Retry?.some(({ ErrorEquals }) => ErrorEquals.includes("States.TaskFailed")));
    }
  });

  it("turns the input's environment into Batch's list of names and values", async () => {
    const { environment } = state<PassState>("Prepare").Assign as { environment: string };
    const made = (input: unknown) => evaluate(environment, withInput(input));
    assert.deepEqual(await made({ environment: { TLC_DATA_PATH: "s3://b/k.parquet", FEATURE_DATE: "2026-02-07" } }), [
      { Name: "TLC_DATA_PATH", Value: "s3://b/k.parquet" },
      { Name: "FEATURE_DATE", Value: "2026-02-07" },
    ]);
    assert.deepEqual(await made({ environment: { FEATURE_DATE: "2026-02-07" } }), [
      { Name: "FEATURE_DATE", Value: "2026-02-07" },
    ]);
    assert.deepEqual(await made({ environment: { BACKFILL: true, ROWS: 500 } }), [
      { Name: "BACKFILL", Value: "true" },
      { Name: "ROWS", Value: "500" },
    ]);
  });

  it("leaves the jobs their defaults when the input says nothing of an environment", async () => {
    const { environment } = state<PassState>("Prepare").Assign as { environment: string };
    for (const input of [{}, { param1: "value1" }, { environment: {} }])
      assert.deepEqual(await evaluate(environment, withInput(input)), [], JSON.stringify(input));
  });

  it("refuses an environment that is no object", async () => {
    const [choice] = state<ChoiceState>("Check input").Choices;
    const refused = (input: unknown) => evaluate(choice?.Condition, withInput(input));
    for (const environment of ["prod", 5, [{ Name: "A", Value: "b" }], null])
      assert.equal(await refused({ environment }), true, JSON.stringify(environment));
    for (const input of [{}, { environment: {} }, { environment: { A: "b" } }])
      assert.equal(await refused(input), false, JSON.stringify(input));
  });

  it("tells the topic of any failure, then fails with its error and cause", async () => {
    for (const name of ["Extract and process", "Model training"]) {
      const { Catch } = state<TaskState>(name);
      assert.deepEqual(
        Catch?.map(({ ErrorEquals, Next }) => [ErrorEquals, Next]),
        [[["States.ALL"], "Notify failure"]],
      );
    }
    const failure = { Error: "States.TaskFailed", Cause: "out of memory" };
    const notify = state<TaskState>("Notify failure");
    const { TopicArn, Message } = notify.Arguments as Record<string, unknown>;
    assert.deepEqual([notify.Resource, TopicArn, notify.Next], ["arn:aws:states:::sns:publish", "topic", "Failed"]);
    assert.equal(
      await evaluate(Message, { failure, states: { context: { Execution: { Name: "run-1" } } } }),
      "sanders-orchestrator-dev: execution run-1 failed with States.TaskFailed: out of memory",
    );
    const failed = state("Failed") as { Error: string; Cause: string };
    assert.deepEqual(
      [await evaluate(failed.Error, { failure }), await evaluate(failed.Cause, { failure })],
      ["States.TaskFailed", "out of memory"],
    );
  });
});
