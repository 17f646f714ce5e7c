// What a topic was told, and waiting for what comes by itself.
import { ListTopicsCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Workspace } from "./workspace.js";

export interface Inbox {
  /** The next message for which `matches` holds. @throws when none comes within a minute, with those that came */
  next(
    matches: (message: { subject: string; message: string }) => boolean,
  ): Promise<{ subject: string; message: string }>;
}

/** A queue that gets what a topic is told. */
export async function openInbox(
  { client, account }: Pick<Workspace, "client" | "account">,
  topicName: string,
  queueName = "inbox",
): Promise<Inbox> {
  const sqs = new SQSClient(client);
  const sns = new SNSClient(client);
  const queueArn = `arn:aws:sqs:${client.region}:${account}:${queueName}`;
  const policy = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn },
    ],
  };
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: queueName, Attributes: { Policy: JSON.stringify(policy) } }),
  );
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  const topic = Topics?.find(({ TopicArn }) => TopicArn?.endsWith(`:${topicName}`))?.TopicArn;
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: queueArn }));
  const seen: string[] = [];
  return {
    next: (matches) =>
      until("a message", async () => {
        const { Messages } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 1 }),
        );
        for (const { Body, ReceiptHandle } of Messages ?? []) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          const body = JSON.parse(Body ?? "{}");
          const received = { subject: String(body.Subject), message: String(body.Message) };
          seen.push(received.message);
          if (matches(received)) return received;
        }
        return undefined;
      }).catch((cause) => {
        throw new Error(`${cause.message}; messages so far: ${seen.join(" | ") || "none"}`, { cause });
      }),
  };
}

/** Asks until there is an answer. @throws after a minute */
export async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (let pause = 50; Date.now() < deadline; pause = Math.min(2 * pause, 1000)) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`Waited a minute for ${what}`);
}
