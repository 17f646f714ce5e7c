// Runs of workflows: StartWorkflowRun, StopWorkflowRun, GetWorkflowRun(s), their properties, and events that start them.
import { GlueError } from "../errors.js";
import { page } from "../paging.js";
import { NotifyEvent, PutRunProperties, StartWorkflowRun, WorkflowRunListing, WorkflowRunNamed } from "../requests.js";
import { workflowRunOf } from "../workflows/engine.js";
import { shownWorkflowRun } from "../workflows/show.js";
import type { Operation } from "./operation.js";
import { workflowOf } from "./workflows.js";

export const operations: Readonly<Record<string, Operation>> = {
  StartWorkflowRun: ({ region, body, world }) => {
    const { Name, RunProperties } = StartWorkflowRun.parse(body);
    return { RunId: world.workflows.start(region, workflowOf(region, Name), RunProperties).WorkflowRunId };
  },
  StopWorkflowRun: ({ region, body, world }) => {
    const { Name, RunId } = WorkflowRunNamed.parse(body);
    world.workflows.stop(region, workflowRunOf(region, Name, RunId));
    return {};
  },
  GetWorkflowRun: ({ region, body, world }) => {
    const { Name, RunId, IncludeGraph } = WorkflowRunNamed.parse(body);
    const run = workflowRunOf(region, Name, RunId);
    return { Run: shownWorkflowRun(region, run, world.workflows.refused(run), IncludeGraph) };
  },
  GetWorkflowRuns: ({ region, body, world }) => {
    const { Name, NextToken, MaxResults, IncludeGraph } = WorkflowRunListing.parse(body);
    const runs = [...(region.workflowRuns.get(workflowOf(region, Name).Name) ?? [])].reverse();
    const { items, next } = page(runs, NextToken, MaxResults ?? 100);
    const shown = items.map((run) => shownWorkflowRun(region, run, world.workflows.refused(run), IncludeGraph));
    return { Runs: shown, NextToken: next };
  },
  GetWorkflowRunProperties: ({ region, body }) => {
    const { Name, RunId } = WorkflowRunNamed.parse(body);
    return { RunProperties: workflowRunOf(region, Name, RunId).WorkflowRunProperties };
  },
  PutWorkflowRunProperties: ({ region, body }) => {
    const { Name, RunId, RunProperties } = PutRunProperties.parse(body);
    const run = workflowRunOf(region, Name, RunId);
    if (run.Status !== "RUNNING")
      throw new GlueError("InvalidInputException", `Workflow run ${RunId} is in state ${run.Status}.`);
    Object.assign(run.WorkflowRunProperties, RunProperties);
    return {};
  },
  // Not of the public API: how an event of EventBridge arrives here, under the permission glue:notifyEvent.
  NotifyEvent: ({ region, body, world }) => {
    const { Name, Event } = NotifyEvent.parse(body);
    world.triggers.notify(region, Name, Event);
    return {};
  },
};
