// Runs of workflows: begun by their first trigger, ended when nothing of them is under way.
import { randomBytes } from "node:crypto";
import type { ComputeContext } from "../../service.js";
import type { CrawlerEngine } from "../crawlers/engine.js";
import { concurrentRuns, GlueError, invalidInput, notFound } from "../errors.js";
import type { Crawl, Run, StoredTrigger, StoredWorkflow, StoredWorkflowRun } from "../model.js";
import type { RunEngine } from "../runs/engine.js";
import { hasEnded } from "../runs/engine.js";
import { type GlueRegion, listOf } from "../store.js";
import type { Ended } from "../triggers/conditions.js";
import type { TriggerEngine } from "../triggers/engine.js";

export interface WorkflowWorld {
  readonly context: Pick<ComputeContext, "now" | "log">;
  readonly runs: RunEngine;
  readonly crawlers: CrawlerEngine;
  readonly triggers: () => TriggerEngine;
}

/** What a run of a workflow has started. */
export interface Started {
  runs: Run[];
  crawls: { name: string; crawl: Crawl }[];
}

export function startedBy(region: GlueRegion, { WorkflowRunId }: StoredWorkflowRun): Started {
  return {
    runs: [...region.runs.values()].flat().filter((run) => run.workflowRunId === WorkflowRunId),
    crawls: [...region.crawls].flatMap(([name, crawls]) =>
      crawls.filter((crawl) => crawl.workflowRunId === WorkflowRunId).map((crawl) => ({ name, crawl })),
    ),
  };
}

export class WorkflowEngine {
  /** What could not be started, by run. */
  readonly #refused = new Map<string, number>();

  constructor(private readonly world: WorkflowWorld) {
    world.runs.onEnded((region, run) => {
      // What was started by hand fires nothing.
      if (run.TriggerName) this.#ended(region, { jobName: run.JobName, state: run.JobRunState }, run.workflowRunId);
    });
    world.crawlers.onEnded((region, name, crawl) => {
      const state = crawl.State === "COMPLETED" ? "SUCCEEDED" : crawl.State === "STOPPED" ? "CANCELLED" : "FAILED";
      if (crawl.triggerName) this.#ended(region, { crawlerName: name, state }, crawl.workflowRunId);
    });
  }

  /**
   * Begins a run of a workflow with its first trigger.
   *
   * @param trigger the first trigger, when it is known already
   * @throws ConcurrentRunsExceededException, InvalidInputException when there is no trigger to begin with
   */
  start(
    region: GlueRegion,
    workflow: StoredWorkflow,
    properties: Record<string, string> = {},
    trigger: StoredTrigger | undefined = firstTrigger(region, workflow.Name),
  ): StoredWorkflowRun {
    if (!trigger) throw invalidInput(`Workflow ${workflow.Name} has no starting trigger.`);
    const runs = listOf(region.workflowRuns, workflow.Name);
    const underWay = runs.filter(({ Status }) => Status === "RUNNING" || Status === "STOPPING").length;
    if (workflow.MaxConcurrentRuns && underWay >= workflow.MaxConcurrentRuns)
      throw concurrentRuns(
        `Workflow ${workflow.Name} has reached its maximum of ${workflow.MaxConcurrentRuns} concurrent runs.`,
      );
    const run: StoredWorkflowRun = {
      Name: workflow.Name,
      WorkflowRunId: `wr_${randomBytes(32).toString("hex")}`,
      PreviousRunId: runs.at(-1)?.WorkflowRunId,
      WorkflowRunProperties: { ...workflow.DefaultRunProperties, ...properties },
      StartedOn: this.world.context.now(),
      Status: "RUNNING",
      fired: new Set(),
    };
    runs.push(run);
    this.world.triggers().fire(region, trigger, run, () => this.#countRefused(run));
    this.#settle(region, run);
    return run;
  }

  /** Ends a run and what it has under way. @throws IllegalWorkflowStateException when it has ended */
  stop(region: GlueRegion, run: StoredWorkflowRun): void {
    if (run.Status !== "RUNNING")
      throw new GlueError(
        "IllegalWorkflowStateException",
        `Workflow run ${run.WorkflowRunId} is in state ${run.Status}.`,
      );
    run.Status = "STOPPING";
    const { runs, crawls } = startedBy(region, run);
    for (const each of runs) if (!hasEnded(each)) this.world.runs.stop(region, each.JobName, each.Id);
    for (const { name, crawl } of crawls) if (crawl.State === "RUNNING") this.world.crawlers.stop(region, name);
    this.#settle(region, run);
  }

  /** How many actions of a run could not be started. */
  refused(run: StoredWorkflowRun): number {
    return this.#refused.get(run.WorkflowRunId) ?? 0;
  }

  #countRefused(run: StoredWorkflowRun): void {
    this.#refused.set(run.WorkflowRunId, this.refused(run) + 1);
  }

  #ended(region: GlueRegion, ended: Ended, workflowRunId: string | undefined): void {
    const run = [...region.workflowRuns.values()].flat().find(({ WorkflowRunId }) => WorkflowRunId === workflowRunId);
    if (run?.Status !== "STOPPING")
      this.world.triggers().ended(region, ended, run, run && (() => this.#countRefused(run)));
    if (run) this.#settle(region, run);
  }

  #settle(region: GlueRegion, run: StoredWorkflowRun): void {
    const { runs, crawls } = startedBy(region, run);
    if (runs.some((each) => !hasEnded(each)) || crawls.some(({ crawl }) => crawl.State === "RUNNING")) return;
    const nothingStarted = runs.length + crawls.length === 0;
    run.Status =
      run.Status === "STOPPING" ? "STOPPED" : nothingStarted && this.refused(run) > 0 ? "ERROR" : "COMPLETED";
    if (run.Status === "ERROR") run.ErrorMessage = "No action of the workflow could be started.";
    run.CompletedOn = this.world.context.now();
  }
}

/** The trigger that begins runs of a workflow. */
export const firstTrigger = (region: GlueRegion, workflowName: string): StoredTrigger | undefined =>
  [...region.triggers.values()].find(
    ({ Type, WorkflowName }) => WorkflowName === workflowName && Type !== "CONDITIONAL",
  );

/** The run of an id. @throws EntityNotFoundException */
export function workflowRunOf(region: GlueRegion, name: string, runId: string): StoredWorkflowRun {
  const run = region.workflowRuns.get(name)?.find(({ WorkflowRunId }) => WorkflowRunId === runId);
  if (!run) throw notFound(`Entity not found: Workflow run ${runId} of ${name}`);
  return run;
}
