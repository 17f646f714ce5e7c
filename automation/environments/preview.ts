// What an `up` would do, without doing it.
import { environmentFolder } from "../home.js";
import type { OnProgress } from "../progress.js";
import { hostEngine } from "./engine-host.js";
import { removeEnvironment, requireJournal, updateJournal } from "./journal.js";
import { acquireLease } from "./lease.js";
import type { EnvironmentOptions } from "./options.js";
import { findPlace } from "./place.js";
import { prepareEnvironment } from "./up.js";

export interface Preview {
  /** Count of resources by operation. */
  changes: Record<string, number>;
  /** The engine's diff, for people. */
  text: string;
}

/** Previews units as a new environment, which is gone afterwards. */
export async function previewUnits(units: readonly string[], options: EnvironmentOptions = {}): Promise<Preview> {
  const { journal, lease, place } = await prepareEnvironment(units, options);
  try {
    return await preview(journal.name, place.endpoint, options.onProgress, options.signal);
  } finally {
    await removeEnvironment(journal.name);
    await place.release();
    await lease.release();
  }
}

/** Previews what the program would change in an environment that is up. */
export async function previewEnvironment(
  name: string,
  options: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<Preview> {
  const journal = await requireJournal(name);
  const lease = await acquireLease(environmentFolder(name).lease, `Environment ${name}`, "preview");
  try {
    return await preview(name, findPlace(journal).endpoint, options.onProgress, options.signal);
  } finally {
    await updateJournal(name, { worker: null });
    await lease.release();
  }
}

async function preview(
  name: string,
  endpoint: string | undefined,
  onProgress: OnProgress = () => {},
  signal?: AbortSignal,
): Promise<Preview> {
  const worker = await hostEngine(await requireJournal(name), endpoint);
  const cancel = () => worker.cancel();
  signal?.addEventListener("abort", cancel);
  try {
    onProgress({ kind: "step", message: "previewing" });
    return await worker.perform("preview", onProgress);
  } finally {
    signal?.removeEventListener("abort", cancel);
    await worker.end();
  }
}
