// SHARED and EXCLUSIVE locks on data sets of a shared file system, first come, first served: a writer waits for those before it only.
//
// A claim is a file `<number>-<mode>-<id>`. Whoever wants the lock adds one with a number above all that are there, then lists again: when
// one above its own has appeared meanwhile, that one may hold the lock without having seen it, so it withdraws and takes a new number.
// After that a claim need only wait for those below it. Of two claims that conflict, the lower one was there before the higher one
// listed, and is waited for; or it came later, saw the higher one, and withdrew.
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { JobError, UsageError } from "../../lib/errors.js";
import type { LockMode } from "../workflow.js";
import { blockersOf, type ClaimName, type ClaimText, fileOf, isBefore, nextName } from "./claim.js";
import { beat, type Heartbeat } from "./heartbeat.js";
import { Lives } from "./lives.js";
import { describeOwner, lifeOf, type Owner } from "./owner.js";
import { Queue, type QueueEntry } from "./queue.js";

/** Times of locks, all by the clock of whoever measures. */
export interface LockTimes {
  heartbeatMs: number;
  /** Silence after which a claim counts as stale; several heartbeats. */
  leaseMs: number;
  /** How often one that waits looks. */
  pollMs: number;
}

/** A stale lock is taken after 31 seconds at the latest; on its process' own machine at once when that is gone, and never before. */
export const LOCK_TIMES: LockTimes = { heartbeatMs: 5_000, leaseMs: 30_000, pollMs: 500 };

/** A lock that was held is not held any more: whatever was done since may have met another's doing. */
export class LockLostError extends JobError {
  override readonly name = "LockLostError";
}

/** A lock that is held. */
export interface Lock {
  readonly path: string;
  readonly mode: LockMode;
  /** Aborts, with a LockLostError, when the lock is lost. */
  readonly signal: AbortSignal;
  /** @throws LockLostError unless the lock is still there, asked of the file system */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

export interface AcquireOptions {
  owner: Owner;
  /** Gives up waiting. */
  signal?: AbortSignal;
  /** Called with the claims that are waited for, whenever these change. */
  onWait?(blockers: ClaimText[]): void;
}

/** The locks of a data root. */
export class Locks {
  readonly #folder: string;

  /** @param dataRoot absolute path; locks are kept in its folder `.athanor/locks` */
  constructor(
    private readonly dataRoot: string,
    readonly times: LockTimes = LOCK_TIMES,
  ) {
    this.#folder = join(dataRoot, ".athanor", "locks");
  }

  /**
   * Waits for a lock and takes it.
   * @param path absolute, below the data root
   * @throws UsageError when the path is not below the data root; the signal's reason when it aborts
   */
  async acquire(path: string, mode: LockMode, options: AcquireOptions): Promise<Lock> {
    const { owner, signal, onWait } = options;
    const { leaseMs, heartbeatMs } = this.times;
    const name = this.nameOf(path);
    const queue = this.#queue(name);
    const claim: ClaimText = { path: name, mode, owner, state: "waiting", since: new Date().toISOString(), leaseMs };
    const mine = await this.#enter(queue, mode, claim, signal);
    const lost = new AbortController();
    let heart: Heartbeat | undefined;
    const release = async () => {
      await heart?.stop();
      await queue.remove(fileOf(mine));
    };
    try {
      heart = await beat(queue.pathOf(mine), claim, heartbeatMs, (reason) =>
        lost.abort(new LockLostError(`The ${mode} lock on ${name} was lost: ${reason}`)),
      );
      await this.#wait(queue, mine, AbortSignal.any(signal ? [signal, lost.signal] : [lost.signal]), onWait);
      heart.say({ ...claim, state: "held", since: new Date().toISOString() });
    } catch (error) {
      await release();
      throw error;
    }
    const assertHeld = async () => {
      lost.signal.throwIfAborted();
      const entries = await queue.entries();
      if (!entries.some((entry) => entry.file === fileOf(mine)))
        throw new LockLostError(`The ${mode} lock on ${name} was lost: it was taken away`);
    };
    return { path, mode, signal: lost.signal, assertHeld, release };
  }

