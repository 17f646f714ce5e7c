import {
  DeleteTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  SNSClient,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

const ARN = /^arn:/;

export const sns: InventorySource = {
  service: "sns",
  otherKinds: ["platform_application"],
  async list(client) {
    const api = client(SNSClient);
    const topics = await allPages(async (NextToken) => {
      const page = await api.send(new ListTopicsCommand({ NextToken }));
      return { items: page.Topics?.map(({ TopicArn }) => TopicArn), token: page.NextToken };
    });
    const subscriptions = await allPages(async (NextToken) => {
      const page = await api.send(new ListSubscriptionsCommand({ NextToken }));
      return { items: page.Subscriptions, token: page.NextToken };
    });
    return [
      ...topics.map((TopicArn) => ({
        type: "AWS::SNS::Topic",
        id: TopicArn.split(":").pop() ?? TopicArn,
        remove: () => api.send(new DeleteTopicCommand({ TopicArn })),
      })),
      // One that nobody confirmed has no ARN and goes by itself, as one whose topic is gone does.
      ...subscriptions
        .filter(({ SubscriptionArn = "", TopicArn = "" }) => ARN.test(SubscriptionArn) && topics.includes(TopicArn))
        .map(({ SubscriptionArn = "" }) => ({
          type: "AWS::SNS::Subscription",
          id: SubscriptionArn.split(":").slice(-2).join(":"),
          remove: () => api.send(new UnsubscribeCommand({ SubscriptionArn })),
        })),
    ];
  },
};
