// The end of an environment: what runs is stopped, the stack destroyed, and the cloud asked whether anything is left.
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CrucibleError, messageOf } from "../errors.js";
import { environmentFolder } from "../home.js";
import { isAdopted } from "../inventory/adopted.js";
import { type Reaped, reap, summarize } from "../inventory/inventory.js";
import { type ClientOf, describeItem, entryOf, type InventoryEntry, type InventoryItem } from "../inventory/item.js";
import { liveJobs, stopExecutions, terminateJobs } from "../inventory/quiesce.js";
import { countOf, liveGlue, stopGlue } from "../inventory/quiesceGlue.js";
import { inventorySources } from "../inventory/sources.js";
import type { OnProgress } from "../progress.js";
import { stacksFolder } from "../worker/project.js";
import type { Worker } from "../worker/worker.js";
import { hostEngine } from "./engine-host.js";
import type { Environment } from "./environment.js";
import { type Journal, removeEnvironment, updateJournal } from "./journal.js";
import type { Lease } from "./lease.js";
import type { Place } from "./place.js";

/** Something that is left, with what came of the last attempt at removing it, where there was one. */
export interface Leak extends InventoryEntry {
  reason?: string;
}

export interface Teardown {
  /** Wall time of all of it. */
  seconds: number;
  /** What the cloud still had after the stack was destroyed. Empty when all went well. */
  leaks: Leak[];
  /** What was removed besides the stack, because its time was over or a sweep was asked for. */
  reaped: InventoryEntry[];
}

export interface TeardownParts {
  environment: Environment;
  journal: Journal;
  lease: Lease;
  place: Place;
  /** The one that brought it up, when it still runs. */
  worker?: Worker;
  onProgress: OnProgress;
  /** It never came up: what was in the making may not be in the state, and is removed by the inventory. */
  unfinished?: boolean;
  /** Remove what the stack's destruction leaves, too. Only in an account of its own. */
  reap?: boolean;
}

/** Things of an environment are left in the cloud. */
export class LeakError extends CrucibleError {
  override name = "LeakError";
  constructor(
    environment: string,
    readonly teardown: Teardown,
  ) {
    const { leaks } = teardown;
    const left = leaks.map((leak) => `${describeItem(leak)}${leak.reason ? ` (${leak.reason})` : ""}`).sort();
    const byHand = summarize(leaks.filter((leak) => leak.byHand || leak.reason !== undefined));
    super(
      `Environment ${environment} is destroyed, but this is left in its account: ${left.join(", ")}. ${adviceOn(environment, byHand, leaks.length)}`,
    );
  }
}

/** What to do about leaks. @param byHand those that a sweep cannot remove, or could not */
function adviceOn(environment: string, byHand: string[], all: number): string {
  const hand = `with its service's own operation: crucible exec ${environment} -- aws …`;
  if (byHand.length === 0) return "Remove it, or have it removed with: crucible sweep";
  if (byHand.length === all) return `Remove it ${hand}`;
  return `A sweep (crucible sweep) removes all but ${byHand.join(", ")}: remove that ${hand}`;
}

/** Jobs get AWS's 30 seconds between SIGTERM and SIGKILL. */
const JOBS_SECONDS = 45;
/** For how long something that is on its way out may still be seen. */
const SETTLE_SECONDS = { local: 3, aws: 300 };
const LOOK_MS = 250;

/**
 * Destroys an environment whose lease is held, and ends the lease. Its journal goes when nothing is left; otherwise it
 * stays, as `failed`, for a sweep. What is left is told, not thrown: {@link LeakError} is the caller's to throw.
 *
 * @throws CrucibleError when the engine could not destroy the stack
 */
