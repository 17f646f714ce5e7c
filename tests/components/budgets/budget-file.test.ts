import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Budget, BudgetsClient, CreateBudgetCommand } from "@aws-sdk/client-budgets";
import { parseBudget, readBudgetFile } from "../../../components/budgets/budget-file.js";
import { projectRoot } from "../../../stacks/paths.js";

const path = join(projectRoot(), "budget-config.json");

/** The body that the SDK sends for a budget: what is not in the API's shape is not in it. */
async function sent(budget: Budget): Promise<Record<string, unknown>> {
  let body = "";
  const client = new BudgetsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
    requestHandler: {
      handle: async (request: { body: Uint8Array }) => {
        body = new TextDecoder().decode(request.body);
        throw new Error("not sent");
      },
    } as never,
    maxAttempts: 1,
  });
  await client
    .send(new CreateBudgetCommand({ AccountId: "123456789012", Budget: budget }))
    .catch((error: Error) => assert.equal(error.message, "not sent"));
  return JSON.parse(body);
}

describe("budget-config.json", () => {
  it("is 10 dollars a month on the platform's tag", () => {
    const budget = readBudgetFile(path);
    assert.deepEqual(budget.BudgetLimit, { Amount: "10", Unit: "USD" });
    assert.deepEqual([budget.TimeUnit, budget.BudgetType], ["MONTHLY", "COST"]);
    assert.deepEqual(budget.CostFilters, { TagKeyValue: ["user:Project$sanders-customer-platform"] });
  });

  it("is what CreateBudget takes, member for member", async () => {
    const file = JSON.parse(readFileSync(path, "utf8"));
    assert.deepEqual((await sent(file)).Budget, file);
  });

  it("is refused with all that is wrong in it", () => {
    assert.throws(
      () =>
        parseBudget(
          {
            BudgetName: "a:b",
            BudgetLimit: { Amount: 10, Unit: "USD" },
            TimeUnit: "WEEKLY",
            BudgetType: "COST",
            Alerts: [],
          },
          "budget.json",
        ),
      (error: Error) => {
        assert.match(error.message, /^budget\.json is not a budget as AWS takes it/);
        for (const part of ["BudgetName", "BudgetLimit.Amount", "TimeUnit", "Alerts"])
          assert.ok(error.message.includes(part), part);
        return true;
      },
    );
    assert.throws(() => readBudgetFile("/nowhere/budget.json"), /Could not read the budget \/nowhere\/budget\.json/);
  });
});
