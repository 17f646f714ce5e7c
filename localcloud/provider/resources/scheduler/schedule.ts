// aws:scheduler/schedule:Schedule
import {
  type ActionAfterCompletion,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  type FlexibleTimeWindowMode,
  GetScheduleCommand,
  SchedulerClient,
  type ScheduleState,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { type Inputs, number, object, output, text } from "../../properties.js";
import { targetProperties, toState, toTarget } from "./target.js";

/** Instants that are the same, whatever their spelling. */
const isSameInstant = (left: string, right: string) => Date.parse(left) === Date.parse(right);
const instant = {
  equals: isSameInstant,
  check: (value: string) => (Number.isNaN(Date.parse(value)) ? "is not a date" : undefined),
};

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 64,
    check: (name) =>
      /^[0-9A-Za-z_.-]+$/.test(name)
        ? undefined
        : "a schedule's name has letters, digits, periods, hyphens and underscores only",
    autoName: { max: 64, prefixFrom: "namePrefix" },
  }),
  namePrefix: text({ replace: true, unread: true, max: 38 }),
  groupName: text({ default: "default", replace: true, max: 64 }),
  description: text({ max: 512 }),
  scheduleExpression: text({ required: true, max: 256 }),
  scheduleExpressionTimezone: text({ default: "UTC" }),
  state: text({ default: "ENABLED", values: ["ENABLED", "DISABLED"] }),
  startDate: text(instant),
  endDate: text(instant),
  actionAfterCompletion: text({ computed: true, values: ["NONE", "DELETE"] }),
  kmsKeyArn: text(),
  flexibleTimeWindow: object(
    {
      mode: text({ required: true, values: ["OFF", "FLEXIBLE"] }),
      maximumWindowInMinutes: number({ min: 1, max: 1440 }),
    },
    { required: true },
  ),
  target: object(targetProperties, { required: true }),
  arn: output(text()),
};

export const schedule = resource({
  type: "aws:scheduler/schedule:Schedule",
  properties,
  identity: ["name", "groupName"],

  async create(inputs, context) {
    const request = new CreateScheduleCommand(settings(inputs));
    await context.retry(() => context.client(SchedulerClient).send(request), isRoleTooNew);
    return `${inputs.groupName}/${inputs.name}`;
  },

  async read(id, context) {
    const [GroupName, Name] = split(id);
    const found = await context.client(SchedulerClient).send(new GetScheduleCommand({ GroupName, Name }));
    return {
      name: found.Name,
      groupName: found.GroupName,
      description: found.Description,
      scheduleExpression: found.ScheduleExpression,
      scheduleExpressionTimezone: found.ScheduleExpressionTimezone,
      state: found.State,
      startDate: spellInstant(found.StartDate),
      endDate: spellInstant(found.EndDate),
      actionAfterCompletion: found.ActionAfterCompletion,
      kmsKeyArn: found.KmsKeyArn,
      flexibleTimeWindow: found.FlexibleTimeWindow && {
        mode: found.FlexibleTimeWindow.Mode ?? "OFF",
        maximumWindowInMinutes: found.FlexibleTimeWindow.MaximumWindowInMinutes,
      },
      target: found.Target && toState(found.Target),
      arn: found.Arn,
    };
  },

  async update({ inputs }, context) {
    // An update that leaves something out sets it to its default, so it always says everything.
    const request = new UpdateScheduleCommand(settings(inputs));
    await context.retry(() => context.client(SchedulerClient).send(request), isRoleTooNew);
  },

  async delete(id, _state, context) {
    const [GroupName, Name] = split(id);
    await context.retry(
      () => context.client(SchedulerClient).send(new DeleteScheduleCommand({ GroupName, Name })),
      (error) => hasCode(error, ["ConflictException"]),
    );
  },
});

/** A role made a moment ago cannot be assumed everywhere yet. */
const isRoleTooNew = (error: Error) =>
  hasCode(error, ["ValidationException"], /must allow AWS EventBridge Scheduler to assume the role/) ||
  hasCode(error, ["ConflictException"], /is being/i);

function split(id: string): [group: string, name: string] {
  const at = id.indexOf("/");
  if (at < 0) throw new Error(`"${id}" is not GROUP/NAME, by which a schedule is known`);
  return [id.slice(0, at), id.slice(at + 1)];
}

/** RFC 3339 without fractions, as the official provider spells it. */
function spellInstant(date: Date | undefined): string | undefined {
  return date?.toISOString().replace(/\.\d+Z$/, "Z");
}

function settings(inputs: Inputs<typeof properties>) {
  return {
    Name: inputs.name,
    GroupName: inputs.groupName,
    Description: inputs.description,
    ScheduleExpression: inputs.scheduleExpression,
    ScheduleExpressionTimezone: inputs.scheduleExpressionTimezone,
    State: inputs.state as ScheduleState,
    StartDate: inputs.startDate ? new Date(inputs.startDate) : undefined,
    EndDate: inputs.endDate ? new Date(inputs.endDate) : undefined,
    ActionAfterCompletion: inputs.actionAfterCompletion as ActionAfterCompletion | undefined,
    KmsKeyArn: inputs.kmsKeyArn,
    FlexibleTimeWindow: {
      Mode: inputs.flexibleTimeWindow.mode as FlexibleTimeWindowMode,
      MaximumWindowInMinutes: inputs.flexibleTimeWindow.maximumWindowInMinutes,
    },
    Target: toTarget(inputs.target),
  };
}
