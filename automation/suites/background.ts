// A run in the background: the same command line in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { CrucibleError } from "../errors.js";
import { reportFolder } from "../home.js";
import { outputOf, readRecord } from "./run-record.js";

/**
 * Runs this process's command line again, without `--detach`, as the run `run`. Resolves once that run has begun.
 *
 * @throws CrucibleError with what it printed when it ends before
 */
export async function startInBackground(run: string): Promise<{ pid: number; output: string }> {
  const folder = reportFolder(run);
  const output = outputOf(run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = openSync(output, "a", 0o600);
  const args = process.argv.slice(1).filter((word) => !/^--detach(=true)?$/.test(word));
  const child = spawn(process.execPath, [...process.execArgv, ...args, "--run", run], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const watcher = watch(folder);
  try {
    const ended = once(child, "exit").then(([code]) => code as number | null);
    let code: number | null | undefined;
    while (!(await readRecord(run)) && code === undefined)
      code = await Promise.race([once(watcher, "change").then(() => undefined), ended]);
    if (code !== undefined && code !== 0)
      throw new CrucibleError(`Run ${run} ended at once:\n${(await readFile(output, "utf8")).trim()}`);
  } finally {
    watcher.close();
    child.unref();
  }
  return { pid: child.pid ?? 0, output };
}
