// The child's side of the child-process executor.
import { JobError } from "../../lib/errors.js";
import type { Registry } from "../registry.js";
import type { FromChild, ToChild } from "./childprocess.js";
import { perform } from "./perform.js";

/** After its parent is gone a step may take so long to stop the programs that it runs. */
const ORPHAN_MS = 2_000;

/** Does the work that the parent sends, and ends the process. */
export function serveAttempt(registry: Registry): void {
  const stop = new AbortController();
  const tell = (message: FromChild) => new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  process.on("disconnect", () => {
    stop.abort(new JobError("The run's process is gone"));
    // The executor has made this process the leader of a group: what a step has started goes with it.
    setTimeout(() => process.kill(-process.pid, "SIGKILL"), ORPHAN_MS).unref();
  });
  // Whoever stops all of a session's processes sends these to this one, too; the parent decides what becomes of the step.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  process.on("message", async (message: ToChild) => {
    if ("cancel" in message) return stop.abort(new JobError(message.cancel));
    try {
      const { workflow, assets } = await registry.load(message.work.workflow);
      const onLogLine = (line: string) => process.connected && process.send?.({ line } satisfies FromChild);
      const result = await perform(message.work, { workflow, assets, signal: stop.signal, onLogLine });
      stop.signal.throwIfAborted();
      await tell({ outcome: { result, peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024) } });
    } catch (thrown) {
      const { name, message: text, stack } = thrown as Error;
      const exitCode = thrown instanceof JobError ? thrown.exitCode : undefined;
      await tell({ failure: { name, message: text, stack, exitCode } });
    }
    process.exit();
  });
}
