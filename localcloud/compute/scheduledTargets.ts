// Targets of EventBridge Scheduler that belong to no service of this plane: queues, topics, functions and buses, and any API operation
// as a universal target. A schedule invokes as its role, through the front door, so that IAM decides and CloudTrail records it.
import type { ComputeContext, TargetInvocation } from "./service.js";
import { targetSessionName } from "./session-name.js";
import { CLIENTS } from "./stepfunctions/integrations/clients.js";

/** One API request. */
export interface TargetRequest {
  /** The service as universal targets name it, e.g. `sqs`. */
  service: string;
  /** e.g. `SendMessage`. */
  operation: string;
  input: Record<string, unknown>;
}

/** Services whose targets name a resource, by the service in its ARN ("Using templated targets", EventBridge Scheduler User Guide). */
const TEMPLATED: Readonly<Record<string, (invocation: TargetInvocation, endpoint: string) => TargetRequest>> = {
  lambda: ({ arn, input }) => ({
    service: "lambda",
    operation: "Invoke",
    input: { FunctionName: arn, InvocationType: "Event", Payload: Buffer.from(input) },
  }),
  sqs({ arn, input, target }, endpoint) {
    const [, , , , account, name] = arn.split(":");
    const { MessageGroupId } = (target.SqsParameters ?? {}) as { MessageGroupId?: string };
    return {
      service: "sqs",
      operation: "SendMessage",
      input: {
        QueueUrl: `${endpoint}/${account}/${name}`,
        MessageBody: input,
        ...(MessageGroupId && { MessageGroupId }),
      },
    };
  },
  sns: ({ arn, input }) => ({ service: "sns", operation: "Publish", input: { TopicArn: arn, Message: input } }),
  events({ arn, input, target }) {
    const { DetailType, Source } = (target.EventBridgeParameters ?? {}) as Record<string, string>;
    const entry = { DetailType, Source, Detail: input, EventBusName: arn };
    return { service: "eventbridge", operation: "PutEvents", input: { Entries: [entry] } };
  },
};

/**
 * The request that an invocation amounts to.
 * @param endpoint of the cloud, where its queues are
 * @throws when the ARN is no target that the local cloud knows
 */
export function targetRequestOf(invocation: TargetInvocation, endpoint: string): TargetRequest {
  const { arn, input } = invocation;
  const [, service, action] = /^arn:aws:scheduler:::aws-sdk:([a-z0-9-]+):([A-Za-z0-9]+)$/.exec(arn) ?? [];
  if (service && action)
    return {
      service,
      operation: action.charAt(0).toUpperCase() + action.slice(1),
      input: JSON.parse(input || "{}") as Record<string, unknown>,
    };
  const template = TEMPLATED[arn.split(":")[2] ?? ""];
  if (!template) throw new Error(`${arn} cannot be the target of a schedule`);
  return template(invocation, endpoint);
}

/** Sends it. Rejects with AccessDenied when the role does not trust the Scheduler or may not do it, and with what the service refuses. */
export async function invokeScheduledTarget(context: ComputeContext, invocation: TargetInvocation): Promise<void> {
  const { account, region, roleArn, source, arn } = invocation;
  if (!roleArn) throw new Error(`${source}: the target ${arn} has no role`);
  const request = targetRequestOf(invocation, context.endpoint);
  const client = await CLIENTS[request.service]?.();
  const [Client, Command] = [/^[A-Z]\w*Client$/, new RegExp(`^${request.operation}Command$`)].map(
    (pattern) => Object.entries(client ?? {}).find(([name]) => pattern.test(name))?.[1],
  ) as [ClientClass | undefined, CommandClass | undefined];
  if (!Client || !Command) throw new Error(`${arn}: the local cloud has no ${request.operation} of ${request.service}`);
  const credentials = await context.assumeRole({
    account,
    region,
    roleArn,
    sessionName: targetSessionName(source),
    service: "scheduler.amazonaws.com",
    sourceArn: source,
  });
  const open = new Client({ endpoint: context.endpoint, region, credentials, forcePathStyle: true });
  try {
    const answer = (await open.send(new Command(request.input))) as { Entries?: { ErrorCode?: string }[] };
    // PutEvents succeeds also when the bus took nothing.
    const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode);
    if (refused) throw new Error(`${arn}: ${refused.ErrorCode}`);
  } finally {
    open.destroy();
  }
}

type ClientClass = new (configuration: object) => { send(command: object): Promise<unknown>; destroy(): void };
type CommandClass = new (input: object) => object;
