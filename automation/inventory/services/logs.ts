import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DeleteResourcePolicyCommand,
  DescribeResourcePoliciesCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { logGroups } from "../../executions/logs.js";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const logs: InventorySource = {
  service: "logs",
  otherKinds: ["destination", "delivery_destination"],
  async list(client) {
    const api = client(CloudWatchLogsClient);
    const policies = await allPages(async (nextToken) => {
      const page = await api.send(new DescribeResourcePoliciesCommand({ nextToken }));
      return { items: page.resourcePolicies?.map(({ policyName }) => policyName), token: page.nextToken };
    });
    return [
      ...policies.map((policyName) => ({
        type: "AWS::Logs::ResourcePolicy",
        id: policyName,
        remove: () => api.send(new DeleteResourcePolicyCommand({ policyName })),
      })),
      ...(await logGroups(api)).map((logGroupName) => ({
        type: "AWS::Logs::LogGroup",
        id: logGroupName,
        remove: () => api.send(new DeleteLogGroupCommand({ logGroupName })),
      })),
    ];
  },
};
