// Workflows and their runs as the API shows them: with statistics, and as a graph of triggers, jobs and crawlers.
import type { Edge, Node, WorkflowGraph, WorkflowRun, WorkflowRunStatistics } from "@aws-sdk/client-glue";
import type { StoredWorkflowRun } from "../model.js";
import { hasEnded } from "../runs/engine.js";
import type { GlueRegion } from "../store.js";
import { type Started, startedBy } from "./engine.js";

const NOTHING: Started = { runs: [], crawls: [] };

/** Numbers of a run's actions by state. */
export function statisticsOf({ runs, crawls }: Started, refused: number): WorkflowRunStatistics {
  const jobs = (...states: string[]) => runs.filter(({ JobRunState }) => states.includes(JobRunState)).length;
  const crawled = (state: string) => crawls.filter(({ crawl }) => crawl.State === state).length;
  return {
    TotalActions: runs.length + crawls.length + refused,
    TimeoutActions: jobs("TIMEOUT"),
    FailedActions: jobs("FAILED") + crawled("FAILED"),
    StoppedActions: jobs("STOPPED") + crawled("STOPPED"),
    SucceededActions: jobs("SUCCEEDED") + crawled("COMPLETED"),
    RunningActions: runs.filter((run) => !hasEnded(run)).length + crawled("RUNNING"),
    ErroredActions: refused,
    WaitingActions: 0,
  };
}

/** A workflow's graph; with a run, what it has started in the nodes. */
export function graphOf(region: GlueRegion, workflowName: string, run?: StoredWorkflowRun): WorkflowGraph {
  const started = run ? startedBy(region, run) : NOTHING;
  const triggers = [...region.triggers.values()].filter(({ WorkflowName }) => WorkflowName === workflowName);
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  const nodeOf = (kind: "JOB" | "CRAWLER", name: string): string => {
    const UniqueId = `${kind}/${name}`;
    const details: Node =
      kind === "JOB"
        ? {
            JobDetails: {
              JobRuns: started.runs
                .filter(({ JobName }) => JobName === name)
                .map(({ workflowRunId: _, ...each }) => each),
            },
          }
        : {
            CrawlerDetails: {
              Crawls: started.crawls.filter((each) => each.name === name).map(({ crawl }) => shownCrawl(crawl)),
            },
          };
    nodes.set(UniqueId, { Type: kind, Name: name, UniqueId, ...details });
    return UniqueId;
  };
  for (const trigger of triggers) {
    const id = `TRIGGER/${trigger.Name}`;
    nodes.set(id, { Type: "TRIGGER", Name: trigger.Name, UniqueId: id, TriggerDetails: { Trigger: trigger } });
    for (const { JobName, CrawlerName } of trigger.Predicate?.Conditions ?? [])
      edges.push({
        SourceId: nodeOf(CrawlerName ? "CRAWLER" : "JOB", CrawlerName ?? JobName ?? ""),
        DestinationId: id,
      });
    for (const { JobName, CrawlerName } of trigger.Actions)
      edges.push({
        SourceId: id,
        DestinationId: nodeOf(CrawlerName ? "CRAWLER" : "JOB", CrawlerName ?? JobName ?? ""),
      });
  }
  return { Nodes: [...nodes.values()], Edges: edges };
}

const shownCrawl = ({
  State,
  StartTime,
  EndTime,
  ErrorMessage,
  LogGroup,
  LogStream,
}: Started["crawls"][number]["crawl"]) => ({
  State: State === "COMPLETED" ? ("SUCCEEDED" as const) : State === "STOPPED" ? ("CANCELLED" as const) : State,
  StartedOn: StartTime,
  CompletedOn: EndTime,
  ErrorMessage,
  LogGroup,
  LogStream,
});

/** A run as the API shows it. */
export function shownWorkflowRun(
  region: GlueRegion,
  { fired: _, ...run }: StoredWorkflowRun,
  refused: number,
  includeGraph = false,
): WorkflowRun {
  const stored = { ...run, fired: new Set<string>() };
  return {
    ...run,
    Statistics: statisticsOf(startedBy(region, stored), refused),
    ...(includeGraph && { Graph: graphOf(region, run.Name, stored) }),
  };
}
