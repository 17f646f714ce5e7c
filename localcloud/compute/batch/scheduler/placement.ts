// Which RUNNABLE jobs start now, and where. A pure function of queues, compute environments, what runs and the machine.
//
// The rule
// --------
// 1. Queues are taken by priority, highest first; of equal priority, the one whose first job waits longest.
// 2. Within a queue without a fair-share policy jobs go in order of submission; with one, the share with the lowest weighted
//    use is next, and within a share the highest scheduling priority, then the order of submission.
// 3. A job takes the first compute environment of its queue's order that is open to it: ENABLED, VALID, and with room below
//    maxvCpus. Finding none, it keeps those environments closed to the jobs behind it, so that small jobs do not overtake a
//    large one for ever. A job that no environment of the queue could ever hold is passed over and told so.
// 4. The real machine bounds what runs at once over all accounts: declared memory up to the machine's, vCPUs up to
//    OVERSUBSCRIPTION times its cores (AWS's vCPU is a hardware thread; jobs rarely keep all of theirs busy). A job that does
//    not fit waits, and nothing behind it starts before; on an idle machine any job starts, so one that is larger than the
//    machine runs alone instead of starving.
// 5. Accounts take turns by how long their first job has been waiting.
import type { FairsharePolicy } from "@aws-sdk/client-batch";
import { type ShareUse, shareScore, usableByActiveShares, usageByShare } from "./fairShare.js";

/** vCPUs that may be promised for each real core. */
export const OVERSUBSCRIPTION = 2;

export interface Machine {
  readonly cores: number;
  readonly memoryMiB: number;
}

export interface PlaceableJob {
  readonly id: string;
  readonly queue: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly sequence: number;
  /** Milliseconds of the epoch. */
  readonly runnableAt?: number;
  readonly shareIdentifier?: string;
  readonly schedulingPriority?: number;
}

export interface RunningJob {
  readonly queue: string;
  readonly computeEnvironment: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly shareIdentifier?: string;
}

export interface PlaceableEnvironment {
  readonly arn: string;
  /** ENABLED and VALID. */
  readonly open: boolean;
  /** Infinity where the environment states none (unmanaged). */
  readonly maxvCpus: number;
}

export interface PlaceableQueue {
  readonly arn: string;
  /** Queues of one account and region are ordered among each other by priority. */
  readonly domain: string;
  readonly priority: number;
  /** ARNs, in order. */
  readonly computeEnvironments: readonly string[];
  /** In order of submission. */
  readonly jobs: readonly PlaceableJob[];
  readonly fairshare?: { readonly policy: FairsharePolicy; readonly uses: readonly ShareUse[] };
}

export interface PlacementView {
  readonly machine: Machine;
  readonly running: readonly RunningJob[];
  readonly environments: ReadonlyMap<string, PlaceableEnvironment>;
  readonly queues: readonly PlaceableQueue[];
  /** Milliseconds of the epoch. */
  readonly now: number;
}

export interface Placement {
  /** To start, in this order. */
  readonly placed: readonly { readonly jobId: string; readonly computeEnvironment: string }[];
  /** Ids of jobs that no compute environment of their queue could hold, whatever ends. */
  readonly misplaced: readonly string[];
}

export function place(view: PlacementView): Placement {
  const ledger = new Ledger(view);
  const placed: { jobId: string; computeEnvironment: string }[] = [];
  const misplaced: string[] = [];
  const lanes = openLanes(view);
  for (;;) {
    const lane = lanes.filter((each) => !each.isEmpty(ledger)).sort((a, b) => a.waitingSince - b.waitingSince)[0];
    const job = lane?.next(ledger);
    if (!job) break;
    const verdict = ledger.choose(job.candidate, job.queue);
    if (verdict === "never") misplaced.push(job.candidate.id);
    else if (verdict === "machine") break;
    else if (verdict !== "wait") {
      ledger.take(job.candidate, job.queue, verdict);
      placed.push({ jobId: job.candidate.id, computeEnvironment: verdict });
    }
  }
  return { placed, misplaced };
}

/** The order in which a queue's RUNNABLE jobs would start if there were room for all. */
export function queueOrder(queue: PlaceableQueue, now: number): PlaceableJob[] {
  const cursor = new QueueCursor(queue, now);
  const order: PlaceableJob[] = [];
  for (let job = cursor.next(); job; job = cursor.next()) {
    cursor.hold(job);
    order.push(job);
  }
  return order;
}

/** What is in use, and which environments are closed to the jobs still to come. */
class Ledger {
  readonly #closed = new Set<string>();
  readonly #used = new Map<string, number>();
  readonly #activeShares = new Map<string, Set<string>>();
  #vcpus = 0;
  #memoryMiB = 0;
  #count = 0;

  constructor(readonly view: PlacementView) {
    for (const job of view.running) this.#add(job, job.queue, job.computeEnvironment);
  }

