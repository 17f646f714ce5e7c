import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { logGroups } from "../../executions/logs.js";
import type { InventorySource } from "../item.js";

export const logs: InventorySource = {
  service: "logs",
  async list(client) {
    const api = client(CloudWatchLogsClient);
    return (await logGroups(api)).map((logGroupName) => ({
      type: "AWS::Logs::LogGroup",
      id: logGroupName,
      remove: () => api.send(new DeleteLogGroupCommand({ logGroupName })),
    }));
  },
};
