// Workflows: CreateWorkflow, UpdateWorkflow, DeleteWorkflow, GetWorkflow, BatchGetWorkflows, ListWorkflows.
import { alreadyExists, notFound } from "../errors.js";
import type { StoredWorkflow } from "../model.js";
import { page } from "../paging.js";
import { Listing, WorkflowDefinition, WorkflowNamed, WorkflowNames } from "../requests.js";
import type { GlueRegion } from "../store.js";
import { graphOf, shownWorkflowRun } from "../workflows/show.js";
import type { Operation, OperationWorld } from "./operation.js";

/** The workflow of a name. @throws EntityNotFoundException */
export function workflowOf(region: GlueRegion, name: string): StoredWorkflow {
  const workflow = region.workflows.get(name);
  if (!workflow) throw notFound(`Entity not found: Workflow ${name}`);
  return workflow;
}

function shown(region: GlueRegion, workflow: StoredWorkflow, world: OperationWorld, includeGraph = false) {
  const last = region.workflowRuns.get(workflow.Name)?.at(-1);
  return {
    ...workflow,
    LastRun: last && shownWorkflowRun(region, last, world.workflows.refused(last), includeGraph),
    ...(includeGraph && { Graph: graphOf(region, workflow.Name) }),
  };
}

const create: Operation = async ({ region, body, world }) => {
  const { Tags, ...definition } = WorkflowDefinition.parse(body);
  if (region.workflows.has(definition.Name)) throw alreadyExists(`Workflow already exists: ${definition.Name}`);
  const now = world.context.now();
  region.workflows.set(definition.Name, {
    ...definition,
    DefaultRunProperties: definition.DefaultRunProperties ?? {},
    CreatedOn: now,
    LastModifiedOn: now,
  });
  await world.tags.put(region, "workflow", definition.Name, Tags);
  return { Name: definition.Name };
};

const update: Operation = ({ region, body, world }) => {
  const { Name, Tags: _, ...given } = WorkflowDefinition.parse(body);
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  region.workflows.set(Name, { ...workflowOf(region, Name), ...changes, LastModifiedOn: world.context.now() });
  return { Name };
};

const remove: Operation = async ({ region, body, world }) => {
  const { Name } = WorkflowNamed.parse(body);
  if (region.workflows.delete(Name)) {
    region.workflowRuns.delete(Name);
    // Its triggers go with it; its jobs and crawlers stay.
    for (const trigger of [...region.triggers.values()].filter(({ WorkflowName }) => WorkflowName === Name)) {
      region.triggers.delete(trigger.Name);
      world.triggers.forget(region, trigger.Name);
      await world.tags.remove(region, "trigger", trigger.Name);
    }
    await world.tags.remove(region, "workflow", Name);
  }
  return { Name };
};

export const operations: Readonly<Record<string, Operation>> = {
  CreateWorkflow: create,
  UpdateWorkflow: update,
  DeleteWorkflow: remove,
  GetWorkflow: ({ region, body, world }) => {
    const { Name, IncludeGraph } = WorkflowNamed.parse(body);
    return { Workflow: shown(region, workflowOf(region, Name), world, IncludeGraph) };
  },
  BatchGetWorkflows: ({ region, body, world }) => {
    const { Names, IncludeGraph } = WorkflowNames.parse(body);
    return {
      Workflows: Names.flatMap((name) => region.workflows.get(name) ?? []).map((each) =>
        shown(region, each, world, IncludeGraph),
      ),
      MissingWorkflows: Names.filter((name) => !region.workflows.has(name)),
    };
  },
  ListWorkflows: ({ region, body }) => {
    const { NextToken, MaxResults } = Listing.parse(body);
    const { items, next } = page([...region.workflows.keys()], NextToken, MaxResults ?? 25);
    return { Workflows: items, NextToken: next };
  },
};
