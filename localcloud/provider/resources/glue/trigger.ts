// aws:glue/trigger:Trigger
import {
  CreateTriggerCommand,
  DeleteTriggerCommand,
  GetTriggerCommand,
  GlueClient,
  type Predicate,
  StartTriggerCommand,
  StopTriggerCommand,
  type Action as TriggerAction,
  type TriggerType,
  UpdateTriggerCommand,
} from "@aws-sdk/client-glue";
import { resource } from "../../descriptor.js";
import { flag, type Inputs, list, map, number, object, output, tagged, text } from "../../properties.js";
import { glueArn, orNothing, readTags, updateTags } from "./tags.js";

const properties = {
  name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
  type: text({ required: true, replace: true, values: ["CONDITIONAL", "ON_DEMAND", "SCHEDULED", "EVENT"] }),
  actions: list(
    object({
      jobName: text(),
      crawlerName: text(),
      arguments: map(text()),
      timeout: number({ min: 1 }),
      securityConfiguration: text(),
      notificationProperty: object({ notifyDelayAfter: number({ min: 1 }) }),
    }),
    { required: true, min: 1 },
  ),
  description: text({ max: 2048 }),
  enabled: flag({ default: true }),
  eventBatchingConditions: list(
    object({
      batchSize: number({ required: true, min: 1, max: 100 }),
      batchWindow: number({ default: 900, min: 1, max: 900 }),
    }),
  ),
  predicate: object({
    logical: text({ default: "AND", values: ["AND", "ANY"] }),
    conditions: list(
      object({
        jobName: text(),
        state: text(),
        crawlerName: text(),
        crawlState: text(),
        logicalOperator: text({ default: "EQUALS", values: ["EQUALS"] }),
      }),
      { required: true, min: 1 },
    ),
  }),
  schedule: text(),
  startOnCreation: flag({ unread: true }),
  workflowName: text({ replace: true }),
  ...tagged,
  arn: output(text()),
  state: output(text(), { volatile: true }),
};

/** What waits for nothing but a call or events is enabled as it is made, and is never activated. */
const isPassive = (type: string | undefined): boolean => type === "ON_DEMAND" || type === "EVENT";

export const trigger = resource({
  type: "aws:glue/trigger:Trigger",
  properties,

  async create(inputs, context) {
    const [batching] = inputs.eventBatchingConditions ?? [];
    const Name = inputs.name as string;
    await context.client(GlueClient).send(
      new CreateTriggerCommand({
        Name,
        Type: inputs.type as TriggerType,
        Actions: actionsOf(inputs),
        Description: inputs.description,
        Predicate: predicateOf(inputs),
        Schedule: inputs.schedule,
        WorkflowName: inputs.workflowName,
        StartOnCreation: inputs.enabled && !isPassive(inputs.type) ? true : inputs.startOnCreation,
        EventBatchingCondition: batching && { BatchSize: batching.batchSize, BatchWindow: batching.batchWindow },
        Tags: inputs.tags,
      }),
    );
    return Name;
  },

  async read(id, context) {
    const { Trigger: found } = await context.client(GlueClient).send(new GetTriggerCommand({ Name: id }));
    if (!found) return undefined;
    const arn = await glueArn(context, `trigger/${id}`);
    const batching = found.EventBatchingCondition;
    const active = isPassive(found.Type) ? ["CREATING", "CREATED"] : ["ACTIVATING", "ACTIVATED"];
    return {
      name: found.Name,
      type: found.Type,
      actions: found.Actions?.map((action) => ({
        jobName: action.JobName,
        crawlerName: action.CrawlerName,
        arguments: orNothing(action.Arguments),
        timeout: action.Timeout,
        securityConfiguration: action.SecurityConfiguration,
        notificationProperty: action.NotificationProperty && {
          notifyDelayAfter: action.NotificationProperty.NotifyDelayAfter,
        },
      })),
      description: found.Description,
      enabled: active.includes(found.State ?? ""),
      eventBatchingConditions: batching && [
        { batchSize: batching.BatchSize ?? 1, batchWindow: batching.BatchWindow ?? 900 },
      ],
      predicate: found.Predicate && {
        logical: found.Predicate.Logical ?? "AND",
        conditions: (found.Predicate.Conditions ?? []).map((condition) => ({
          jobName: condition.JobName,
          state: condition.State,
          crawlerName: condition.CrawlerName,
          crawlState: condition.CrawlState,
          logicalOperator: condition.LogicalOperator ?? "EQUALS",
        })),
      },
      schedule: found.Schedule,
      workflowName: found.WorkflowName,
      ...(await readTags(arn, context)),
      arn,
      state: found.State,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const glue = context.client(GlueClient);
    if (changes("actions", "description", "predicate", "schedule", "eventBatchingConditions")) {
      const [batching] = inputs.eventBatchingConditions ?? [];
      const TriggerUpdate = {
        Actions: actionsOf(inputs),
        Description: inputs.description,
        Predicate: predicateOf(inputs),
        Schedule: inputs.schedule,
        EventBatchingCondition: batching && { BatchSize: batching.batchSize, BatchWindow: batching.batchWindow },
      };
      await glue.send(new UpdateTriggerCommand({ Name: id, TriggerUpdate }));
    }
    if (changes("enabled") && !isPassive(inputs.type))
      await glue.send(inputs.enabled ? new StartTriggerCommand({ Name: id }) : new StopTriggerCommand({ Name: id }));
    await updateTags(await glueArn(context, `trigger/${id}`), old.tags, inputs.tags, context);
  },

  async delete(id, _state, context) {
    await context.client(GlueClient).send(new DeleteTriggerCommand({ Name: id }));
  },
});

function actionsOf({ actions }: Inputs<typeof properties>): TriggerAction[] {
  return actions.map((action) => ({
    JobName: action.jobName,
    CrawlerName: action.crawlerName,
    Arguments: action.arguments,
    Timeout: action.timeout,
    SecurityConfiguration: action.securityConfiguration,
    NotificationProperty: action.notificationProperty && {
      NotifyDelayAfter: action.notificationProperty.notifyDelayAfter,
    },
  }));
}

function predicateOf({ predicate }: Inputs<typeof properties>): Predicate | undefined {
  if (!predicate) return undefined;
  return {
    Logical: predicate.logical as "AND",
    Conditions: predicate.conditions.map((condition) => ({
      JobName: condition.jobName,
      State: condition.state as "SUCCEEDED" | undefined,
      CrawlerName: condition.crawlerName,
      CrawlState: condition.crawlState as "SUCCEEDED" | undefined,
      LogicalOperator: condition.logicalOperator as "EQUALS",
    })),
  };
}
