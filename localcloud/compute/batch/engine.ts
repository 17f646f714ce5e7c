// The rim around the scheduler's pure core: it runs what the core decides (tasks, timers, events) and tells it what happened.
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.js";
import type { EventPublisher } from "./events.js";
import { isEnded, type Job, type JobQueue, type Task } from "./model.js";
import { logDestination, type RunningTask, runTask, type TaskWorld } from "./run/task.js";
import { RunnableJobs } from "./runnable.js";
import { decayMillis, type ShareUse } from "./scheduler/fairShare.js";
import { apply, type Change, type JobEvent, submit } from "./scheduler/lifecycle.js";
import { type Machine, type PlaceableQueue, type PlacementView, place, queueOrder } from "./scheduler/placement.js";
import type { BatchRegion, BatchStore } from "./store.js";

export interface EngineWorld extends TaskWorld {
  readonly clock: Clock;
  readonly events: EventPublisher;
  readonly machine: Machine;
}

/** Why a job waits that no compute environment of its queue could hold: AWS Batch User Guide, "Jobs stuck in a RUNNABLE status". */
export const MISPLACED =
  "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.";

/** Grace for containers when the whole cloud ends, seconds: nobody waits for their answer any more. */
const CLOSING_GRACE_SECONDS = 2;

interface Running {
  readonly region: BatchRegion;
  readonly job: Job;
  readonly computeEnvironment: string;
  task?: RunningTask;
  callOffTimeout?: () => void;
}

/** Runs the jobs of all accounts on this machine. */
export class BatchEngine {
  readonly #running = new Map<string, Running>();
  readonly #runnable = new RunnableJobs();
  readonly #uses = new Map<string, (ShareUse & { jobArn: string })[]>();
  readonly #waiters = new Map<string, ((job: Job) => void)[]>();
  readonly #waitLimits = new Map<string, () => void>();
  #sequence = 0;
  #roundDue = false;
  #closing = false;

  constructor(
    readonly store: BatchStore,
    private readonly world: EngineWorld,
  ) {}

  now(): number {
    return this.world.clock.now();
  }

  /** The number of the next job to be submitted; children take those that follow their parent's. */
  nextSequence(): number {
    return this.#sequence;
  }

  submit(region: BatchRegion, jobs: readonly Job[]): void {
    this.#sequence += jobs.length;
    this.#carryOut(region, submit(region.table, jobs, this.now()));
  }

  dispatch(region: BatchRegion, event: JobEvent): void {
    this.#carryOut(region, apply(region.table, event, this.now()));
  }

  /** Looks for jobs to start, soon; to be called when a queue or compute environment has changed. */
  schedule(): void {
    if (this.#roundDue || this.#closing || this.#runnable.isEmpty) return;
    this.#roundDue = true;
    setImmediate(() => {
      this.#roundDue = false;
      this.#round();
    });
  }

  /** Resolves with the job as it ended; at once when it has. */
  whenEnded(region: BatchRegion, jobId: string): Promise<Job> {
    const job = region.table.jobs.get(jobId);
    if (!job) return Promise.reject(new Error(`job ${jobId} does not exist`));
    if (isEnded(job.status)) return Promise.resolve(job);
    return new Promise((resolve) => {
      this.#waiters.set(job.arn, [...(this.#waiters.get(job.arn) ?? []), resolve]);
    });
  }

  /** Resolves when no job that has not ended satisfies the condition any more; jobs submitted meanwhile are not waited for. */
  async whenNone(region: BatchRegion, condition: (job: Job) => boolean): Promise<void> {
    const open = [...region.table.jobs.values()].filter((job) => !isEnded(job.status) && condition(job));
    await Promise.all(open.map(({ id }) => this.whenEnded(region, id)));
  }

  /** The order in which the RUNNABLE jobs of a queue would start. */
  frontOfQueue(region: BatchRegion, queue: JobQueue): { jobArn: string; runnableAt: number }[] {
    return queueOrder(this.#placeable(region, queue), this.now()).flatMap(({ id, runnableAt = 0 }) => {
      const job = region.table.jobs.get(id);
      return job ? [{ jobArn: job.arn, runnableAt }] : [];
    });
  }

  /** Stops every task; resolves when all are gone and all events were handed over. */
  async close(): Promise<void> {
    this.#closing = true;
    const tasks = [...this.#running.values()];
    for (const { task, callOffTimeout } of tasks) {
      callOffTimeout?.();
      task?.stop(CLOSING_GRACE_SECONDS);
    }
    await Promise.all(tasks.map(({ task }) => task?.done));
    await this.world.events.drained();
  }

  #round(): void {
    if (this.#closing) return;
    const { placed, misplaced } = place(this.#view());
    for (const jobId of misplaced) {
      const region = this.#regionOf(jobId);
      const job = region?.table.jobs.get(jobId);
      if (!region || !job || job.statusReason === MISPLACED) continue;
      this.dispatch(region, { kind: "misplaced", jobId, reason: MISPLACED });
      this.#limitWait(region, job);
    }
    for (const { jobId, computeEnvironment } of placed) {
      const region = this.#regionOf(jobId);
      const job = region?.table.jobs.get(jobId);
      if (!region || !job) continue;
      const task = newTask(region, job, computeEnvironment);
      this.dispatch(region, { kind: "placed", jobId, computeEnvironment, task });
    }
  }

  #carryOut(region: BatchRegion, changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === "stop") this.#running.get(change.jobId)?.task?.stop();
      else {
        this.world.events.publish(change.job, region.table);
        this.#entered(region, change.job);
      }
    }
    this.schedule();
  }

