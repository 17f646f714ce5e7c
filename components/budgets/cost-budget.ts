// CostBudget: a budget from its file, that tells someone in time.
import { Budget, type BudgetArgs } from "@pulumi/aws/budgets/budget.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { BudgetFile } from "./budget-file.js";

export interface CostBudgetArgs {
  /** Name of the budget, unique in the account; in place of the file's. */
  name: string;
  /** The budget, as `readBudgetFile` gives it. */
  budget: BudgetFile;
  /** Percentages of the limit: of what was spent, and of what the month is forecast to cost. */
  alertPercents: { actual: readonly number[]; forecasted: readonly number[] };
  /** Who is told by mail; at most 10. @default [] */
  emails?: readonly string[];
  /** Topic that is told; its policy lets Budgets publish. */
  topicArn: pulumi.Input<string>;
  transform?: { budget?: Transform<BudgetArgs> };
}

export class CostBudget extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly nodes: { budget: Budget };

  constructor(name: string, args: CostBudgetArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:budgets:CostBudget", name, {}, options);
    const { budget: file, alertPercents } = args;
    const alert = (notificationType: "ACTUAL" | "FORECASTED") => (threshold: number) => ({
      notificationType,
      comparisonOperator: "GREATER_THAN",
      threshold,
      thresholdType: "PERCENTAGE",
      subscriberSnsTopicArns: [args.topicArn],
      ...(args.emails && args.emails.length > 0 && { subscriberEmailAddresses: [...args.emails] }),
    });
    const budget = new Budget(
      ...transformed<BudgetArgs>(
        args.transform?.budget,
        name,
        {
          name: args.name,
          budgetType: file.BudgetType,
          timeUnit: file.TimeUnit,
          limitAmount: file.BudgetLimit.Amount,
          limitUnit: file.BudgetLimit.Unit,
          costFilters: Object.entries(file.CostFilters).map(([filter, values]) => ({ name: filter, values })),
          ...(file.CostTypes && { costTypes: inCamelCase(file.CostTypes) }),
          notifications: [
            ...alertPercents.actual.map(alert("ACTUAL")),
            ...alertPercents.forecasted.map(alert("FORECASTED")),
          ],
        },
        { parent: this },
      ),
    );
    this.nodes = { budget };
    this.name = budget.name;
    this.registerOutputs({ name: this.name });
  }
}

function inCamelCase(members: Record<string, boolean | undefined>): Record<string, boolean | undefined> {
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
  );
}
