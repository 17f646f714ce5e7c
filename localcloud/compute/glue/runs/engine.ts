// Runs of jobs from start to end: their states, time limits, retries, and who is told.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.js";
import { concurrentRuns, invalidInput, notFound } from "../errors.js";
import type { Run, StoredJob } from "../model.js";
import { type GlueRegion, listOf } from "../store.js";
import { checkParameters, mergedArguments, type RunIdentity } from "./arguments.js";
import { Attempt, type AttemptEnd, type AttemptWorld, isSparkJob } from "./attempt.js";
import { capacityOf } from "./capacity.js";
import { publish, runStatus, stateChange } from "./events.js";
import { checkLimits } from "./limits.js";

/** States in which a run stays. */
const ENDED: readonly string[] = ["STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"];
export const hasEnded = (run: Pick<Run, "JobRunState">): boolean => ENDED.includes(run.JobRunState);

/** What a run may have of its own instead of the job's. */
export interface RunRequest {
  Arguments?: Record<string, string>;
  Timeout?: number;
  AllocatedCapacity?: number;
  MaxCapacity?: number;
  WorkerType?: string;
  NumberOfWorkers?: number;
  NotificationProperty?: { NotifyDelayAfter?: number };
  SecurityConfiguration?: string;
  ExecutionClass?: Run["ExecutionClass"];
  /** The run that failed and is run again. */
  JobRunId?: string;
}

/** What started a run, where nobody did by hand. */
export interface RunCause {
  triggerName?: string;
  workflow?: RunIdentity["workflow"];
}

interface LiveRun {
  attempt: Attempt;
  /** Why it is being ended, if it is. */
  verdict?: "STOPPED" | "TIMEOUT";
  ended: Promise<void>;
}

export class RunEngine {
  readonly #live = new Map<string, LiveRun>();
  readonly #listeners: ((region: GlueRegion, run: Run) => void)[] = [];
  #closing = false;

  constructor(
    private readonly world: AttemptWorld,
    private readonly clock: Clock,
  ) {}