  /** All claims there are, by data set, in the order of their queues. */
  async list(): Promise<ClaimText[]> {
    const folders = await readdir(this.#folder).catch(() => []);
    const queues = await Promise.all(folders.map((folder) => this.#queueAt(folder).entries()));
    return queues
      .flatMap((entries) => entries.filter((entry) => entry.name && entry.claim).sort(inOrder))
      .map((entry) => entry.claim as ClaimText)
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /**
   * Removes the claims on a data set that are stale, after watching those of other machines for their lease; with `force`, all at once.
   * @returns what was removed, and what lives and was left
   */
  async unlock(path: string, force: boolean): Promise<{ removed: ClaimText[]; live: ClaimText[] }> {
    const queue = this.#queue(this.nameOf(path));
    const lives = this.#lives();
    const removed: ClaimText[] = [];
    const first = new Map((await queue.entries()).map((entry) => [entry.file, entry.text]));
    for (;;) {
      const entries = (await queue.entries()).filter((entry) => first.has(entry.file));
      const stale = force ? entries : lives.stale(entries, performance.now());
      for (const entry of stale) {
        await queue.remove(entry.file);
        if (entry.claim) removed.push(entry.claim);
      }
      const rest = entries.filter((entry) => !stale.includes(entry));
      // One whose process is there, or whose text changes, is alive; another may still be, until its lease has passed.
      const live = rest.filter(
        (entry) => (entry.claim && lifeOf(entry.claim.owner) === "alive") || entry.text !== first.get(entry.file),
      );
      if (live.length === rest.length) return { removed, live: live.flatMap((entry) => entry.claim ?? []) };
      await delay(this.times.pollMs);
    }
  }

  /** Name of a data set: its path from the data root. @throws UsageError when it is not below it */
  nameOf(path: string): string {
    const name = relative(this.dataRoot, path);
    if (name === "" || name === ".." || name.startsWith(`..${sep}`))
      throw new UsageError(`${path} cannot be locked: it is not below the data root ${this.dataRoot}`);
    return name.split(sep).join("/");
  }

  async #enter(queue: Queue, mode: LockMode, claim: ClaimText, signal?: AbortSignal): Promise<ClaimName> {
    for (;;) {
      signal?.throwIfAborted();
      const mine = nextName(await queue.names(), mode);
      await queue.add(mine, claim);
      if (!(await queue.names()).some((other) => isBefore(mine, other))) return mine;
      await queue.remove(fileOf(mine));
    }
  }

  async #wait(queue: Queue, mine: ClaimName, signal: AbortSignal, onWait: AcquireOptions["onWait"]): Promise<void> {
    const lives = this.#lives();
    let told = "";
    for (;;) {
      signal.throwIfAborted();
      const entries = await queue.entries();
      const stale = lives.stale(
        entries.filter((entry) => entry.file !== fileOf(mine)),
        performance.now(),
      );
      for (const entry of stale) await queue.remove(entry.file);
      const rest = entries.filter((entry) => !stale.includes(entry));
      const blockers = blockersOf(
        mine,
        rest.flatMap((entry) => entry.name ?? []),
      ).map((name) => fileOf(name));
      if (blockers.length === 0) return;
      const claims = rest.filter((entry) => blockers.includes(entry.file)).sort(inOrder);
      const key = claims.map((entry) => entry.file + entry.claim?.state).join();
      if (key !== told) onWait?.(claims.flatMap((entry) => entry.claim ?? []));
      told = key;
      await delay(this.times.pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      await queue.refresh();
    }
  }

  #lives(): Lives {
    return new Lives(this.times.leaseMs, 2 * this.times.pollMs);
  }

  #queue(name: string): Queue {
    return this.#queueAt(createHash("sha256").update(name).digest("hex").slice(0, 32));
  }

  #queueAt(folder: string): Queue {
    return new Queue(join(this.#folder, folder), join(this.dataRoot, ".athanor", "tmp"));
  }
}

function inOrder(a: QueueEntry, b: QueueEntry): number {
  return a.file < b.file ? -1 : 1;
}

/** `EXCLUSIVE by run r-1, step Train, pid 42 on ip-10-0-0-1, since 2017-11-04T10:00:00Z` */
export function describeClaim(claim: ClaimText): string {
  const verb = claim.state === "held" ? "held" : "waited for";
  return `${verb} ${claim.mode} by ${describeOwner(claim.owner)}, since ${claim.since}`;
}
