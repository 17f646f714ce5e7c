// The life of jobs: given what happened, what each job becomes. No clock, no process, no network in here.
import { type Attempt, isEnded, type Job, type JobStatus, type Task } from "../model.js";
import { shouldRetry } from "./retry.js";

/** Jobs by id, and who waits for whom. Only the functions below write it. */
export interface JobTable {
  readonly jobs: Map<string, Job>;
  /** Job id → ids of the jobs that wait for it. */
  readonly dependents: Map<string, Set<string>>;
}

export const newJobTable = (): JobTable => ({ jobs: new Map(), dependents: new Map() });

/** Something that happened to a job; `at` is milliseconds of the epoch. */
export type JobEvent =
  | { readonly kind: "placed"; readonly jobId: string; readonly computeEnvironment: string; readonly task: Task }
  | { readonly kind: "started"; readonly jobId: string }
  | { readonly kind: "exited"; readonly jobId: string; readonly exit: Exit }
  | { readonly kind: "timedOut"; readonly jobId: string }
  | { readonly kind: "cancel"; readonly jobId: string; readonly reason: string }
  | { readonly kind: "terminate"; readonly jobId: string; readonly reason: string }
  | { readonly kind: "misplaced"; readonly jobId: string; readonly reason: string };

/** How an attempt's container ended. */
export interface Exit {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly statusReason: string;
}

/** What follows for the world outside: a job took a new status, or its container has to be stopped. */
export type Change = { readonly kind: "status"; readonly job: Job } | { readonly kind: "stop"; readonly jobId: string };

export const DEPENDENCY_FAILED = "Dependent Job failed";
export const CHILD_FAILED = "Array Child Job failed";
export const TIMED_OUT = "Job attempt duration exceeded timeout";

/** Enters submitted jobs (an array parent and its children together) and decides which of them have to wait. */
export function submit(table: JobTable, jobs: readonly Job[], at: number): Change[] {
  const step = newStep(table, at);
  for (const job of jobs) {
    table.jobs.set(job.id, job);
    for (const id of job.waitsFor) {
      const waiting = table.dependents.get(id) ?? new Set();
      table.dependents.set(id, waiting.add(job.id));
    }
  }
  for (const { id } of jobs) evaluate(step, id);
  return settle(step);
}

/** Applies one event. An event that the job's status makes meaningless (a late exit, a second cancel) changes nothing. */
export function apply(table: JobTable, event: JobEvent, at: number): Change[] {
  const step = newStep(table, at);
  const job = table.jobs.get(event.jobId);
  if (job && !isEnded(job.status)) react(step, job, event);
  return settle(step);
}

/** Forgets ended jobs that stopped before `olderThan`, children with their parent. Returns how many. */
export function forget(table: JobTable, olderThan: number): number {
  const old = [...table.jobs.values()].filter((job) => {
    const top = job.child ? table.jobs.get(job.child.parent) : job;
    return !top || (isEnded(top.status) && (top.stoppedAt ?? 0) < olderThan);
  });
  for (const { id } of old) table.jobs.delete(id);
  return old.length;
}

/** One reaction in progress. Ended jobs wait in `ended` until those that depend on them are looked at: a chain of thousands does not recurse. */
interface Step {
  readonly table: JobTable;
  readonly at: number;
  readonly changes: Change[];
  readonly ended: Job[];
}

const newStep = (table: JobTable, at: number): Step => ({ table, at, changes: [], ended: [] });

const hasTask = (job: Job): boolean => job.status === "STARTING" || job.status === "RUNNING";

function react(step: Step, job: Job, event: JobEvent): void {
  switch (event.kind) {
    case "placed":
      if (job.status !== "RUNNABLE") return;
      enter(step, job, {
        status: "STARTING",
        statusReason: undefined,
        startedAt: undefined,
        computeEnvironment: event.computeEnvironment,
        task: event.task,
      });
      return;
    case "started":
      if (job.status === "STARTING") enter(step, job, { status: "RUNNING", startedAt: step.at });
      return;
    case "exited":
      if (hasTask(job)) exited(step, job, event.exit);
      return;
    case "timedOut":
      if (job.status === "RUNNING") stop(step, job, { timedOut: true });
      return;
    case "misplaced":
      if (job.status === "RUNNABLE") step.table.jobs.set(job.id, { ...job, statusReason: event.reason });
      return;
    case "cancel":
      if (job.array) onChildren(step, job, event);
      else if (!hasTask(job)) end(step, { ...job, cancelled: event.reason }, "FAILED", event.reason);
      return;
    case "terminate":
      if (job.array) onChildren(step, job, event);
      else if (hasTask(job)) stop(step, job, { terminated: job.terminated ?? event.reason });
      else end(step, { ...job, terminated: event.reason }, "FAILED", event.reason);
      return;
  }
}