  /** Whether all of the queue's environments are closed already. */
  isClosed(queue: PlaceableQueue): boolean {
    return queue.computeEnvironments.every((arn) => this.#closed.has(arn));
  }

  choose(job: PlaceableJob, queue: PlaceableQueue): "never" | "wait" | "machine" | string {
    const environments = queue.computeEnvironments.flatMap((arn) => this.view.environments.get(arn) ?? []);
    const able = environments.filter((each) => job.vcpus <= each.maxvCpus);
    if (able.length === 0) return "never";
    const room = able.find((each) => each.open && !this.#closed.has(each.arn) && this.#hasRoom(job, queue, each));
    if (!room) {
      for (const each of able) this.#closed.add(each.arn);
      return "wait";
    }
    return this.#fitsMachine(job) ? room.arn : "machine";
  }

  take(job: PlaceableJob, queue: PlaceableQueue, computeEnvironment: string): void {
    this.#add(job, queue.arn, computeEnvironment);
  }

  #hasRoom(job: PlaceableJob, queue: PlaceableQueue, environment: PlaceableEnvironment): boolean {
    const used = this.#used.get(environment.arn) ?? 0;
    if (used + job.vcpus > environment.maxvCpus) return false;
    const active = this.#activeShares.get(queue.arn);
    if (!queue.fairshare || used === 0 || !active?.has(job.shareIdentifier ?? "")) return true;
    return used + job.vcpus <= usableByActiveShares(queue.fairshare.policy, environment.maxvCpus, active.size);
  }

  #fitsMachine(job: PlaceableJob): boolean {
    const { cores, memoryMiB } = this.view.machine;
    if (this.#count === 0) return true;
    return this.#vcpus + job.vcpus <= cores * OVERSUBSCRIPTION && this.#memoryMiB + job.memoryMiB <= memoryMiB;
  }

  #add(job: { vcpus: number; memoryMiB: number; shareIdentifier?: string }, queue: string, environment: string): void {
    this.#vcpus += job.vcpus;
    this.#memoryMiB += job.memoryMiB;
    this.#count += 1;
    this.#used.set(environment, (this.#used.get(environment) ?? 0) + job.vcpus);
    if (job.shareIdentifier === undefined) return;
    const shares = this.#activeShares.get(queue) ?? new Set();
    this.#activeShares.set(queue, shares.add(job.shareIdentifier));
  }
}

/** The queues of one account and region, by priority. */
interface Lane {
  readonly waitingSince: number;
  isEmpty(ledger: Ledger): boolean;
  next(ledger: Ledger): { candidate: PlaceableJob; queue: PlaceableQueue } | undefined;
}

function openLanes(view: PlacementView): Lane[] {
  const domains = new Map<string, QueueCursor[]>();
  for (const queue of view.queues) {
    if (queue.jobs.length === 0) continue;
    const cursors = domains.get(queue.domain) ?? [];
    cursors.push(new QueueCursor(queue, view.now));
    domains.set(queue.domain, cursors);
  }
  return [...domains.values()].map((cursors) => {
    cursors.sort((a, b) => b.queue.priority - a.queue.priority || a.waitingSince - b.waitingSince);
    const open = (ledger: Ledger) => cursors.find((cursor) => !cursor.isEmpty && !ledger.isClosed(cursor.queue));
    return {
      get waitingSince() {
        return Math.min(...cursors.filter((cursor) => !cursor.isEmpty).map((cursor) => cursor.waitingSince));
      },
      isEmpty: (ledger) => open(ledger) === undefined,
      next: (ledger) => {
        const cursor = open(ledger);
        const candidate = cursor?.next();
        if (!cursor || !candidate) return undefined;
        cursor.hold(candidate);
        return { candidate, queue: cursor.queue };
      },
    };
  });
}

/** Goes through a queue's jobs in the order in which they are to be tried. */
class QueueCursor {
  readonly #shares = new Map<string, PlaceableJob[]>();
  readonly #usage: Map<string, number>;
  #position = 0;

  constructor(
    readonly queue: PlaceableQueue,
    now: number,
  ) {
    const { fairshare } = queue;
    this.#usage = fairshare ? usageByShare(fairshare.policy, fairshare.uses, now) : new Map();
    if (!fairshare) return;
    for (const job of queue.jobs) {
      const share = this.#shares.get(job.shareIdentifier ?? "") ?? [];
      share.push(job);
      this.#shares.set(job.shareIdentifier ?? "", share);
    }
    for (const jobs of this.#shares.values())
      jobs.sort((a, b) => (b.schedulingPriority ?? 0) - (a.schedulingPriority ?? 0) || a.sequence - b.sequence);
  }

  get isEmpty(): boolean {
    return this.queue.fairshare ? this.#shares.size === 0 : this.#position >= this.queue.jobs.length;
  }

  get waitingSince(): number {
    return this.queue.jobs[this.queue.fairshare ? 0 : this.#position]?.runnableAt ?? Number.POSITIVE_INFINITY;
  }

  next(): PlaceableJob | undefined {
    const { fairshare, jobs } = this.queue;
    if (!fairshare) return jobs[this.#position++];
    let best: string | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const share of this.#shares.keys()) {
      const score = shareScore(fairshare.policy, this.#usage, share);
      if (score < lowest) [best, lowest] = [share, score];
    }
    if (best === undefined) return undefined;
    const share = this.#shares.get(best);
    const job = share?.shift();
    if (share?.length === 0) this.#shares.delete(best);
    return job;
  }

  /** Counts a job's vCPUs to its share, so that the shares take turns also within one round. */
  hold(job: PlaceableJob): void {
    if (this.queue.fairshare)
      this.#usage.set(job.shareIdentifier ?? "", (this.#usage.get(job.shareIdentifier ?? "") ?? 0) + job.vcpus);
  }
}
