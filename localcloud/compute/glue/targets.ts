// EventBridge rules whose target is a workflow: they hand it their events, with the target's role. Schedules may call any operation.
import { GetWorkflowCommand, GlueClient } from "@aws-sdk/client-glue";
import { invokeScheduledTarget } from "../scheduledTargets.js";
import type { ComputeContext, TargetInvocation } from "../service.js";
import { targetSessionName } from "../session-name.js";

/**
 * Notifies the workflow as the target's role, through the front door, so that IAM decides on glue:notifyEvent.
 * Rejects with AccessDenied, and with what Glue refuses.
 */
export async function invokeGlueTarget(context: ComputeContext, invocation: TargetInvocation): Promise<void> {
  const { account, region, arn, roleArn, source, input } = invocation;
  if (arn.startsWith("arn:aws:scheduler:::aws-sdk:")) return invokeScheduledTarget(context, invocation);
  const Name = /^arn:aws:glue:[^:]+:\d+:workflow\/(.+)$/.exec(arn)?.[1];
  if (!Name) throw new Error(`${arn} is not a workflow, the only target that AWS Glue has`);
  if (!roleArn) throw new Error(`${source}: the target ${arn} has no role, which AWS Glue needs`);
  const service = "events.amazonaws.com";
  const session = { account, region, roleArn, sessionName: targetSessionName(source), service, sourceArn: source };
  const client = new GlueClient({
    ...context.clientConfig(account, region),
    credentials: await context.assumeRole(session),
  });
  // The operation is not of the public API, so the SDK has no command for it: another's request is readdressed before it is signed.
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string>; body: string };
      request.headers["x-amz-target"] = "AWSGlue.NotifyEvent";
      request.body = JSON.stringify({ Name, Event: input });
      request.headers["content-length"] = String(Buffer.byteLength(request.body));
      return next(args);
    },
    { step: "build", name: "notifyEvent", priority: "high" },
  );
  try {
    await client.send(new GetWorkflowCommand({ Name }));
  } finally {
    client.destroy();
  }
}
