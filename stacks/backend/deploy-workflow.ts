// How the unit of a workflow is deployed: one state machine, with its role and its log.
import type * as pulumi from "@pulumi/pulumi";
import { Workflow } from "../../components/workflow/workflow.js";
import type { StackContext } from "../context.js";
import { workflows } from "./catalog.js";
import { coreOf } from "./core.js";
import { backendScope } from "./scope.js";
import type { Tier } from "./tiers.js";
import { type BackendWorkflow, describeWorkflow, outputOf } from "./workflow.js";

export function deployWorkflow(workflow: BackendWorkflow) {
  return (context: StackContext): Record<string, pulumi.Output<unknown>> => {
    const scope = backendScope(context);
    const { settings, names, child, below } = scope;
    const { logLevel, tracing, stepTimeoutSeconds } = settings.workflows;
    checkNames(Object.keys(stepTimeoutSeconds), context.config.source);
    const core = coreOf(context.outputsOf("backend-core"));
    const deployed = new Workflow<Tier>(
      child(workflow.workflow),
      {
        name: workflow.workflow,
        stateMachineName: names.of(workflow.stateMachine),
        roleName: names.of(`${workflow.workflow}-role`),
        account: context.account,
        workflow: describeWorkflow(workflow, stepTimeoutSeconds[workflow.workflow]),
        tiers: core.tiers,
        topicArn: core.topicArn,
        jobLogGroup: core.jobLogGroup.name,
        jobLogGroupArn: core.jobLogGroup.arn,
        jobsArn: scope.arn("batch", "job"),
        eventsRuleArn: scope.arn("events", "rule/StepFunctionsGetEventsForBatchJobsRule"),
        logLevel,
        logRetentionDays: settings.logs.retentionDays,
        tracing,
      },
      below,
    );
    return { [outputOf(workflow)]: deployed.arn };
  };
}

/** @throws when a limit is set for a workflow that there is not */
function checkNames(names: readonly string[], source: string): void {
  const unknown = names.filter((name) => !workflows.some(({ workflow }) => workflow === name));
  if (unknown.length > 0)
    throw new Error(
      `${source}: crucible:backend.workflows.stepTimeoutSeconds: there is no workflow ${unknown.join(", ")}; ` +
        `there are ${workflows.map(({ workflow }) => workflow).join(", ")}`,
    );
}
