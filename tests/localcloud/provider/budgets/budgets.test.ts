import assert from "node:assert/strict";
import {
  BudgetsClient,
  DeleteNotificationCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
} from "@aws-sdk/client-budgets";
import { Budget } from "@pulumi/aws/budgets/budget.js";
import { type Life, testLives } from "../lifecycle.js";
import { by } from "../versions.js";

const actual = {
  comparisonOperator: "GREATER_THAN",
  notificationType: "ACTUAL",
  threshold: 80,
  thresholdType: "PERCENTAGE",
  subscriberEmailAddresses: ["costs@example.com"],
};

const lives: Life[] = [
  {
    name: "month",
    declare: (version, options) =>
      new Budget(
        "month",
        {
          name: by(version, "month", "month", "month-2"),
          budgetType: "COST",
          limitAmount: by(version, "10", "12.50"),
          limitUnit: "USD",
          timeUnit: "MONTHLY",
          timePeriodStart: "2026-01-01_00:00",
          costFilters: [{ name: "TagKeyValue", values: [by(version, "user:Project$a", "user:Project$b")] }],
          costTypes: { includeTax: by(version, true, false) },
          notifications: by(
            version,
            [actual],
            [
              { ...actual, threshold: 90 },
              {
                ...actual,
                notificationType: "FORECASTED",
                threshold: 100,
                subscriberEmailAddresses: [],
                subscriberSnsTopicArns: ["arn:aws:sns:eu-central-1:123456789012:costs"],
              },
            ],
          ),
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:budgets::\d{12}:budget\/month$/);
        assert.equal(outputs.timePeriodStart, "2026-01-01_00:00");
        assert.equal(outputs.timePeriodEnd, "2087-06-15_00:00");
      },
    },
    verify: {
      updated: async (_id, { client, account }) => {
        const found = await new BudgetsClient(client).send(
          new DescribeNotificationsForBudgetCommand({ AccountId: account, BudgetName: "month" }),
        );
        assert.deepEqual(found.Notifications?.map((each) => `${each.NotificationType} ${each.Threshold}`).sort(), [
          "ACTUAL 90",
          "FORECASTED 100",
        ]);
      },
    },
    disturb: async (_id, { client, account }) => {
      await new BudgetsClient(client).send(
        new DeleteNotificationCommand({
          AccountId: account,
          BudgetName: "month",
          Notification: {
            ComparisonOperator: "GREATER_THAN",
            NotificationType: "ACTUAL",
            Threshold: 90,
            ThresholdType: "PERCENTAGE",
          },
        }),
      );
    },
  },
];

testLives("provider: budgets", lives, async ({ client, account }) => {
  const found = await new BudgetsClient(client).send(new DescribeBudgetsCommand({ AccountId: account }));
  return (found.Budgets ?? []).map((each) => each.BudgetName ?? "");
});
