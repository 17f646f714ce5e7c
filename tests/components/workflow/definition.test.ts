import assert from "node:assert/strict";
import type { TaskState } from "../../../components/sfn/asl.js";
import { lintDefinition } from "../../../components/sfn/lint.js";
import { workflowDefinition } from "../../../components/workflow/definition.js";
import { lintWorkflow, type WorkflowDescription } from "../../../components/workflow/description.js";

type Tier = "small" | "large";

const target = (tier: string) => ({
  queueArn: `arn:aws:batch:us-east-1:123456789012:job-queue/${tier}`,
  jobDefinitionArn: `arn:aws:batch:us-east-1:123456789012:job-definition/${tier}:3`,
  jobDefinitionArnPrefix: `arn:aws:batch:us-east-1:123456789012:job-definition/${tier}`,
});
const targets = {
  name: "model",
  tiers: { small: target("small"), large: target("large") },
  topicArn: "arn:aws:sns:us-east-1:123456789012:alerts",
  jobLogGroup: "/jobs",
};
const workflow: WorkflowDescription<Tier> = {
  description: "Trains and scores",
  input: { parts: { type: "integer", min: 2, max: 9, default: 3, description: "parts" } },
  steps: [
    { name: "Train", tier: "large", command: ["step", "Train"], timeoutSeconds: 600, retries: 2 },
    {
      name: "Score",
      tier: "small",
      command: ["step", "Score"],
      timeoutSeconds: 300,
      partitions: "parts",
      merge: { tier: "large", command: ["merge", "Score"], timeoutSeconds: 60 },
    },
  ],
};
const definition = workflowDefinition(workflow, targets);
const task = (name: string) => definition.States[name] as TaskState;

describe("The state machine of a workflow", () => {
  it("is one that Step Functions takes", () => {
    assert.deepEqual(lintDefinition(definition), []);
  });

  it("checks the input first, then goes through the steps in order", () => {
    assert.equal(definition.StartAt, "Validate input");
    assert.deepEqual(
      ["Validate input", "Train", "Score", "Score merge"].map((name) => task(name).Next),
      ["Check input", "Score", "Score merge", "Done"],
    );
    assert.equal(definition.TimeoutSeconds, 600 + 300 + 60 + 300);
  });

  it("runs each step on its tier with its own command, and gives it run and input", () => {
    const { Resource, Arguments, TimeoutSeconds } = task("Train");
    assert.equal(Resource, "arn:aws:states:::batch:submitJob.sync");
    assert.equal(TimeoutSeconds, 600);
    assert.deepEqual(Arguments, {
      JobName: "model-Train",
      JobQueue: target("large").queueArn,
      JobDefinition: target("large").jobDefinitionArn,
      ContainerOverrides: {
        Command: ["step", "Train"],
        Environment: [
          { Name: "RUN_ID", Value: "{% $states.context.Execution.Name %}" },
          { Name: "RUN_INPUT", Value: "{% $string($input) %}" },
        ],
      },
      RetryStrategy: {
        Attempts: 4,
        EvaluateOnExit: [
          { Action: "EXIT", OnReason: "CannotPullContainerError*" },
          { Action: "EXIT", OnReason: "OutOfMemoryError*" },
          { Action: "EXIT", OnExitCode: "2" },
        ],
      },
    });
  });

  it("cuts a step into an array job, and merges it on another tier", () => {
    const score = task("Score").Arguments as {
      ArrayProperties: unknown;
      ContainerOverrides: { Environment: unknown[] };
    };
    assert.deepEqual(score.ArrayProperties, { Size: "{% $input.parts %}" });
    assert.deepEqual(score.ContainerOverrides.Environment[2], {
      Name: "PARTITIONS",
      Value: "{% $string($input.parts) %}",
    });
    const merge = task("Score merge").Arguments as Record<string, unknown>;
    assert.equal(merge.ArrayProperties, undefined);
    assert.equal(merge.JobQueue, target("large").queueArn);
    assert.equal(merge.JobName, "model-Score-merge");
  });

  it("leaves failures of the job to Batch, and tries again only what Batch refused", () => {
    for (const name of ["Train", "Score", "Score merge"]) {
      const errors = task(name).Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
      assert.ok(errors.length > 0 && errors.every((error) => error.startsWith("Batch.")), errors.join());
      assert.deepEqual(
        task(name).Catch?.map(({ ErrorEquals, Next }) => [ErrorEquals.join(), Next]),
        [
          ["States.Timeout", "Notify failure"],
          ["States.ALL", "Explain failure"],
        ],
      );
    }
  });

  it("tells, then fails, whatever of the way there goes wrong", () => {
    for (const name of ["Find failed partition", "Describe failed job", "Read its log"])
      assert.deepEqual(task(name).Catch, [{ ErrorEquals: ["States.ALL"], Next: "Notify failure" }]);
    assert.deepEqual(task("Notify failure").Catch, [{ ErrorEquals: ["States.ALL"], Next: "Failed" }]);
    assert.equal(task("Notify failure").Next, "Failed");
  });
});

describe("The linter of workflows", () => {
  const lint = (step: Partial<WorkflowDescription<Tier>["steps"][number]>, input = workflow.input) =>
    lintWorkflow({ ...workflow, input, steps: [{ ...workflow.steps[0], ...step } as never] });

  it("finds nothing in a good one", () => {
    assert.deepEqual(lintWorkflow(workflow), []);
  });

  it("names what cannot work", () => {
    const merge = { tier: "small" as const, command: [], timeoutSeconds: 1 };
    assert.deepEqual(lint({ name: "Train it" }), [
      "the name of the step 'Train it' is not 1 to 60 letters, digits, hyphens and underscores",
    ]);
    assert.deepEqual(lint({ timeoutSeconds: 0 }), ["Train has no time to run in"]);
    assert.deepEqual(lint({ retries: 10 }), ["Train can be tried again from 0 to 9 times"]);
    assert.deepEqual(lint({ merge }), ["Train merges partitions, but has none"]);
    const badly =
      "Train is cut by the input's 'parts', which has to be a whole number from at least 2 to at most 10000";
    assert.deepEqual(lint({ partitions: "parts", merge }, {}), [badly]);
    assert.deepEqual(lint({ partitions: "parts", merge }, { parts: { type: "integer", description: "" } }), [badly]);
    assert.deepEqual(
      lint(
        { partitions: "parts", merge },
        { parts: { type: "integer", min: 2, max: 9, optional: true, description: "" } },
      ),
      ["Train is cut by the input's 'parts', which may be missing"],
    );
  });
});
