// The writer's calls to CloudWatch Logs, made as the account's root: the compute plane stands for the service that AWS writes with.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import type { ComputeContext } from "../service.js";
import type { LogDestination, LogsApi } from "./writer.js";

/** CloudWatch Logs of whatever account and region a destination names. */
export function cloudWatchLogs(context: Pick<ComputeContext, "clientConfig">): LogsApi {
  const clients = new Map<string, CloudWatchLogsClient>();
  const clientOf = ({ account, region }: LogDestination): CloudWatchLogsClient => {
    const key = `${account}/${region}`;
    const client = clients.get(key) ?? new CloudWatchLogsClient(context.clientConfig(account, region));
    clients.set(key, client);
    return client;
  };
  return {
    createGroup: (to) => unlessThere(clientOf(to).send(new CreateLogGroupCommand({ logGroupName: to.group }))),
    createStream: (to) =>
      unlessThere(clientOf(to).send(new CreateLogStreamCommand({ logGroupName: to.group, logStreamName: to.stream }))),
    put: async (to, logEvents) => {
      await clientOf(to).send(new PutLogEventsCommand({ logGroupName: to.group, logStreamName: to.stream, logEvents }));
    },
  };
}

async function unlessThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  }
}
