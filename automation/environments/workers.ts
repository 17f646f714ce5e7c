// Worker processes that their driver left behind.
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../localcloud/server/processes.js";
import type { Process } from "./journal.js";

/** For how long an orphan may save its engine's state. */
const GRACE_SECONDS = 20;
const LOOK_MS = 50;

/** Waits until a worker whose driver is gone has saved its state and ended; after a while it is killed with its engine. */
export async function endWorker(worker: Process | null): Promise<void> {
  if (worker === null || worker.host !== hostname()) return;
  const deadline = Date.now() + GRACE_SECONDS * 1000;
  while (isAlive(worker)) {
    if (Date.now() > deadline) {
      try {
        // The worker leads a group of its own, in which the engine runs, too.
        process.kill(-worker.pid, "SIGKILL");
      } catch {
        return;
      }
    }
    await sleep(LOOK_MS);
  }
}