  /** Tells of every run that has ended and is not run again. */
  onEnded(listener: (region: GlueRegion, run: Run) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Starts a run of a job.
   *
   * @throws ConcurrentRunsExceededException, InvalidInputException, EntityNotFoundException
   */
  start(region: GlueRegion, job: StoredJob, request: RunRequest, cause: RunCause = {}): Run {
    const runs = listOf(region.runs, job.Name);
    const most = job.ExecutionProperty?.MaxConcurrentRuns ?? 1;
    if (runs.filter((run) => !hasEnded(run)).length >= most)
      throw concurrentRuns(`Concurrent runs exceeded for ${job.Name}`);
    const previous = request.JobRunId === undefined ? undefined : runs.find((run) => run.Id === request.JobRunId);
    if (request.JobRunId !== undefined && !previous) throw notFound(`JobRun ${request.JobRunId} was not found.`);
    const args = request.Arguments ?? previous?.Arguments;
    checkParameters(mergedArguments(job, args));
    const id = `jr_${randomBytes(32).toString("hex")}`;
    return this.#begin(region, job, { ...request, Arguments: args }, cause, { id, attempt: 0, previous: previous?.Id });
  }

  /** Ends a run. @throws EntityNotFoundException, InvalidInputException when it has ended */
  stop(region: GlueRegion, jobName: string, runId: string): void {
    const run = region.runs.get(jobName)?.find(({ Id }) => Id === runId);
    if (!run) throw notFound(`JobRun ${runId} was not found for job ${jobName}.`);
    const live = this.#live.get(runId);
    if (!live || hasEnded(run))
      throw invalidInput(`JobRun ${runId} is in state ${run.JobRunState} and cannot be stopped.`);
    this.#finish(run, live, "STOPPED");
  }

  async close(): Promise<void> {
    this.#closing = true;
    const live = [...this.#live.values()];
    for (const { attempt } of live) attempt.stop();
    await Promise.all(live.map(({ ended }) => ended));
  }

  #begin(
    region: GlueRegion,
    job: StoredJob,
    request: RunRequest,
    cause: RunCause,
    { id, attempt, previous }: { id: string; attempt: number; previous?: string },
  ): Run {
    const now = new Date(this.clock.now());
    const isSpark = isSparkJob(job);
    const runs = listOf(region.runs, job.Name);
    const own = request.WorkerType ?? request.NumberOfWorkers ?? request.MaxCapacity ?? request.AllocatedCapacity;
    const { GlueVersion = "0.9", WorkerType, NumberOfWorkers, ExecutionClass } = job;
    const asked = {
      WorkerType: request.WorkerType ?? WorkerType,
      NumberOfWorkers: request.NumberOfWorkers ?? NumberOfWorkers,
      ExecutionClass: request.ExecutionClass ?? ExecutionClass,
    };
    checkLimits({ GlueVersion, ...asked }, isSpark);
    const capacity = capacityOf(
      own === undefined
        ? this.#capacityOfJob(job)
        : { ...(request.MaxCapacity ? {} : this.#capacityOfJob(job)), ...request },
      isSpark,
    );
    const run: Run = {
      Id: id,
      Attempt: attempt,
      PreviousRunId: previous,
      TriggerName: cause.triggerName,
      JobName: job.Name,
      JobMode: job.JobMode ?? "SCRIPT",
      JobRunQueuingEnabled: false,
      StartedOn: now,
      LastModifiedOn: now,
      JobRunState: "STARTING",
      Arguments: request.Arguments,
      PredecessorRuns: [],
      ...capacity,
      ExecutionTime: 0,
      Timeout: request.Timeout ?? job.Timeout ?? 2880,
      NotificationProperty: request.NotificationProperty ?? job.NotificationProperty,
      SecurityConfiguration: request.SecurityConfiguration ?? job.SecurityConfiguration,
      LogGroupName: isSpark ? "/aws-glue/jobs" : "/aws-glue/python-jobs",
      GlueVersion: job.GlueVersion,
      ExecutionClass: request.ExecutionClass ?? job.ExecutionClass,
      workflowRunId: cause.workflow?.runId,
    };
    runs.push(run);
    const bookmark = region.bookmarks.get(job.Name);
    const timers: (() => void)[] = [];
    const process = new Attempt(
      {
        scope: region,
        job,
        run,
        identity: { jobName: job.Name, runId: id, workflow: cause.workflow },
        merged: mergedArguments(job, request.Arguments),
        bookmark: bookmark?.state,
        started: () => {
          this.#set(run, "RUNNING");
          timers.push(this.clock.after((run.Timeout ?? 0) * 60_000, () => this.#finish(run, live, "TIMEOUT")));
        },
      },
      this.world,
    );
    const delay = run.NotificationProperty?.NotifyDelayAfter;
    if (delay)
      timers.push(this.clock.after(delay * 60_000, () => publish(this.world.context, region, runStatus(run, delay))));
    const live: LiveRun = {
      attempt: process,
      ended: process.ended.then((end) => {
        for (const cancel of timers) cancel();
        this.#live.delete(id);
        if (!this.#closing) this.#conclude(region, job, run, request, cause, { end, verdict: live.verdict });
      }),
    };
    this.#live.set(id, live);
    return run;
  }

  #capacityOfJob({ WorkerType, NumberOfWorkers, MaxCapacity, AllocatedCapacity }: StoredJob) {
    return WorkerType ? { WorkerType, NumberOfWorkers } : { MaxCapacity: MaxCapacity ?? AllocatedCapacity };
  }

  #set(run: Run, state: Run["JobRunState"]): void {
    run.JobRunState = state;
    run.LastModifiedOn = new Date(this.clock.now());
  }

  #finish(run: Run, live: LiveRun, verdict: "STOPPED" | "TIMEOUT"): void {
    if (live.verdict) return;
    live.verdict = verdict;
    if (verdict === "STOPPED") this.#set(run, "STOPPING");
    live.attempt.stop();
  }

  #conclude(
    region: GlueRegion,
    job: StoredJob,
    run: Run,
    request: RunRequest,
    cause: RunCause,
    { end, verdict }: { end: AttemptEnd; verdict?: "STOPPED" | "TIMEOUT" },
  ): void {
    this.#keepBookmark(region, run, end);
    this.#set(run, verdict ?? (end.succeeded ? "SUCCEEDED" : "FAILED"));
    run.CompletedOn = run.LastModifiedOn;
    run.ExecutionTime = Math.round(((run.CompletedOn as Date).getTime() - run.StartedOn.getTime()) / 1000);
    if (run.JobRunState === "FAILED") run.ErrorMessage = end.message;
    if (run.JobRunState === "TIMEOUT") run.ErrorMessage = "Job run timed out";
    publish(this.world.context, region, stateChange(run));
    const again =
      run.JobRunState === "FAILED" && run.Attempt < (job.MaxRetries ?? 0) && region.jobs.get(job.Name) === job;
    if (!again) {
      for (const listener of this.#listeners) listener(region, run);
      return;
    }
    const first = run.Id.replace(/_attempt_\d+$/, "");
    const attempt = run.Attempt + 1;
    this.#begin(region, job, request, cause, { id: `${first}_attempt_${attempt}`, attempt, previous: run.Id });
  }

  #keepBookmark(region: GlueRegion, run: Run, end: AttemptEnd): void {
    const before = region.bookmarks.get(run.JobName);
    if (!end.bookmark || end.bookmark === before?.state) return;
    region.bookmarks.set(run.JobName, {
      state: end.bookmark,
      runId: run.Id,
      previousRunId: before?.runId,
      version: (before?.version ?? 0) + 1,
      run: (before?.run ?? 0) + 1,
      attempt: run.Attempt,
    });
  }
}
