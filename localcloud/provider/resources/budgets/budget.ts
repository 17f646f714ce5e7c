// aws:budgets/budget:Budget. Its notifications are things of their own in AWS, each with its subscribers.
import {
  type AutoAdjustData,
  type Budget,
  BudgetsClient,
  type BudgetType,
  CreateBudgetCommand,
  DeleteBudgetCommand,
  DescribeBudgetCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  type TimeUnit,
  UntagResourceCommand,
  UpdateBudgetCommand,
} from "@aws-sdk/client-budgets";
import { resource } from "../../descriptor.js";
import { flag, type Inputs, list, number, object, output, set, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";
import {
  notificationProperties,
  notificationRequest,
  readNotifications,
  replaceNotifications,
} from "./notifications.js";

/** Amounts are decimal numbers as text. */
const amount = { equals: (left: string, right: string) => Number(left) === Number(right) };
const instant = {
  computed: true as const,
  check: (value: string) => (parseInstant(value) ? undefined : "must be of the form 2026-01-31_00:00, in UTC"),
  equals: (left: string, right: string) => parseInstant(left)?.getTime() === parseInstant(right)?.getTime(),
};

/** What a cost budget counts by default ("CostTypes" in the Budgets API). */
const costTypes = {
  includeCredit: flag({ default: true }),
  includeDiscount: flag({ default: true }),
  includeOtherSubscription: flag({ default: true }),
  includeRecurring: flag({ default: true }),
  includeRefund: flag({ default: true }),
  includeSubscription: flag({ default: true }),
  includeSupport: flag({ default: true }),
  includeTax: flag({ default: true }),
  includeUpfront: flag({ default: true }),
  useAmortized: flag({ default: false }),
  useBlended: flag({ default: false }),
};

const properties = {
  accountId: text({ computed: true, replace: true }),
  name: text({
    computed: true,
    replace: true,
    max: 100,
    check: (name) => (/[:\\]/.test(name) ? "a budget's name has neither colons nor backslashes" : undefined),
    autoName: { max: 100, prefixFrom: "namePrefix" },
  }),
  namePrefix: text({ replace: true, unread: true, max: 74 }),
  budgetType: text({
    required: true,
    values: ["COST", "USAGE", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"],
  }),
  timeUnit: text({ required: true, values: ["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"] }),
  limitAmount: text({ computed: true, ...amount }),
  limitUnit: text({ computed: true }),
  timePeriodStart: text(instant),
  timePeriodEnd: text(instant),
  costFilters: set(object({ name: text({ required: true }), values: list(text(), { required: true }) })),
  costTypes: object(costTypes, { computed: true }),
  plannedLimits: set(
    object({
      startTime: text({ required: true, equals: instant.equals }),
      amount: text({ required: true, ...amount }),
      unit: text({ required: true }),
    }),
  ),
  autoAdjustData: object({
    autoAdjustType: text({ required: true, values: ["HISTORICAL", "FORECAST"] }),
    historicalOptions: object({
      budgetAdjustmentPeriod: number({ required: true }),
      lookbackAvailablePeriods: number({ computed: true }),
    }),
    lastAutoAdjustTime: text({ computed: true }),
  }),
  notifications: set(object(notificationProperties), { max: 5 }),
  ...tagged,
  arn: output(text()),
};

export const budget = resource({
  type: "aws:budgets/budget:Budget",
  global: true,
  properties,
  identity: ["name", "accountId"],

  check(inputs) {
    const isPlanned = inputs.plannedLimits !== undefined || inputs.autoAdjustData !== undefined;
    return inputs.limitAmount === undefined && !isPlanned
      ? [{ property: "limitAmount", reason: "one of limitAmount, plannedLimits, autoAdjustData is needed" }]
      : [];
  },

  async create(inputs, context) {
    const account = inputs.accountId ?? (await context.accountId());
    await context.client(BudgetsClient).send(
      new CreateBudgetCommand({
        AccountId: account,
        Budget: toBudget(inputs),
        NotificationsWithSubscribers: inputs.notifications?.map(notificationRequest),
        ResourceTags: inputs.tags ? tagList(inputs.tags) : undefined,
      }),
    );
    return `${account}:${inputs.name}`;
  },

  async read(id, context) {
    const [AccountId, BudgetName] = split(id);
    const budgets = context.client(BudgetsClient);
    const arn = `arn:${context.partition}:budgets::${AccountId}:budget/${BudgetName}`;
    const { Budget: found } = await budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName }));
    if (!found) return undefined;
    const [notifications, tags] = await Promise.all([
      readNotifications(AccountId, BudgetName, context),
      budgets.send(new ListTagsForResourceCommand({ ResourceARN: arn })),
    ]);
    const auto = found.AutoAdjustData;
    return {
      accountId: AccountId,
      name: BudgetName,
      budgetType: found.BudgetType,
      timeUnit: found.TimeUnit,
      limitAmount: found.BudgetLimit?.Amount,
      limitUnit: found.BudgetLimit?.Unit,
      timePeriodStart: spellInstant(found.TimePeriod?.Start),
      timePeriodEnd: spellInstant(found.TimePeriod?.End),
      costFilters: Object.entries(found.CostFilters ?? {}).map(([name, values]) => ({ name, values })),
      costTypes: costTypesState(found),
      plannedLimits: Object.entries(found.PlannedBudgetLimits ?? {}).map(([start, limit]) => ({
        startTime: spellInstant(new Date(Number(start) * 1000)) ?? "",
        amount: limit.Amount ?? "",
        unit: limit.Unit ?? "",
      })),
      autoAdjustData: auto && {
        autoAdjustType: auto.AutoAdjustType ?? "",
        historicalOptions: auto.HistoricalOptions && {
          budgetAdjustmentPeriod: auto.HistoricalOptions.BudgetAdjustmentPeriod ?? 0,
          lookbackAvailablePeriods: auto.HistoricalOptions.LookBackAvailablePeriods,
        },
        lastAutoAdjustTime: auto.LastAutoAdjustTime?.toISOString(),
      },
      notifications,
      ...tagState(tags.ResourceTags),
      arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const [AccountId, BudgetName] = split(id);
    const budgets = context.client(BudgetsClient);
    const others = Object.keys(properties).filter((name) => name !== "tags" && name !== "notifications");
    if (changes(...(others as (keyof typeof properties)[])))
      await budgets.send(new UpdateBudgetCommand({ AccountId, NewBudget: toBudget(inputs) }));
    if (changes("notifications"))
      await replaceNotifications(AccountId, BudgetName, inputs.notifications ?? [], context);
    if (changes("tags"))
      await applyTags(old.tags, inputs.tags, {
        set: (set) => budgets.send(new TagResourceCommand({ ResourceARN: old.arn, ResourceTags: tagList(set) })),
        remove: (ResourceTagKeys) => budgets.send(new UntagResourceCommand({ ResourceARN: old.arn, ResourceTagKeys })),
      });
  },

  async delete(id, _state, context) {
    const [AccountId, BudgetName] = split(id);
    await context.client(BudgetsClient).send(new DeleteBudgetCommand({ AccountId, BudgetName }));
  },
});

