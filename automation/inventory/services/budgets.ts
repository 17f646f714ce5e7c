import { BudgetsClient, DeleteBudgetCommand, DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const budgets: InventorySource = {
  service: "budgets",
  isGlobal: true,
  async list(client) {
    const api = client(BudgetsClient);
    const { Account: AccountId } = await client(STSClient).send(new GetCallerIdentityCommand({}));
    const names = await allPages(async (NextToken) => {
      const page = await api.send(new DescribeBudgetsCommand({ AccountId, NextToken }));
      return { items: page.Budgets?.map(({ BudgetName }) => BudgetName), token: page.NextToken };
    });
    return names.map((BudgetName) => ({
      type: "AWS::Budgets::Budget",
      id: BudgetName,
      remove: () => api.send(new DeleteBudgetCommand({ AccountId, BudgetName })),
    }));
  },
};
