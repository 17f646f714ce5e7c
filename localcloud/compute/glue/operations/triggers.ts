// Triggers: CreateTrigger, UpdateTrigger, DeleteTrigger, GetTrigger(s), ListTriggers, BatchGetTriggers, StartTrigger, StopTrigger.
import { alreadyExists, GlueError, invalidInput, notFound } from "../errors.js";
import type { StoredTrigger } from "../model.js";
import { page } from "../paging.js";
import { CreateTrigger, Named, TriggerListing, TriggerNames, UpdateTrigger } from "../requests.js";
import type { GlueRegion } from "../store.js";
import { parseSchedule } from "../triggers/cron.js";
import type { Operation } from "./operation.js";

function triggerOf(region: GlueRegion, name: string): StoredTrigger {
  const trigger = region.triggers.get(name);
  if (!trigger) throw notFound(`Entity not found: Trigger ${name}`);
  return trigger;
}

/** @throws InvalidInputException for a definition that cannot work */
function check(region: GlueRegion, trigger: Omit<StoredTrigger, "State">): void {
  if (trigger.Type === "SCHEDULED") parseSchedule(trigger.Schedule ?? "");
  else if (trigger.Schedule) throw invalidInput(`A trigger of type ${trigger.Type} has no schedule.`);
  if (trigger.Type === "CONDITIONAL" && !trigger.Predicate?.Conditions?.length)
    throw invalidInput("A conditional trigger needs a predicate with conditions.");
  if (trigger.Type === "EVENT" && !trigger.WorkflowName)
    throw invalidInput("A trigger of type EVENT belongs to a workflow.");
  if (trigger.WorkflowName) {
    if (!region.workflows.has(trigger.WorkflowName))
      throw notFound(`Entity not found: Workflow ${trigger.WorkflowName}`);
    const others = [...region.triggers.values()].filter(
      ({ Name, WorkflowName, Type }) =>
        Name !== trigger.Name && WorkflowName === trigger.WorkflowName && Type !== "CONDITIONAL",
    );
    if (trigger.Type !== "CONDITIONAL" && others.length > 0)
      throw invalidInput(`Workflow ${trigger.WorkflowName} has a starting trigger already: ${others[0]?.Name}`);
  }
  for (const { JobName, CrawlerName } of trigger.Actions) {
    if ((JobName === undefined) === (CrawlerName === undefined))
      throw invalidInput("An action of a trigger names either a job or a crawler.");
    if (JobName !== undefined && !region.jobs.has(JobName)) throw notFound(`Entity not found: Job ${JobName}`);
    if (CrawlerName !== undefined && !region.crawlers.has(CrawlerName))
      throw notFound(`Entity not found: Crawler ${CrawlerName}`);
  }
}

const create: Operation = async ({ region, body, world }) => {
  const { StartOnCreation, Tags, ...definition } = CreateTrigger.parse(body);
  if (region.triggers.has(definition.Name)) throw alreadyExists(`Trigger already exists: ${definition.Name}`);
  check(region, definition);
  if (StartOnCreation && definition.Type === "ON_DEMAND")
    throw invalidInput("Trigger type ON_DEMAND does not support StartOnCreation.");
  // What waits for nothing but being started, or for events, is ready as it is made.
  const isReady = definition.Type === "ON_DEMAND" || definition.Type === "EVENT";
  const trigger: StoredTrigger = { ...definition, State: StartOnCreation && !isReady ? "ACTIVATED" : "CREATED" };
  region.triggers.set(trigger.Name, trigger);
  world.triggers.settle(region, trigger);
  await world.tags.put(region, "trigger", trigger.Name, Tags);
  return { Name: trigger.Name };
};

const update: Operation = ({ region, body, world }) => {
  const { Name, TriggerUpdate } = UpdateTrigger.parse(body);
  const before = triggerOf(region, Name);
  const given = Object.fromEntries(Object.entries(TriggerUpdate).filter(([, value]) => value !== undefined));
  const trigger: StoredTrigger = { ...before, ...given };
  check(region, trigger);
  region.triggers.set(Name, trigger);
  world.triggers.settle(region, trigger);
  return { Trigger: trigger };
};

const remove: Operation = async ({ region, body, world }) => {
  const { Name } = Named.parse(body);
  if (region.triggers.delete(Name)) {
    world.triggers.forget(region, Name);
    await world.tags.remove(region, "trigger", Name);
  }
  return { Name };
};

const start: Operation = ({ region, body, world }) => {
  const trigger = triggerOf(region, Named.parse(body).Name);
  if (trigger.Type === "ON_DEMAND") world.triggers.start(region, trigger);
  else if (trigger.Type === "EVENT") throw invalidInput("A trigger of type EVENT is started by events.");
  else {
    if (trigger.State === "ACTIVATED")
      throw new GlueError("InvalidInputException", `Trigger ${trigger.Name} is activated already.`);
    trigger.State = "ACTIVATED";
    world.triggers.settle(region, trigger);
  }
  return { Name: trigger.Name };
};

const stop: Operation = ({ region, body, world }) => {
  const trigger = triggerOf(region, Named.parse(body).Name);
  if (trigger.Type !== "ON_DEMAND") trigger.State = "DEACTIVATED";
  world.triggers.settle(region, trigger);
  return { Name: trigger.Name };
};

/** Triggers whose actions start a job, where the request names one. */
function listed(region: GlueRegion, body: unknown, size: number) {
  const { NextToken, MaxResults, DependentJobName } = TriggerListing.parse(body);
  const all = [...region.triggers.values()].filter(
    ({ Actions }) => !DependentJobName || Actions.some(({ JobName }) => JobName === DependentJobName),
  );
  return page(all, NextToken, MaxResults ?? size);
}

export const operations: Readonly<Record<string, Operation>> = {
  CreateTrigger: create,
  UpdateTrigger: update,
  DeleteTrigger: remove,
  GetTrigger: ({ region, body }) => ({ Trigger: triggerOf(region, Named.parse(body).Name) }),
  GetTriggers: ({ region, body }) => {
    const { items, next } = listed(region, body, 200);
    return { Triggers: items, NextToken: next };
  },
  ListTriggers: ({ region, body }) => {
    const { items, next } = listed(region, body, 1000);
    return { TriggerNames: items.map(({ Name }) => Name), NextToken: next };
  },
  BatchGetTriggers: ({ region, body }) => {
    const wanted = TriggerNames.parse(body).TriggerNames;
    return {
      Triggers: wanted.flatMap((name) => region.triggers.get(name) ?? []),
      TriggersNotFound: wanted.filter((name) => !region.triggers.has(name)),
    };
  },
  StartTrigger: start,
  StopTrigger: stop,
};
