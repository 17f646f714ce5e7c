// aws:cloudwatch/eventRule:EventRule: a rule of EventBridge, under the service's older name.
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  type RuleState,
} from "@aws-sdk/client-eventbridge";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, type Inputs, json, output, tagged, text } from "../../properties.js";
import { tagList } from "../../tags.js";
import { busName, isSameBus, ruleId, splitRuleId } from "./ids.js";
import { readTags, updateTags } from "./tags.js";

const properties = {
  name: text({
    computed: true,
    replace: true,
    max: 64,
    check: (name) =>
      /^[0-9A-Za-z._-]+$/.test(name)
        ? undefined
        : "a rule's name has letters, digits, periods, hyphens and underscores only",
    autoName: { max: 64, prefixFrom: "namePrefix" },
  }),
  namePrefix: text({ replace: true, unread: true, max: 38 }),
  eventBusName: text({ default: "default", replace: true, equals: isSameBus }),
  description: text({ max: 512 }),
  eventPattern: json(),
  scheduleExpression: text({ max: 256 }),
  state: text({ default: "ENABLED", values: ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] }),
  isEnabled: flag(),
  roleArn: text(),
  forceDestroy: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
};

export const eventRule = resource({
  type: "aws:cloudwatch/eventRule:EventRule",
  properties,
  identity: ["name", "eventBusName"],

  check(inputs) {
    if (inputs.eventPattern === undefined && inputs.scheduleExpression === undefined)
      return [{ property: "eventPattern", reason: "one of eventPattern, scheduleExpression is needed" }];
    if (inputs.isEnabled !== undefined && inputs.state !== undefined)
      return [{ property: "isEnabled", reason: "cannot be given together with state" }];
    return [];
  },

  async create(inputs, context) {
    const name = inputs.name as string;
    await put(name, inputs, context, inputs.tags);
    return ruleId(inputs.eventBusName, name);
  },

  async read(id, context, known) {
    const { bus, name } = splitRuleId(id);
    const found = await context
      .client(EventBridgeClient)
      .send(new DescribeRuleCommand({ Name: name, EventBusName: bus }));
    // A program says it in one way or the other.
    const isFlagged = known.isEnabled !== undefined;
    return {
      name: found.Name,
      eventBusName: bus,
      description: found.Description,
      eventPattern: found.EventPattern,
      scheduleExpression: found.ScheduleExpression,
      state: isFlagged ? "ENABLED" : found.State,
      isEnabled: isFlagged ? found.State !== "DISABLED" : undefined,
      roleArn: found.RoleArn,
      ...(await readTags(found.Arn ?? "", context)),
      arn: found.Arn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const { name } = splitRuleId(id);
    if (changes("description", "eventPattern", "scheduleExpression", "state", "isEnabled", "roleArn"))
      await put(name, inputs, context);
    if (changes("tags")) await updateTags(old.arn ?? "", old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    const { bus, name } = splitRuleId(id);
    await context.retry(
      () =>
        context
          .client(EventBridgeClient)
          .send(new DeleteRuleCommand({ Name: name, EventBusName: bus, Force: state.forceDestroy })),
      // Targets that were removed a moment ago still count.
      (error) => hasCode(error, ["ValidationException"], /Rule can't be deleted since it has targets/),
      300,
    );
  },
});

/** Putting a rule writes it anew; what is left out is then empty. */
async function put(
  name: string,
  inputs: Inputs<typeof properties>,
  context: Context,
  tags?: Record<string, string>,
): Promise<void> {
  const State = inputs.isEnabled === undefined ? inputs.state : inputs.isEnabled ? "ENABLED" : "DISABLED";
  const request = new PutRuleCommand({
    Name: name,
    EventBusName: busName(inputs.eventBusName),
    Description: inputs.description ?? "",
    EventPattern: inputs.eventPattern,
    ScheduleExpression: inputs.scheduleExpression,
    State: State as RuleState,
    RoleArn: inputs.roleArn,
    Tags: tags ? tagList(tags) : undefined,
  });
  await context.retry(
    () => context.client(EventBridgeClient).send(request),
    (error) => hasCode(error, ["ValidationException"], /cannot be assumed by principal/),
  );
}
