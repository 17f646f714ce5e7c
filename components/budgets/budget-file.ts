// A budget as a file in the shape of the AWS API: `aws budgets create-budget --budget file://…` takes it as it stands.
import { readFileSync } from "node:fs";
import { z } from "zod";

/** `Budget` and its members, AWS Budgets API Reference. */
const schema = z.strictObject({
  BudgetName: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^:\\]+$/, "may not have : or \\"),
  BudgetLimit: z.strictObject({
    Amount: z.string().regex(/^[0-9]{1,31}(\.[0-9]{1,15})?$/, 'must be a number as text, e.g. "10"'),
    Unit: z.string().min(1),
  }),
  CostFilters: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
  CostTypes: z
    .strictObject({
      IncludeTax: z.boolean().optional(),
      IncludeSubscription: z.boolean().optional(),
      UseBlended: z.boolean().optional(),
      IncludeRefund: z.boolean().optional(),
      IncludeCredit: z.boolean().optional(),
      IncludeUpfront: z.boolean().optional(),
      IncludeRecurring: z.boolean().optional(),
      IncludeOtherSubscription: z.boolean().optional(),
      IncludeSupport: z.boolean().optional(),
      IncludeDiscount: z.boolean().optional(),
      UseAmortized: z.boolean().optional(),
    })
    .optional(),
  TimeUnit: z.enum(["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"]),
  BudgetType: z.enum(["COST", "USAGE"]),
});

/** A budget as the AWS API has it. */
export type BudgetFile = z.infer<typeof schema>;

/**
 * Reads and checks a budget's file.
 *
 * @throws when the file is missing, not JSON, or not what CreateBudget takes (all that is wrong at once)
 */
export function readBudgetFile(path: string): BudgetFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Error(`Could not read the budget ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseBudget(json, path);
}

/** The same for what is read already; `source` names it in the error. */
export function parseBudget(json: unknown, source: string): BudgetFile {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${source} is not a budget as AWS takes it:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
