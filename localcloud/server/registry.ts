// The reaper: a small process that outlives the cloud process just long enough to kill what it started.
import { type ChildProcess, spawn } from "node:child_process";
import { besideServer } from "./paths.js";

/** Names the process groups that have to die with the cloud, however it ends. */
export interface ProcessRegistry {
  /** To be called in the same turn of the event loop as the spawn of the group's leader. */
  register(pgid: number): void;
  /** To be called once the whole group is gone. */
  unregister(pgid: number): void;
}

export interface Reaper extends ProcessRegistry {
  readonly pid: number;
  /** Kills what is still registered and ends the reaper; resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * Starts the reaper. At the end of this process, whatever its reason, it kills every registered group. A reaper that
 * dies before is replaced by one that knows the same groups.
 *
 * @param python the project's Python: of all runtimes at hand it starts fastest and is the smallest
 */
export function startReaper(python: string): Reaper {
  const groups = new Set<number>();
  let closing = false;
  let child = launch();

  function launch(): ChildProcess {
    const started = spawn(python, ["-IS", besideServer("reaper.py")], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
      cwd: "/",
      env: {},
    });
    const since = performance.now();
    started.on("exit", (code, signal) => {
      if (closing) return;
      // One that cannot run at all would be started for ever.
      if (performance.now() - since < 1000)
        throw new Error(`The local cloud's reaper (${python}) ended at once with ${signal ?? `exit code ${code}`}.`);
      child = launch();
    });
    started.on("error", (error) => {
      throw new Error(`The local cloud cannot start its reaper with ${python}.`, { cause: error });
    });
    started.stdin?.on("error", () => {});
    for (const group of groups) started.stdin?.write(`+ ${group}\n`);
    return started;
  }

  return {
    get pid() {
      return child.pid ?? 0;
    },
    register(pgid) {
      groups.add(pgid);
      child.stdin?.write(`+ ${pgid}\n`);
    },
    unregister(pgid) {
      if (groups.delete(pgid)) child.stdin?.write(`- ${pgid}\n`);
    },
    async close() {
      closing = true;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.stdin?.end();
      await gone;
    },
  };
}
