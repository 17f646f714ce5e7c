// The two sides of a workflow are the same: states of the state machine here, steps of Athanor in the jobs.
import assert from "node:assert/strict";
import { workflowDefinition } from "../../../components/workflow/definition.js";
import { backendWorkflows } from "../../../jobs/athanor/registry.js";
import { workflows } from "../../../stacks/backend/catalog.js";
import { describeWorkflow } from "../../../stacks/backend/workflow.js";

const registry = backendWorkflows(new URL("../../../jobs/backend/", import.meta.url));

const target = { queueArn: "queue", jobDefinitionArn: "job:1", jobDefinitionArnPrefix: "job" };
const targets = {
  tiers: { XS: target, S: target, M: target, L: target, XXL: target },
  topicArn: "topic",
  jobLogGroup: "log",
};

/** What is asked of Batch about the end of a job, by state; of those states that run one. */
interface JobState {
  Arguments?: { RetryStrategy?: { Attempts: number; EvaluateOnExit: Record<string, string>[] } };
}

describe("Workflows of the backend and their jobs", () => {
  const deployed = workflows.filter(({ steps }) => steps.every(({ command }) => command === undefined));

  it("are the same workflows", () => {
    assert.deepEqual(deployed.map(({ workflow }) => workflow).sort(), registry.names);
  });

  for (const { workflow, steps, input } of deployed)
    it(`agree on the steps and the input of ${workflow}`, async () => {
      const { workflow: athanor } = await registry.load(workflow);
      assert.deepEqual(
        steps.map(({ name, tier, partitions }) => [name, tier, partitions !== undefined]),
        athanor.steps.map(({ name, tier, partitions }) => [name, tier, partitions !== undefined]),
      );
      const { shape } = athanor.parameters;
      assert.deepEqual(Object.keys(input).sort(), Object.keys(shape).sort());
      for (const [name, field] of Object.entries(input)) {
        const isOptional = shape[name]?.safeParse(undefined).success;
        assert.equal(field.optional === true || field.default !== undefined, isOptional, `${name} may be left out`);
        if (field.default !== undefined) assert.equal(shape[name]?.parse(undefined), field.default, name);
        if (field.type !== "integer") continue;
        // What the state machine lets through, no job refuses.
        for (const value of [field.min, field.max])
          if (value !== undefined) assert.ok(shape[name]?.safeParse(value).success, `${name} may be ${value}`);
      }
    });

  for (const workflow of workflows.filter(({ unit }) => unit !== "template"))
    it(`try a job of ${workflow.workflow} again that failed by itself, unless it would fail again`, () => {
      const { States } = workflowDefinition(describeWorkflow(workflow), { name: workflow.workflow, ...targets });
      const jobs = workflow.steps.flatMap(({ name, merge }) => (merge ? [name, `${name} merge`] : [name]));
      for (const name of jobs) {
        const { Attempts, EvaluateOnExit = [] } = (States[name] as JobState).Arguments?.RetryStrategy ?? {};
        assert.ok((Attempts ?? 1) > 1, `${name} is tried once`);
        const rules = EvaluateOnExit.filter(({ OnExitCode, OnReason }) => OnExitCode ?? OnReason?.startsWith("OutOf"));
        assert.deepEqual(rules, [
          { Action: "EXIT", OnReason: "OutOfMemoryError*" },
          { Action: "EXIT", OnExitCode: "2" },
        ]);
      }
    });
});