function split(id: string): [account: string, name: string] {
  const at = id.indexOf(":");
  if (at < 0) throw new Error(`"${id}" is not ACCOUNT:NAME, by which a budget is known`);
  return [id.slice(0, at), id.slice(at + 1)];
}

/** `2026-01-31_00:00` in UTC, the official provider's spelling. */
function parseInstant(value: string): Date | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})_(\d{2}:\d{2})$/.exec(value);
  const date = match && new Date(`${match[1]}T${match[2]}:00Z`);
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function spellInstant(date: Date | undefined): string | undefined {
  return date?.toISOString().slice(0, 16).replace("T", "_");
}

function toBudget(inputs: Inputs<typeof properties>): Budget {
  const { costTypes: counted, autoAdjustData: auto } = inputs;
  const limit =
    inputs.limitAmount === undefined ? undefined : { Amount: inputs.limitAmount, Unit: inputs.limitUnit ?? "USD" };
  const period = {
    Start: inputs.timePeriodStart ? parseInstant(inputs.timePeriodStart) : undefined,
    End: inputs.timePeriodEnd ? parseInstant(inputs.timePeriodEnd) : undefined,
  };
  return {
    BudgetName: inputs.name,
    BudgetType: inputs.budgetType as BudgetType,
    TimeUnit: inputs.timeUnit as TimeUnit,
    BudgetLimit: limit,
    TimePeriod: period.Start || period.End ? period : undefined,
    CostFilters: inputs.costFilters && Object.fromEntries(inputs.costFilters.map(({ name, values }) => [name, values])),
    CostTypes:
      counted &&
      Object.fromEntries(
        Object.entries(counted).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
      ),
    PlannedBudgetLimits:
      inputs.plannedLimits &&
      Object.fromEntries(
        inputs.plannedLimits.map((each) => [
          `${(parseInstant(each.startTime)?.getTime() ?? 0) / 1000}`,
          { Amount: each.amount, Unit: each.unit },
        ]),
      ),
    AutoAdjustData:
      auto &&
      ({
        AutoAdjustType: auto.autoAdjustType,
        HistoricalOptions: auto.historicalOptions && {
          BudgetAdjustmentPeriod: auto.historicalOptions.budgetAdjustmentPeriod,
        },
      } as AutoAdjustData),
  };
}

function costTypesState(found: Budget): Inputs<typeof costTypes> | undefined {
  if (!found.CostTypes) return undefined;
  const actual = found.CostTypes as Record<string, boolean | undefined>;
  const names = Object.keys(costTypes) as (keyof typeof costTypes)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      actual[name.charAt(0).toUpperCase() + name.slice(1)] ?? costTypes[name].default ?? false,
    ]),
  ) as Inputs<typeof costTypes>;
}