export async function tearDown(parts: TeardownParts): Promise<Teardown> {
  const { environment, journal, lease, place, onProgress } = parts;
  const started = performance.now();
  const isLocal = journal.target === "local";
  try {
    await updateJournal(journal.name, { status: "destroying" });
    const failure = await destroyAll(parts);
    onProgress({ kind: "step", message: "asking the cloud what is left" });
    const removesAll = isLocal && (parts.reap === true || parts.unfinished === true);
    const { removed: reaped, left } = removesAll ? await reapAccount(environment) : { removed: [], left: [] };
    const reasons = new Map(left.map(({ item, reason }) => [describeItem(item), reason]));
    const leaks = await leftovers(environment, isLocal ? SETTLE_SECONDS.local : SETTLE_SECONDS.aws);
    const told = (item: InventoryItem): Leak => ({ ...entryOf(item), reason: reasons.get(describeItem(item)) });
    const teardown = { seconds: (performance.now() - started) / 1000, leaks: leaks.map(told), reaped };
    // A private cloud ends now, and all that is left with it.
    const isGone = leaks.length === 0 || journal.cloud === "private";
    if (isGone && (failure === undefined || removesAll)) await removeEnvironment(journal.name);
    else await updateJournal(journal.name, { status: "failed", worker: null });
    if (failure !== undefined && !removesAll)
      throw new CrucibleError(`Environment ${journal.name} could not be destroyed: ${messageOf(failure)}`, {
        cause: failure,
      });
    return teardown;
  } finally {
    await place.release();
    await lease.release();
  }
}

/** Stops what runs and destroys every stack of the environment. Returns the failure, if any: the inventory comes first. */
async function destroyAll(parts: TeardownParts): Promise<unknown> {
  const { environment, journal, place, onProgress } = parts;
  const owns = journal.target === "local" ? () => true : (name: string) => name.includes(journal.suffix);
  try {
    onProgress({ kind: "step", message: "stopping what runs" });
    // The worker gets ready meanwhile.
    const worker = parts.worker ?? (await hostEngine(journal, place.endpoint));
    try {
      await Promise.all((await environment.regions()).map((region) => quiesce(environment.awsIn(region), owns)));
      onProgress({ kind: "step", message: "destroying the stack" });
      // The engine is at work elsewhere: time to load the inventory's clients.
      inventorySources().catch(() => {});
      // What failed the first time, because something else had to go first, may well go now.
      await worker.perform("destroy", onProgress).catch(() => worker.perform("destroy", onProgress));
    } finally {
      await worker.end();
    }
    for (const stack of await otherStacks(journal.name)) {
      onProgress({ kind: "step", message: `destroying the stack ${stack}, made with the plain CLI` });
      const other = await hostEngine(journal, place.endpoint, stack);
      try {
        await other.perform("unprotect");
        await other.perform("destroy", onProgress);
      } finally {
        await other.end();
      }
    }
    return undefined;
  } catch (error) {
    parts.worker?.kill();
    return error;
  }
}

/** Stops executions, which could start more, then jobs and crawlers, and waits for their end. */
async function quiesce(client: ClientOf, owns: (name: string) => boolean): Promise<void> {
  const stopped = await stopExecutions(client, owns);
  const terminated = await Promise.all([terminateJobs(client, owns), stopGlue(client, owns)]);
  if (stopped + terminated[0] + terminated[1] === 0) return;
  const deadline = Date.now() + JOBS_SECONDS * 1000;
  const live = async () => (await liveJobs(client, owns)).length + countOf(await liveGlue(client, owns));
  while (Date.now() < deadline && (await live()) > 0) await sleep(LOOK_MS);
}

/** Stacks in the environment's backend besides its own: the plain CLI's (`crucible exec NAME -- pulumi up -s dev`). */
async function otherStacks(name: string): Promise<string[]> {
  const files = await readdir(stacksFolder(environmentFolder(name).state)).catch(() => []);
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .filter((stack) => stack !== name);
}

/** What the cloud has, once log groups that AWS made by itself are removed and what is on its way out has gone. */
async function leftovers(environment: Environment, settleSeconds: number): Promise<InventoryItem[]> {
  const deadline = Date.now() + settleSeconds * 1000;
  for (;;) {
    const items = await environment.inventory();
    const adopted = items.filter(isAdopted);
    for (const item of adopted) await item.remove().catch(() => {});
    const left = items.filter((item) => !adopted.includes(item));
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(LOOK_MS);
  }
}

const REAP_SECONDS = 30;

/** Empties an account of its own; tells what went, and why the rest did not. */
async function reapAccount(environment: Environment): Promise<Reaped> {
  const deadline = Date.now() + REAP_SECONDS * 1000;
  return await reap(
    () => environment.inventory(),
    async () => {
      await sleep(LOOK_MS);
      return Date.now() < deadline;
    },
  );
}
