import { DeleteQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const sqs: InventorySource = {
  service: "sqs",
  async list(client) {
    const api = client(SQSClient);
    const urls = await allPages(async (NextToken) => {
      const page = await api.send(new ListQueuesCommand({ NextToken, MaxResults: 1000 }));
      return { items: page.QueueUrls, token: page.NextToken };
    });
    return urls.map((QueueUrl) => ({
      type: "AWS::SQS::Queue",
      id: QueueUrl.split("/").pop() ?? QueueUrl,
      remove: () => api.send(new DeleteQueueCommand({ QueueUrl })),
    }));
  },
};
