// Who may change an environment: a lease with an owner and a heartbeat. A stale one is taken over, a live one never broken.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { withLock } from "../../localcloud/server/lock.js";
import { isAlive, thisProcess } from "../../localcloud/server/processes.js";
import { CrucibleError } from "../errors.js";
import { readJson, writeJson } from "../files.js";
import { Process } from "./journal.js";

/** How often the owner says that it lives. */
const HEARTBEAT_MS = 5_000;
/** On another host, whose processes cannot be seen, silence of this length counts as death. */
const SILENCE_MS = 60_000;
const MUTEX_TIMEOUT_MS = 10_000;

export const LeaseRecord = z.object({
  id: z.string(),
  owner: Process,
  /** What the owner does, for the message to whoever has to wait. */
  purpose: z.string(),
  heartbeatAt: z.coerce.date(),
});
export type LeaseRecord = z.infer<typeof LeaseRecord>;

export interface Lease {
  readonly id: string;
  /** Ends the lease; a second call does nothing. */
  release(): Promise<void>;
}

/** Another process is at work on the environment. */
export class LeaseHeldError extends CrucibleError {
  override name = "LeaseHeldError";
  constructor(
    readonly record: LeaseRecord,
    what: string,
  ) {
    super(
      `${what} is in use: process ${record.owner.pid} on ${record.owner.host} is at work (${record.purpose}). Wait for it, or end it.`,
    );
  }
}

/** The owner of a lease as this process would sign it. */
export const self = (): Process => ({ ...thisProcess(), host: hostname() });

/**
 * Whether the owner of a lease is gone. On this host the process itself is asked, however long it has been silent; a
 * process on another host is judged by its heartbeat.
 */
export function isStale(
  record: LeaseRecord,
  now: Date,
  here = hostname(),
  alive: (process: Process) => boolean = isAlive,
): boolean {
  if (record.owner.host === here) return !alive(record.owner);
  return now.getTime() - record.heartbeatAt.getTime() > SILENCE_MS;
}

/** The lease at `path` as it stands; undefined when there is none, or one that cannot be read (its writer died). */
export async function readLease(path: string): Promise<LeaseRecord | undefined> {
  const parsed = LeaseRecord.safeParse(await readJson(path).catch(() => undefined));
  return parsed.success ? parsed.data : undefined;
}

/**
 * Takes the lease at `path`, also over from an owner that is gone.
 *
 * @param what the environment's name, for the error
 * @throws LeaseHeldError when its owner lives
 */
export async function acquireLease(path: string, what: string, purpose: string): Promise<Lease> {
  const record: LeaseRecord = { id: randomUUID(), owner: self(), purpose, heartbeatAt: new Date() };
  const exclusively = <T>(work: () => Promise<T>) => withLock(`${path}.lock`, MUTEX_TIMEOUT_MS, work);
  await exclusively(async () => {
    const present = await readLease(path);
    if (present && !isStale(present, new Date())) throw new LeaseHeldError(present, what);
    await writeJson(path, record);
  });

  let released = false;
  let beat = Promise.resolve();
  const heart = setInterval(() => {
    // Locking makes the folder anew, which has to stay gone once the environment is.
    if (!existsSync(path)) return;
    beat = exclusively(async () => {
      const present = await readLease(path);
      if (!released && present?.id === record.id) await writeJson(path, { ...record, heartbeatAt: new Date() });
    }).catch(() => {
      // The folder went with the environment, or the disk is full: the process itself still answers for the lease.
    });
  }, HEARTBEAT_MS);
  heart.unref();

  return {
    id: record.id,
    async release() {
      if (released) return;
      released = true;
      clearInterval(heart);
      await beat;
      if ((await readLease(path))?.id !== record.id) return;
      await exclusively(async () => {
        if ((await readLease(path))?.id === record.id) await rm(path, { force: true });
      });
    },
  };
}
