// aws:cloudwatch/eventTarget:EventTarget: what an EventBridge rule sets off.
import {
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, text } from "../../properties.js";
import { busName, isSameBus, splitTargetImport, targetIdOf } from "./ids.js";
import { targetProperties, toState, toTarget } from "./targetParameters.js";

export const eventTarget = resource({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  properties: {
    rule: text({ required: true, replace: true }),
    eventBusName: text({ default: "default", replace: true, equals: isSameBus }),
    targetId: text({ computed: true, replace: true, max: 64, autoName: { max: 64 } }),
    forceDestroy: flag({ default: false, unread: true }),
    ...targetProperties,
  },
  identity: ["rule", "eventBusName", "targetId"],

  check(inputs) {
    const given = [inputs.input, inputs.inputPath, inputs.inputTransformer].filter((each) => each !== undefined);
    return given.length > 1
      ? [{ property: "input", reason: "only one of input, inputPath, inputTransformer can be given" }]
      : [];
  },

  async create(inputs, context) {
    const target = inputs.targetId as string;
    await put(inputs.eventBusName, inputs.rule, toTarget(target, inputs), context);
    return targetIdOf(inputs.eventBusName, inputs.rule, target);
  },

  async read(id, context, known) {
    const { bus, rule, target } =
      known.rule && known.targetId
        ? { bus: known.eventBusName ?? "default", rule: known.rule, target: known.targetId }
        : splitTargetImport(id);
    const found = await find(bus, rule, target, context);
    return (
      found && {
        id: targetIdOf(bus, rule, target),
        rule,
        eventBusName: busName(bus),
        targetId: target,
        ...toState(found),
      }
    );
  },

  async update({ inputs }, context) {
    await put(inputs.eventBusName, inputs.rule, toTarget(inputs.targetId as string, inputs), context);
  },

  async delete(_id, state, context) {
    const answer = await context.client(EventBridgeClient).send(
      new RemoveTargetsCommand({
        Rule: state.rule,
        EventBusName: busName(state.eventBusName ?? "default"),
        Ids: [state.targetId ?? ""],
        Force: state.forceDestroy,
      }),
    );
    refuseFailures(answer.FailedEntries);
  },
});

async function put(bus: string, rule: string, target: Target, context: Context): Promise<void> {
  const request = new PutTargetsCommand({ Rule: rule, EventBusName: busName(bus), Targets: [target] });
  await context.retry(
    async () => refuseFailures((await context.client(EventBridgeClient).send(request)).FailedEntries),
    (error) => hasCode(error, ["ValidationException"], /cannot be assumed by principal/),
  );
}

async function find(bus: string, rule: string, target: string, context: Context): Promise<Target | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await orAbsent(
      context
        .client(EventBridgeClient)
        .send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: busName(bus), NextToken })),
    );
    const found = page?.Targets?.find((each) => each.Id === target);
    if (found) return found;
    NextToken = page?.NextToken;
  } while (NextToken);
  return undefined;
}

/** The call succeeds even if AWS did nothing of what was asked. */
function refuseFailures(entries: readonly { ErrorCode?: string; ErrorMessage?: string }[] | undefined): void {
  const [first] = entries ?? [];
  if (first) throw new Error(`${first.ErrorCode}: ${first.ErrorMessage}`);
}
