import assert from "node:assert/strict";
import { UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import type { Definition } from "../../../../../localcloud/compute/stepfunctions/definition/types.js";
import { managedRules } from "../../../../../localcloud/compute/stepfunctions/integrations/managedRules.js";
import { PASS, REGION, type Statement, type StatesAccount, statesAccount } from "../service/fixture.js";

const task = (resource: string, Parameters: object = {}) => ({
  StartAt: "Task",
  States: { Task: { Type: "Task", Resource: `arn:aws:states:::${resource}`, Parameters, End: true } },
});
const JOB = task("batch:submitJob.sync", { JobName: "j", JobQueue: "q", JobDefinition: "d" });

describe("rules that Step Functions manages", () => {
  it("are needed for what is waited for, at every depth", () => {
    const nested = {
      StartAt: "All",
      States: {
        All: {
          Type: "Parallel",
          Branches: [JOB, task("ecs:runTask.sync"), task("batch:submitJob"), task("ecs:runTask.waitForTaskToken")],
          Next: "Each",
        },
        Each: { Type: "Map", ItemProcessor: task("states:startExecution.sync:2"), End: true },
      },
    } as unknown as Definition;
    assert.deepEqual([...managedRules(nested)].sort(), [
      "StepFunctionsGetEventsForBatchJobsRule",
      "StepFunctionsGetEventsForECSTaskRule",
      "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    ]);
    for (const resource of [
      "glue:startJobRun.sync",
      "athena:startQueryExecution.sync",
      "elasticmapreduce:addStep.sync",
    ])
      assert.equal(managedRules(task(resource) as unknown as Definition).size, 0, resource);
  });

  describe("of a state machine", () => {
    let states: StatesAccount;
    before(async () => {
      states = await statesAccount();
    });
    const role = (name: string, ...allow: Statement[]) => states.role(name, "states.amazonaws.com", allow);
    const rule = (name: string) => `arn:aws:events:${REGION}:${states.account}:rule/${name}`;
    const manage = (Resource: string): Statement => ({
      Action: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      Resource,
    });
    const refused = (roleArn: string) => ({
      name: "AccessDeniedException",
      message: `'${roleArn}' is not authorized to create managed-rule.`,
    });

    it("have to be allowed by its role when it is created", async () => {
      const none = await role("none", { Action: "batch:*", Resource: "*" });
      await assert.rejects(states.create(JOB, { name: "refused", roleArn: none }), refused(none));
      const another = await role("another", manage(rule("StepFunctionsGetEventsForECSTaskRule")));
      await assert.rejects(states.create(JOB, { name: "refused", roleArn: another }), refused(another));
      const allowed = await role("allowed", manage(rule("StepFunctionsGetEventsForBatchJobsRule")));
      assert.match(await states.create(JOB, { name: "created", roleArn: allowed }), /:stateMachine:created$/);
      const request = task("batch:submitJob", { JobName: "j", JobQueue: "q", JobDefinition: "d" });
      assert.match(await states.create(request, { name: "requests", roleArn: none }), /:stateMachine:requests$/);
    });

    it("have to be allowed when its definition or its role changes", async () => {
      const nested = await role("nested", manage(rule("StepFunctionsGetEventsForStepFunctionsExecutionRule")));
      const stateMachineArn = await states.create(PASS, { name: "updated", roleArn: states.roleArn });
      const definition = JSON.stringify(task("states:startExecution.sync:2", { StateMachineArn: stateMachineArn }));
      const update = (change: { definition?: string; roleArn?: string }) =>
        states.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, ...change }));
      await assert.rejects(update({ definition }), refused(states.roleArn));
      await update({ definition, roleArn: nested });
      await assert.rejects(update({ roleArn: states.roleArn }), refused(states.roleArn));
    });
  });
});
