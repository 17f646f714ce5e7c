// EventBridge rules and EventBridge Scheduler schedules whose target is a state machine: they start an execution, with the target's role.
import { randomUUID } from "node:crypto";
import type { ComputeContext, TargetInvocation } from "../../service.js";
import { targetSessionName } from "../../session-name.js";

/** The universal target of EventBridge Scheduler, whose input is the whole request ("Using universal targets", EventBridge Scheduler User Guide). */
const START_EXECUTION_TARGET = "arn:aws:scheduler:::aws-sdk:sfn:startExecution";

/** What StartExecution is asked for. */
export interface StartRequest {
  stateMachineArn: string;
  input: string;
  name: string;
}

/**
 * The StartExecution request that an invocation amounts to. EventBridge names the execution by the event and a number of its own,
 * so that one event starts it once for each target.
 *
 * @throws when the target is neither a state machine nor StartExecution, or its input has no such request
 */
export function startRequestOf({ arn, input, source }: TargetInvocation): StartRequest {
  if (arn === START_EXECUTION_TARGET) {
    const request = JSON.parse(input || "{}") as Record<string, unknown>;
    const member = (name: string) => request[name] ?? request[name.charAt(0).toLowerCase() + name.slice(1)];
    const [stateMachineArn, given, name] = [member("StateMachineArn"), member("Input"), member("Name")];
    if (typeof stateMachineArn !== "string") throw new Error(`${source}: the input of ${arn} names no StateMachineArn`);
    return {
      stateMachineArn,
      input: typeof given === "string" ? given : JSON.stringify(given ?? {}),
      name: typeof name === "string" ? name : randomUUID(),
    };
  }
  if (!/^arn:[^:]+:states:[^:]+:\d{12}:stateMachine:/.test(arn))
    throw new Error(`${arn} is neither a state machine nor ${START_EXECUTION_TARGET}`);
  return { stateMachineArn: arn, input: input || "{}", name: nameOf(input) };
}

/** `<event's id>_<number>` for an event that was passed as it is, otherwise a number. */
function nameOf(input: string): string {
  try {
    const { id } = JSON.parse(input) as { id?: unknown };
    if (typeof id === "string" && /^[0-9a-f-]{36}$/.test(id)) return `${id}_${randomUUID()}`;
  } catch {
    // A constant input that is no JSON object has no id.
  }
  return randomUUID();
}

/**
 * Starts the execution as the target's role, through the front door, so that IAM decides and CloudTrail records it.
 * Rejects with AccessDenied when the role does not trust the service or may not start it, and with what Step Functions refuses.
 */
export async function startAsTarget(context: ComputeContext, invocation: TargetInvocation): Promise<void> {
  const { account, region, roleArn, source, arn } = invocation;
  if (!roleArn) throw new Error(`${source}: the target ${arn} has no role, which Step Functions needs`);
  const service = source.startsWith("arn:aws:scheduler:") ? "scheduler.amazonaws.com" : "events.amazonaws.com";
  const session = { account, region, roleArn, sessionName: targetSessionName(source), service, sourceArn: source };
  const credentials = await context.assumeRole(session);
  const { SFNClient, StartExecutionCommand } = await import("@aws-sdk/client-sfn");
  const client = new SFNClient({ ...context.clientConfig(account, region), credentials });
  try {
    await client.send(new StartExecutionCommand(startRequestOf(invocation)));
  } finally {
    client.destroy();
  }
}
