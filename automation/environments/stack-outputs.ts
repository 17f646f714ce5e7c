// The outputs of a stack as its state has them, secret ones in plain text.
import { environmentFolder } from "../home.js";
import { hostEngine } from "./engine-host.js";
import { type Journal, updateJournal } from "./journal.js";
import { acquireLease } from "./lease.js";
import { findPlace } from "./place.js";
import type { StackOutput } from "./redact.js";

/** Asks the engine. @throws LeaseHeldError while another process is at work on the environment */
export async function readOutputs(journal: Journal): Promise<Record<string, StackOutput>> {
  const lease = await acquireLease(environmentFolder(journal.name).lease, `Environment ${journal.name}`, "outputs");
  try {
    const worker = await hostEngine(journal, findPlace(journal).endpoint);
    try {
      return (await worker.perform("outputs")).outputs;
    } finally {
      await worker.end();
      await updateJournal(journal.name, { worker: null });
    }
  } finally {
    await lease.release();
  }
}
