// Triggers at work: on demand, by schedule, when something has ended, at events.
import type { AccountClocks } from "../../accountClocks.js";
import type { Clock } from "../../clock.js";
import type { CrawlerEngine } from "../crawlers/engine.js";
import { invalidInput, notFound } from "../errors.js";
import type { StoredTrigger, StoredWorkflowRun } from "../model.js";
import type { RunEngine } from "../runs/engine.js";
import type { GlueRegion } from "../store.js";
import { type Ended, observe } from "./conditions.js";
import { Timetable } from "./timetable.js";

export interface TriggerWorld {
  readonly runs: RunEngine;
  readonly crawlers: CrawlerEngine;
  readonly clock: Clock;
  /** What schedules go by. */
  readonly clocks: AccountClocks;
  log(line: string): void;
  /** Begins a run of the workflow that a trigger starts. */
  startWorkflow(region: GlueRegion, trigger: StoredTrigger, properties?: Record<string, string>): void;
}

interface Batch {
  events: string[];
  cancel(): void;
}

/** Why something was not started, as a workflow's run counts it. */
export type NotStarted = (what: string, error: Error) => void;

export class TriggerEngine {
  readonly #timetable: Timetable;
  /** Conditions met, by trigger and run of its workflow. */
  readonly #met = new Map<string, Set<number>>();
  readonly #batches = new Map<string, Batch>();

  constructor(private readonly world: TriggerWorld) {
    this.#timetable = new Timetable(world.clocks);
  }

  /** Puts a scheduled trigger on the timetable, or takes it off, as its state says. */
  settle(region: GlueRegion, trigger: StoredTrigger): void {
    const key = keyOf(region, trigger.Name);
    if (trigger.Type === "SCHEDULED" && trigger.State === "ACTIVATED")
      this.#timetable.set(region.account, key, trigger.Schedule ?? "", () => this.start(region, trigger));
    else this.#timetable.clear(key);
  }

  forget(region: GlueRegion, name: string): void {
    const key = keyOf(region, name);
    this.#timetable.clear(key);
    this.#batches.get(key)?.cancel();
    this.#batches.delete(key);
    for (const each of [...this.#met.keys()]) if (each === key || each.startsWith(`${key}/`)) this.#met.delete(each);
  }

  /** Fires a trigger; the first of a workflow begins a run of it. */
  start(region: GlueRegion, trigger: StoredTrigger, properties?: Record<string, string>): void {
    if (trigger.WorkflowName) this.world.startWorkflow(region, trigger, properties);
    else this.fire(region, trigger);
  }

  /**
   * Does what a trigger is for.
   *
   * @param run the run of its workflow
   * @param refused told about what could not be started; without it, the cloud's log is
   */
  fire(region: GlueRegion, trigger: StoredTrigger, run?: StoredWorkflowRun, refused?: NotStarted): void {
    run?.fired.add(trigger.Name);
    const workflow = run && { name: run.Name, runId: run.WorkflowRunId };
    for (const action of trigger.Actions) {
      const what = action.JobName ?? action.CrawlerName ?? "";
      try {
        if (action.CrawlerName)
          this.world.crawlers.start(region, action.CrawlerName, { triggerName: trigger.Name, workflow });
        else {
          const job = region.jobs.get(what);
          if (!job) throw notFound(`Entity not found: Job ${what}`);
          const { Arguments, Timeout, NotificationProperty, SecurityConfiguration } = action;
          const request = { Arguments, Timeout, NotificationProperty, SecurityConfiguration };
          this.world.runs.start(region, job, request, { triggerName: trigger.Name, workflow });
        }
      } catch (error) {
        this.world.log(`glue: trigger ${trigger.Name} did not start ${what}: ${(error as Error).message}`);
        refused?.(what, error as Error);
      }
    }
  }

  /** Fires the conditional triggers that waited for this; those of a workflow see what belongs to the same run only. */
  ended(region: GlueRegion, ended: Ended, run: StoredWorkflowRun | undefined, refused?: NotStarted): void {
    for (const trigger of region.triggers.values()) {
      if (trigger.Type !== "CONDITIONAL" || trigger.State !== "ACTIVATED") continue;
      if ((trigger.WorkflowName ?? undefined) !== run?.Name) continue;
      const key = run ? `${keyOf(region, trigger.Name)}/${run.WorkflowRunId}` : keyOf(region, trigger.Name);
      const { met, fires } = observe(trigger.Predicate, this.#met.get(key) ?? new Set(), ended);
      this.#met.set(key, met);
      if (fires) this.fire(region, trigger, run, refused);
    }
  }

  /**
   * An event for a workflow: its first trigger fires when enough have come, or when the first has waited long enough.
   *
   * @throws EntityNotFoundException, InvalidInputException when nothing of the workflow waits for events
   */
  notify(region: GlueRegion, workflowName: string, event: string): void {
    if (!region.workflows.has(workflowName)) throw notFound(`Entity not found: Workflow ${workflowName}`);
    const trigger = [...region.triggers.values()].find(
      ({ Type, WorkflowName }) => Type === "EVENT" && WorkflowName === workflowName,
    );
    if (!trigger) throw invalidInput(`Workflow ${workflowName} does not start with a trigger of type EVENT.`);
    const key = keyOf(region, trigger.Name);
    const { BatchSize = 1, BatchWindow = 900 } = trigger.EventBatchingCondition ?? {};
    const flush = () => {
      const batch = this.#batches.get(key);
      if (!batch) return;
      batch.cancel();
      this.#batches.delete(key);
      this.start(region, trigger, { "aws:eventIds": JSON.stringify(batch.events) });
    };
    const batch = this.#batches.get(key) ?? { events: [], cancel: this.world.clock.after(BatchWindow * 1000, flush) };
    this.#batches.set(key, batch);
    batch.events.push(event);
    if (batch.events.length >= BatchSize) flush();
  }

  close(): void {
    this.#timetable.close();
    for (const { cancel } of this.#batches.values()) cancel();
  }
}

const keyOf = ({ account, region }: GlueRegion, name: string): string => `${account}/${region}/${name}`;
