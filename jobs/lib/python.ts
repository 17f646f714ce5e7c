// Running a Python part of a job.
import { fileURLToPath } from "node:url";
import { JobError } from "./errors.js";
import type { Limits } from "./limits.js";
import type { Logger } from "./log.js";
import { runProgram } from "./program.js";

export interface PythonContext {
  /** URL of the folder that has `python/`, with a slash at its end. */
  assets: URL;
  limits: Limits;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Runs `python/<script>` to its end, on as many threads as the job has; its standard output goes into the log.
 * @throws JobError when it fails, naming the package that python3 does not have if that is why
 */
export async function runPython(context: PythonContext, script: string, args: string[]): Promise<void> {
  const { assets, limits, log, signal } = context;
  try {
    await runProgram({
      command: "python3",
      args: [fileURLToPath(new URL(`python/${script}`, assets)), ...args],
      env: {
        OMP_NUM_THREADS: String(limits.threads),
        // Threads that wait for one another by spinning take the processor from the one they wait for, where there is less than one each.
        OMP_WAIT_POLICY: "PASSIVE",
        PYTHONDONTWRITEBYTECODE: "1",
      },
      signal,
      onLine: (line) => log.info(line),
    });
  } catch (cause) {
    const missing = /ModuleNotFoundError: No module named '(\w+)'/.exec((cause as Error).message)?.[1];
    if (!missing) throw cause;
    throw new JobError(`python3 has no ${missing}: install requirements/jobs.txt for it`, { cause });
  }
}
