// Reopening an environment that exists, and ending one that this process did not make.
import { z } from "zod";
import { readJson } from "../files.js";
import { environmentFolder } from "../home.js";
import type { OnProgress } from "../progress.js";
import { createEnvironment, type Environment } from "./environment.js";
import { type Journal, removeEnvironment, requireJournal } from "./journal.js";
import { acquireLease } from "./lease.js";
import { CloudGoneError, findPlace, type Place } from "./place.js";
import type { StackOutput } from "./redact.js";
import { LeakError, type Teardown, tearDown } from "./teardown.js";
import { endWorker } from "./workers.js";

const SavedOutputs = z.object({ outputs: z.record(z.string(), z.unknown()), resources: z.number() });

/** Outputs of the last `up` with the secret ones withheld, and the count of resources. */
export async function savedOutputs(name: string): Promise<{ outputs: Record<string, StackOutput>; resources: number }> {
  const content = await readJson(environmentFolder(name).outputs);
  if (content === undefined) return { outputs: {}, resources: 0 };
  const { outputs, resources } = SavedOutputs.parse(content);
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, { value, secret: false }])),
    resources,
  };
}

/**
 * Opens an environment by its name. Secret outputs are withheld.
 *
 * @throws UsageError when there is none of that name
 * @throws CloudGoneError when its local cloud has ended
 */
export async function openEnvironment(name: string, onProgress: OnProgress = () => {}): Promise<Environment> {
  const journal = await requireJournal(name);
  return await handle(journal, findPlace(journal), onProgress);
}

async function handle(journal: Journal, place: Place, onProgress: OnProgress, reap = false): Promise<Environment> {
  return createEnvironment({
    journal,
    endpoint: place.endpoint,
    cloud: place.cloud,
    ...(await savedOutputs(journal.name)),
    onProgress,
    async down(environment) {
      const lease = await acquireLease(environmentFolder(journal.name).lease, `Environment ${journal.name}`, "down");
      await endWorker(journal.worker);
      return await tearDown({ environment, journal, lease, place, onProgress, reap });
    },
  });
}

export interface DownOptions {
  /** Remove what the stack's destruction leaves, too. @default when its time to live is over */
  reap?: boolean;
  onProgress?: OnProgress;
}

/**
 * Destroys an environment by its name. One whose local cloud has ended is forgotten.
 *
 * @throws LeakError naming what is left in the cloud
 * @throws LeaseHeldError when another process is at work on it
 */
export async function downEnvironment(name: string, options: DownOptions = {}): Promise<Teardown> {
  const journal = await requireJournal(name);
  const isOver = journal.expiresAt !== null && journal.expiresAt.getTime() <= Date.now();
  const { reap = isOver, onProgress = () => {} } = options;
  let place: Place;
  try {
    place = findPlace(journal);
  } catch (error) {
    if (!(error instanceof CloudGoneError)) throw error;
    return await forget(journal);
  }
  if (journal.account === null) return await forget(journal);
  const teardown = await (await handle(journal, place, onProgress, reap)).down();
  if (teardown.leaks.length > 0) throw new LeakError(name, teardown);
  return teardown;
}

/** Nothing of it can be left: its cloud is gone, or it never got an account. */
async function forget(journal: Journal): Promise<Teardown> {
  const lease = await acquireLease(environmentFolder(journal.name).lease, `Environment ${journal.name}`, "down");
  try {
    await endWorker(journal.worker);
    await removeEnvironment(journal.name);
  } finally {
    await lease.release();
  }
  return { seconds: 0, leaks: [], reaped: [] };
}