function enter(step: Step, job: Job, patch: Partial<Job>): Job {
  const next: Job = { ...job, ...patch };
  step.table.jobs.set(job.id, next);
  step.changes.push({ kind: "status", job: next });
  return next;
}

function stop(step: Step, job: Job, why: Partial<Job>): void {
  step.table.jobs.set(job.id, { ...job, ...why });
  step.changes.push({ kind: "stop", jobId: job.id });
}

function end(step: Step, job: Job, status: "SUCCEEDED" | "FAILED", statusReason?: string): void {
  step.ended.push(enter(step, job, { status, statusReason, stoppedAt: step.at }));
}

/** Looks at whatever waits for the jobs that ended, until nothing more ends by it. */
function settle(step: Step): Change[] {
  for (let job = step.ended.shift(); job; job = step.ended.shift()) {
    const waiting = step.table.dependents.get(job.id);
    step.table.dependents.delete(job.id);
    for (const id of waiting ?? []) evaluate(step, id);
    if (job.child) childEnded(step, job.child.parent, job.status);
  }
  return step.changes;
}

/** Moves a job that has not run yet to where its dependencies allow: PENDING, RUNNABLE, or FAILED with them. */
function evaluate(step: Step, id: string): void {
  const job = step.table.jobs.get(id);
  if (!job || (job.status !== "SUBMITTED" && job.status !== "PENDING")) return;
  const needed = job.waitsFor.map((dependency) => step.table.jobs.get(dependency));
  const waits = needed.some((dependency) => dependency && !isEnded(dependency.status));
  if (job.array) {
    // A parent only stands for its children: it is PENDING from their first move until the last of them has ended.
    if (job.status === "SUBMITTED") enter(step, job, { status: "PENDING" });
  } else if (needed.some((dependency) => dependency?.status === "FAILED")) end(step, job, "FAILED", DEPENDENCY_FAILED);
  else if (!waits) enter(step, job, { status: "RUNNABLE", runnableAt: step.at });
  else if (job.status === "SUBMITTED") enter(step, job, { status: "PENDING" });
}

function exited(step: Step, job: Job, exit: Exit): void {
  const attempt: Attempt = {
    taskArn: job.task?.arn,
    containerInstanceArn: job.task?.containerInstanceArn,
    logStreamName: job.task?.logStreamName,
    startedAt: job.startedAt,
    stoppedAt: step.at,
    ...exit,
  };
  const tried: Job = { ...job, attempts: [...job.attempts, attempt] };
  if (job.terminated !== undefined) end(step, tried, "FAILED", job.terminated);
  else if (job.timedOut) end(step, tried, "FAILED", TIMED_OUT);
  else if (exit.exitCode === 0) end(step, tried, "SUCCEEDED", exit.statusReason);
  else if (shouldRetry(job.retryStrategy, attempt, tried.attempts.length))
    enter(step, tried, {
      status: "RUNNABLE",
      statusReason: exit.statusReason,
      runnableAt: step.at,
      computeEnvironment: undefined,
    });
  else end(step, tried, "FAILED", exit.statusReason);
}

/** An array parent ends with its last child: FAILED when one of them did. */
function childEnded(step: Step, parentId: string, status: JobStatus): void {
  const parent = step.table.jobs.get(parentId);
  if (!parent?.array) return;
  const array = {
    size: parent.array.size,
    remaining: parent.array.remaining - 1,
    failed: parent.array.failed + (status === "FAILED" ? 1 : 0),
  };
  const counted: Job = { ...parent, array };
  step.table.jobs.set(parentId, counted);
  if (array.remaining > 0) return;
  if (array.failed === 0) end(step, counted, "SUCCEEDED");
  else end(step, counted, "FAILED", counted.terminated ?? counted.cancelled ?? CHILD_FAILED);
}

/** CancelJob and TerminateJob of an array parent reach every child that has not ended; the parent ends with the last of them. */
function onChildren(step: Step, parent: Job, event: JobEvent & { reason: string }): void {
  const mark = event.kind === "cancel" ? { cancelled: event.reason } : { terminated: event.reason };
  step.table.jobs.set(parent.id, { ...parent, ...mark });
  for (let index = 0; index < (parent.array?.size ?? 0); index += 1) {
    const child = step.table.jobs.get(`${parent.id}:${index}`);
    if (child && !isEnded(child.status)) react(step, child, { ...event, jobId: child.id });
  }
}