  #entered(region: BatchRegion, job: Job): void {
    if (job.status === "RUNNABLE") this.#runnable.add(job);
    else {
      this.#runnable.remove(job);
      this.#waitLimits.get(job.arn)?.();
      this.#waitLimits.delete(job.arn);
    }
    if (job.status === "STARTING") this.#start(region, job);
    if (job.status === "RUNNING") this.#watchTimeout(region, job);
    if (!isEnded(job.status)) return;
    for (const resolve of this.#waiters.get(job.arn) ?? []) resolve(job);
    this.#waiters.delete(job.arn);
  }

  #start(region: BatchRegion, job: Job): void {
    const { task, computeEnvironment } = job;
    if (!task || !computeEnvironment) return;
    const running: Running = { region, job, computeEnvironment };
    this.#running.set(job.id, running);
    this.#holdShare(job);
    running.task = runTask(this.world, {
      job,
      task,
      queueName: region.jobQueues.get(job.queue)?.name ?? "",
      computeEnvironmentName: region.computeEnvironments.get(computeEnvironment)?.name ?? "",
      onStarted: () => this.dispatch(region, { kind: "started", jobId: job.id }),
      onExited: (exit) => {
        running.callOffTimeout?.();
        this.#running.delete(job.id);
        this.#releaseShare(job);
        this.dispatch(region, { kind: "exited", jobId: job.id, exit });
      },
    });
  }

  #watchTimeout(region: BatchRegion, job: Job): void {
    const running = this.#running.get(job.id);
    if (!running || job.timeoutSeconds === undefined) return;
    running.callOffTimeout = this.world.clock.after(job.timeoutSeconds * 1000, () =>
      this.dispatch(region, { kind: "timedOut", jobId: job.id }),
    );
  }

  /** Cancels a misplaced job after the time that its queue's jobStateTimeLimitActions allow it to stay RUNNABLE. */
  #limitWait(region: BatchRegion, job: Job): void {
    const actions = region.jobQueues.get(job.queue)?.jobStateTimeLimitActions ?? [];
    const action = actions.find(({ reason = "" }) => reason !== "" && MISPLACED.startsWith(reason));
    if (!action) return;
    const callOff = this.world.clock.after((action.maxTimeSeconds ?? 0) * 1000, () =>
      this.dispatch(region, { kind: "cancel", jobId: job.id, reason: MISPLACED }),
    );
    this.#waitLimits.set(job.arn, callOff);
  }

  #holdShare(job: Job): void {
    if (job.shareIdentifier === undefined) return;
    const uses = this.#uses.get(job.queue) ?? [];
    uses.push({ share: job.shareIdentifier, vcpus: job.vcpus, from: this.now(), jobArn: job.arn });
    this.#uses.set(job.queue, uses);
  }

  #releaseShare(job: Job): void {
    const uses = this.#uses.get(job.queue);
    const index = uses?.findIndex((use) => use.jobArn === job.arn && use.until === undefined) ?? -1;
    const use = uses?.[index];
    if (uses && use) uses[index] = { ...use, until: this.now() };
  }

  #view(): PlacementView {
    const regions = [...this.store.regions()];
    const environments = regions.flatMap((region) =>
      [...region.computeEnvironments.values()].map((each) => ({
        arn: each.arn,
        open: each.state === "ENABLED" && each.status === "VALID",
        maxvCpus: each.computeResources?.maxvCpus ?? Number.POSITIVE_INFINITY,
      })),
    );
    return {
      machine: this.world.machine,
      now: this.now(),
      running: [...this.#running.values()].map(({ job, computeEnvironment }) => ({
        ...job,
        computeEnvironment,
      })),
      environments: new Map(environments.map((each) => [each.arn, each])),
      queues: regions.flatMap((region) =>
        [...region.jobQueues.values()].map((queue) => this.#placeable(region, queue)),
      ),
    };
  }

  #placeable(region: BatchRegion, queue: JobQueue): PlaceableQueue {
    const policy = region.schedulingPolicies.get(queue.schedulingPolicyArn ?? "")?.fairsharePolicy;
    const uses = this.#uses.get(queue.arn) ?? [];
    if (policy) {
      const oldest = this.now() - decayMillis(policy);
      this.#uses.set(
        queue.arn,
        uses.filter(({ until }) => until === undefined || until > oldest),
      );
    }
    return {
      arn: queue.arn,
      domain: `${region.account}/${region.region}`,
      priority: queue.priority,
      computeEnvironments: queue.computeEnvironmentOrder.map(({ computeEnvironment }) => computeEnvironment),
      jobs: this.#runnable.of(queue.arn),
      fairshare: queue.schedulingPolicyArn ? { policy: policy ?? {}, uses } : undefined,
    };
  }

  #regionOf(jobId: string): BatchRegion | undefined {
    for (const region of this.store.regions()) if (region.table.jobs.has(jobId)) return region;
    return undefined;
  }
}

function newTask(region: BatchRegion, job: Job, computeEnvironmentArn: string): Task {
  const environment = region.computeEnvironments.get(computeEnvironmentArn);
  const cluster = environment?.ecsClusterArn.split("/").at(-1) ?? "default";
  const id = randomUUID().replaceAll("-", "");
  const prefix = `arn:aws:ecs:${job.region}:${job.account}`;
  const instance = environment?.uuid.replaceAll("-", "");
  return {
    id,
    arn: `${prefix}:task/${cluster}/${id}`,
    containerInstanceArn: job.platform === "EC2" ? `${prefix}:container-instance/${cluster}/${instance}` : undefined,
    logStreamName: logDestination(job, id)?.stream,
  };
}
