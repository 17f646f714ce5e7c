// EventBridge rules and EventBridge Scheduler schedules whose target is a cluster: they run tasks, with the target's role.
import { ECSClient, RunTaskCommand, type RunTaskCommandInput } from "@aws-sdk/client-ecs";
import { z } from "zod";
import { toApiShape } from "../apiShape.js";
import type { ComputeContext, TargetInvocation } from "../service.js";
import { targetSessionName } from "../session-name.js";
import { parseEcsArn } from "./arn.js";

/** The universal target of EventBridge Scheduler, whose input is the whole request ("Using universal targets", EventBridge Scheduler User Guide). */
export const RUN_TASK_TARGET = "arn:aws:scheduler:::aws-sdk:ecs:runTask";

/** EcsParameters of a target (Amazon EventBridge API Reference); what is in them is RunTask's to check. */
const ecsTarget = z.looseObject({
  EcsParameters: z.looseObject({ TaskDefinitionArn: z.string(), TaskCount: z.number().int().nullish() }),
});

/** Longest startedBy that RunTask takes. */
const LONGEST_STARTED_BY = 128;

/**
 * The RunTask request that an invocation amounts to. A rule's input is the task's overrides, e.g. `{"containerOverrides": […]}`.
 *
 * @throws ZodError when the target of a cluster has no EcsParameters; Error when the ARN is no target of ECS
 */
export function runTaskOf({ arn, input, target, source }: TargetInvocation): RunTaskCommandInput {
  if (arn === RUN_TASK_TARGET) return toApiShape(JSON.parse(input || "{}")) as RunTaskCommandInput;
  if (parseEcsArn(arn)?.type !== "cluster") throw new Error(`${arn} is neither a cluster nor ${RUN_TASK_TARGET}`);
  const { TaskDefinitionArn, TaskCount, EnableECSManagedTags, ...rest } = ecsTarget.parse(target).EcsParameters;
  const isSchedule = source.startsWith("arn:aws:scheduler:");
  const name = source.slice(source.lastIndexOf("/") + 1);
  return {
    ...(toApiShape(rest) as Partial<RunTaskCommandInput>),
    cluster: arn,
    taskDefinition: TaskDefinitionArn,
    count: TaskCount ?? 1,
    enableECSManagedTags: EnableECSManagedTags as boolean | undefined,
    startedBy: `${isSchedule ? "chronos-schedule" : "events-rule"}/${name}`.slice(0, LONGEST_STARTED_BY),
    overrides: overridesOf(input),
  };
}

/**
 * Runs the tasks as the target's role, through the front door, so that IAM decides and CloudTrail records it.
 * Rejects with AccessDenied when the role does not trust the service or may not run them, and with what ECS refuses.
 */
export async function invokeEcsTarget(context: ComputeContext, invocation: TargetInvocation): Promise<void> {
  const { account, roleArn, source, arn } = invocation;
  const region = parseEcsArn(arn)?.region ?? invocation.region;
  if (!roleArn) throw new Error(`${source}: the target ${arn} has no role, which ECS needs`);
  const service = source.startsWith("arn:aws:scheduler:") ? "scheduler.amazonaws.com" : "events.amazonaws.com";
  const session = { account, region, roleArn, sessionName: targetSessionName(source), service, sourceArn: source };
  const request = runTaskOf(invocation);
  const credentials = await context.assumeRole(session);
  const client = new ECSClient({ ...context.clientConfig(account, region), credentials });
  try {
    const { failures = [] } = await client.send(new RunTaskCommand(request));
    const [failure] = failures;
    if (failure) throw new Error(`${arn}: ${failure.reason}: ${failure.detail ?? failure.arn ?? ""}`);
  } finally {
    client.destroy();
  }
}

/** An input that is not an object of overrides (an event that was passed on as it stood, say) overrides nothing. */
function overridesOf(input: string): RunTaskCommandInput["overrides"] {
  try {
    const { containerOverrides, taskRoleArn, executionRoleArn, cpu, memory } = (toApiShape(JSON.parse(input)) ??
      {}) as NonNullable<RunTaskCommandInput["overrides"]>;
    if (!containerOverrides && !taskRoleArn && !executionRoleArn && !cpu && !memory) return undefined;
    return { containerOverrides, taskRoleArn, executionRoleArn, cpu, memory };
  } catch {
    return undefined;
  }
}
