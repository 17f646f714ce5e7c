// aws:cloudwatch/compositeAlarm:CompositeAlarm
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { resource } from "../../descriptor.js";
import { flag, type Inputs, number, object, output, set, tagged, text } from "../../properties.js";
import { tagList } from "../../tags.js";
import { readTags, updateTags } from "./tags.js";

const properties = {
  alarmName: text({ required: true, replace: true, max: 255 }),
  alarmRule: text({ required: true, max: 10_240 }),
  alarmDescription: text({ max: 1024 }),
  actionsEnabled: flag({ default: true, replace: true }),
  actionsSuppressor: object({
    alarm: text({ required: true }),
    extensionPeriod: number({ required: true }),
    waitPeriod: number({ required: true }),
  }),
  alarmActions: set(text(), { max: 5 }),
  okActions: set(text(), { max: 5 }),
  insufficientDataActions: set(text(), { max: 5 }),
  ...tagged,
  arn: output(text()),
};

export const compositeAlarm = resource({
  type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  properties,
  identity: ["alarmName"],

  async create(inputs, context) {
    const request = { ...settings(inputs), Tags: inputs.tags ? tagList(inputs.tags) : undefined };
    await context.client(CloudWatchClient).send(new PutCompositeAlarmCommand(request));
    return inputs.alarmName;
  },

  async read(id, context) {
    const described = await context
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ AlarmNames: [id], AlarmTypes: ["CompositeAlarm"] }));
    const found = described.CompositeAlarms?.find((alarm) => alarm.AlarmName === id);
    if (!found) return undefined;
    return {
      alarmName: id,
      alarmRule: found.AlarmRule,
      alarmDescription: found.AlarmDescription,
      actionsEnabled: found.ActionsEnabled,
      actionsSuppressor: found.ActionsSuppressor
        ? {
            alarm: found.ActionsSuppressor,
            extensionPeriod: found.ActionsSuppressorExtensionPeriod ?? 0,
            waitPeriod: found.ActionsSuppressorWaitPeriod ?? 0,
          }
        : undefined,
      alarmActions: found.AlarmActions ?? [],
      okActions: found.OKActions ?? [],
      insufficientDataActions: found.InsufficientDataActions ?? [],
      ...(await readTags(found.AlarmArn ?? "", context)),
      arn: found.AlarmArn,
    };
  },

  async update({ old, inputs, changes }, context) {
    await context.client(CloudWatchClient).send(new PutCompositeAlarmCommand(settings(inputs)));
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
});

function settings(inputs: Inputs<typeof properties>) {
  return {
    AlarmName: inputs.alarmName,
    AlarmRule: inputs.alarmRule,
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: inputs.actionsEnabled,
    ActionsSuppressor: inputs.actionsSuppressor?.alarm,
    ActionsSuppressorExtensionPeriod: inputs.actionsSuppressor?.extensionPeriod,
    ActionsSuppressorWaitPeriod: inputs.actionsSuppressor?.waitPeriod,
    AlarmActions: inputs.alarmActions,
    OKActions: inputs.okActions,
    InsufficientDataActions: inputs.insufficientDataActions,
  };
}
