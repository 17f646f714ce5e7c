// Where the records of asynchronous invocations go: queues, topics, functions and buses, reached as the function's role.
import { z } from "zod";
import type { ComputeContext } from "../service.js";

const Delivery = z.object({
  account: z.string(),
  region: z.string(),
  functionName: z.string(),
  functionArn: z.string(),
  roleArn: z.string(),
  /** ARN of a queue, topic, function or event bus. */
  target: z.string(),
  /** JSON text. */
  body: z.string(),
  /** Message attributes: of dead-letter queues. */
  attributes: z.record(z.string(), z.string()),
  /** Of the event that a bus gets. */
  detailType: z.string(),
});

/**
 * Delivers one record.
 * @throws what the target's service answers, e.g. AccessDenied when the role does not allow it
 */
export async function deliver(
  context: Pick<ComputeContext, "assumeRole" | "endpoint">,
  message: unknown,
): Promise<void> {
  const { account, region, roleArn, target, body, attributes, ...delivery } = Delivery.parse(message);
  const session = await context.assumeRole({
    account,
    region,
    roleArn,
    sessionName: delivery.functionName,
    service: "lambda.amazonaws.com",
  });
  const config = { endpoint: context.endpoint, region, credentials: session };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  );
  const [, , service, , owner, name] = target.split(":");
  switch (service) {
    case "sqs": {
      const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
      const QueueUrl = `${context.endpoint}/${owner}/${name}`;
      await new SQSClient(config).send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
      return;
    }
    case "sns": {
      const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
      await new SNSClient(config).send(new PublishCommand({ TopicArn: target, Message: body, MessageAttributes }));
      return;
    }
    case "lambda": {
      const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
      const Payload = Buffer.from(body);
      await new LambdaClient(config).send(
        new InvokeCommand({ FunctionName: target, InvocationType: "Event", Payload }),
      );
      return;
    }
    case "events": {
      const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
      const entry = {
        Source: "lambda",
        DetailType: delivery.detailType,
        Detail: body,
        EventBusName: target,
        Resources: [target, delivery.functionArn],
      };
      const { Entries } = await new EventBridgeClient(config).send(new PutEventsCommand({ Entries: [entry] }));
      const [refused] = (Entries ?? []).filter(({ ErrorCode }) => ErrorCode);
      if (refused) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
      return;
    }
    default:
      throw new Error(`${target} cannot be a destination`);
  }
}
