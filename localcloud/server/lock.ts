// A lock file that names its owner, so that the lock of a process that is gone can be taken over.
import { watch } from "node:fs";
import { link, mkdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { isAlive, type ProcessIdentity, thisProcess } from "./processes.js";

const Owner = z.object({ pid: z.number(), startedAt: z.string().nullable(), host: z.string() });

/** A dead owner makes no file event: whoever waits looks again after this long. */
const LOOK_AGAIN_MS = 500;

/**
 * Runs `work` while holding the lock at `path`. Waits for a living owner; takes the lock of a dead one.
 *
 * @param timeoutMs how long to wait for a living owner
 * @throws when the owner keeps it longer, naming the owner
 */
export async function withLock<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const owner = await acquire(path);
    if (!owner) break;
    if (Date.now() > deadline)
      throw new Error(`${path} is held by process ${owner.pid} for more than ${timeoutMs / 1000} s; end that process.`);
    await change(path, Math.min(LOOK_AGAIN_MS, Math.max(1, deadline - Date.now())));
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => {});
  }
}

/** Takes the lock, or returns its living owner. */
async function acquire(path: string): Promise<ProcessIdentity | undefined> {
  const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(mine, JSON.stringify({ ...thisProcess(), host: hostname() }), { mode: 0o600 });
  try {
    // The file appears under its name complete, and only if no other has it.
    if (await linked(mine, path)) return undefined;
    const owner = await read(path);
    if (owner && isLiving(owner)) return owner;
    // One at a time replaces the lock of a dead owner, and only after looking once more.
    const claim = `${path}.claim`;
    if (await linked(mine, claim)) {
      const again = await read(path);
      const free = again !== undefined && !isLiving(again);
      if (free) await rename(mine, path);
      await unlink(claim);
      if (free) return undefined;
    } else {
      const claimant = await read(claim);
      if (claimant && !isLiving(claimant)) await unlink(claim).catch(() => {});
    }
  } finally {
    await unlink(mine).catch(() => {});
  }
  return await acquire(path);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the owner of a lock still runs; one on another machine is taken to. */
function isLiving(owner: z.infer<typeof Owner> | "unreadable"): owner is z.infer<typeof Owner> {
  return owner !== "unreadable" && (owner.host !== hostname() || isAlive(owner));
}

async function read(path: string): Promise<z.infer<typeof Owner> | "unreadable" | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
  }
}

/** Resolves when something happens to the lock, or after `timeoutMs`. */
function change(path: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(path), () => done());
    const timer = setTimeout(() => done(), timeoutMs);
    const done = () => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
    watcher.on("error", () => {});
  });
}
