// Gets the engine of an environment ready: its folders and passphrase, and the worker process, recorded in the journal.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { writeAtomically } from "../files.js";
import { environmentFolder } from "../home.js";
import { startWorker, type Worker } from "../worker/worker.js";
import { type Journal, updateJournal } from "./journal.js";
import { self } from "./lease.js";
import { processEnvironment, workerPlace, workerSpec } from "./settings.js";

const PASSPHRASE_BYTES = 32;

/** The folders and the passphrase that the engine needs; what is there stays. */
export async function prepareFolders(name: string): Promise<void> {
  const folder = environmentFolder(name);
  await mkdir(folder.state, { recursive: true, mode: 0o700 });
  await mkdir(folder.project, { recursive: true, mode: 0o700 });
  if (!existsSync(folder.passphrase))
    await writeAtomically(folder.passphrase, randomBytes(PASSPHRASE_BYTES).toString("base64url"));
}

/**
 * Starts the worker of an environment whose lease the caller holds.
 *
 * @param endpoint of the cloud, or a promise of it: the worker gets ready while the cloud does
 * @param stack the stack to work on, by default the environment's own
 */
export async function hostEngine(
  journal: Journal,
  endpoint: string | undefined | Promise<string | undefined>,
  stack = journal.name,
): Promise<Worker> {
  await prepareFolders(journal.name);
  const worker = startWorker({
    spec: { ...workerSpec(journal), stack },
    place: Promise.resolve(endpoint).then((known) => workerPlace(journal, known)),
    environment: processEnvironment(journal, undefined, process.env),
    logPath: environmentFolder(journal.name).log,
  });
  await updateJournal(journal.name, { worker: { ...self(), pid: worker.pid, startedAt: worker.startedAt } });
  return worker;
}
