// The rules of EventBridge by which Step Functions hears of what tasks wait for, made in the account as the state machine's role.
// Sources: "IAM policies for AWS Batch", "… for Amazon ECS/AWS Fargate", "… for AWS Step Functions", Developer Guide. Glue, Athena and EMR
// are asked instead.
import type { Machine } from "../definition/types.js";
import { parseTaskResource } from "./resource.js";
import { findIntegration } from "./services/index.js";

/** What the role needs on such a rule. */
export const RULE_ACTIONS: readonly string[] = ["events:DescribeRule", "events:PutRule", "events:PutTargets"];

/**
 * Names of the rules that the tasks of a definition need, at any depth.
 *
 * @param definition one whose resources exist
 */
export function managedRules(definition: Machine): Set<string> {
  const rules = new Set<string>();
  for (const state of Object.values(definition.States)) {
    const resource = state.Type === "Task" ? parseTaskResource(state.Resource ?? "") : undefined;
    const rule =
      resource?.kind === "optimized" && resource.pattern === "sync"
        ? findIntegration(resource)?.integration.completion?.managedRule
        : undefined;
    if (rule !== undefined) rules.add(rule);
    const inner = [...(state.Branches ?? []), state.ItemProcessor, state.Iterator];
    for (const machine of inner) if (machine) for (const each of managedRules(machine)) rules.add(each);
  }
  return rules;
}
