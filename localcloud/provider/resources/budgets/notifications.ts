// The notifications of a budget: who is told, by e-mail or an SNS topic, when it is used up how far.
import {
  BudgetsClient,
  type ComparisonOperator,
  CreateNotificationCommand,
  DeleteNotificationCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  type Notification,
  type NotificationType,
  type Subscriber,
  type ThresholdType,
} from "@aws-sdk/client-budgets";
import type { Context } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { type Inputs, number, set, text } from "../../properties.js";

export const notificationProperties = {
  comparisonOperator: text({ required: true, values: ["LESS_THAN", "EQUAL_TO", "GREATER_THAN"] }),
  notificationType: text({ required: true, values: ["ACTUAL", "FORECASTED"] }),
  threshold: number({ required: true, integer: false, min: 0 }),
  thresholdType: text({ required: true, values: ["PERCENTAGE", "ABSOLUTE_VALUE"] }),
  subscriberEmailAddresses: set(text()),
  subscriberSnsTopicArns: set(text()),
};
export type NotificationInputs = Inputs<typeof notificationProperties>;

/** A notification as the API takes it. */
export function notificationRequest(given: NotificationInputs): {
  Notification: Notification;
  Subscribers: Subscriber[];
} {
  return {
    Notification: {
      ComparisonOperator: given.comparisonOperator as ComparisonOperator,
      NotificationType: given.notificationType as NotificationType,
      Threshold: given.threshold,
      ThresholdType: given.thresholdType as ThresholdType,
    },
    Subscribers: [
      ...(given.subscriberEmailAddresses ?? []).map((Address) => ({ SubscriptionType: "EMAIL" as const, Address })),
      ...(given.subscriberSnsTopicArns ?? []).map((Address) => ({ SubscriptionType: "SNS" as const, Address })),
    ],
  };
}

async function list(AccountId: string, BudgetName: string, context: Context): Promise<Notification[]> {
  const all: Notification[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(BudgetsClient)
      .send(new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName, NextToken }));
    all.push(...(page.Notifications ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return all;
}

/** What names a notification in calls; its state is AWS's own. */
function keyOf({ NotificationState: _, ...key }: Notification): Notification {
  return key;
}

export async function readNotifications(
  AccountId: string,
  BudgetName: string,
  context: Context,
): Promise<NotificationInputs[]> {
  const all = await list(AccountId, BudgetName, context);
  return Promise.all(
    all.map(async (each) => {
      const request = { AccountId, BudgetName, Notification: keyOf(each) };
      const found = await orAbsent(
        context.client(BudgetsClient).send(new DescribeSubscribersForNotificationCommand(request)),
      );
      const addresses = (type: string) =>
        (found?.Subscribers ?? []).filter((to) => to.SubscriptionType === type).map((to) => to.Address ?? "");
      return {
        comparisonOperator: each.ComparisonOperator ?? "",
        notificationType: each.NotificationType ?? "",
        threshold: each.Threshold ?? 0,
        thresholdType: each.ThresholdType ?? "PERCENTAGE",
        subscriberEmailAddresses: addresses("EMAIL"),
        subscriberSnsTopicArns: addresses("SNS"),
      };
    }),
  );
}

/** Puts `wanted` in place of all notifications of a budget. */
export async function replaceNotifications(
  AccountId: string,
  BudgetName: string,
  wanted: readonly NotificationInputs[],
  context: Context,
): Promise<void> {
  const budgets = context.client(BudgetsClient);
  for (const each of await list(AccountId, BudgetName, context))
    await orAbsent(budgets.send(new DeleteNotificationCommand({ AccountId, BudgetName, Notification: keyOf(each) })));
  for (const each of wanted)
    await budgets.send(new CreateNotificationCommand({ AccountId, BudgetName, ...notificationRequest(each) }));
}
