// How every job begins and ends: logged, measured, stopped in order by SIGTERM, with an exit code that says how it went.
import { InputError, JobError, UsageError } from "./errors.js";
import type { Logger } from "./log.js";

/** What a job did. Every number of it is in the metric line at the end of its log. */
export interface JobResult {
  /** Rows of the input that were read. */
  rowsIn: number;
  /** Rows (or items) that were made of them. */
  rowsOut: number;
  /** Objects that were written, as URLs. */
  written: string[];
  /** Further figures, e.g. rows by reason of refusal. */
  figures?: Record<string, unknown>;
  /** Highest resident memory of programs that the job ran, MiB. */
  childPeakMemoryMiB?: number;
}

export interface Run {
  log: Logger;
  /** The job; `signal` aborts when the process is asked to stop. */
  work(signal: AbortSignal): Promise<JobResult>;
  /** Exit code for a reason that the job knows. @default the reason's own */
  exitCodeOf?(error: JobError): number;
  /** Where stop signals come from. @default this process */
  process?: Pick<NodeJS.Process, "on" | "off">;
}

/**
 * Exit codes of jobs that are tried again unless the exit code is that of a wrong request: data that do not allow what was asked do not
 * allow it at the next try either.
 */
export function finalInput(error: JobError): number {
  return error instanceof InputError ? new UsageError(error.message).exitCode : error.exitCode;
}

/** A backfill writes hundreds; an event of CloudWatch Logs has 256 KiB at most. */
const NAMED_OBJECTS = 8;
const STOP_SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;

/**
 * Runs a job to its end and never rejects.
 * @returns the exit code: 0; 1 when the job failed; 2 when what was asked is wrong; 143 or 130 when it was stopped
 */
export async function runToExit(run: Run): Promise<number> {
  const { log, work, exitCodeOf = ({ exitCode }) => exitCode, process: host = process } = run;
  const startedAt = performance.now();
  const stop = new AbortController();
  let stopCode: number | undefined;
  const listeners = Object.entries(STOP_SIGNALS).map(([name, code]) => {
    const listener = () => {
      stopCode ??= code;
      stop.abort(new JobError(`Stopped by ${name}`));
    };
    host.on(name as NodeJS.Signals, listener);
    return () => host.off(name as NodeJS.Signals, listener);
  });
  try {
    const { figures, written, ...counts } = await work(stop.signal);
    stop.signal.throwIfAborted();
    const objects = written.length <= NAMED_OBJECTS ? { written } : {};
    log.info("metrics", { ...counts, ...usage(startedAt), objects: written.length, ...objects, ...figures });
    return 0;
  } catch (thrown) {
    const error = stop.signal.aborted ? (stop.signal.reason as Error) : (thrown as Error);
    const known = error instanceof JobError;
    log.error(error.message, {
      error: error.name,
      ...usage(startedAt),
      // A reason that the job knows needs no stack; of anything else its place is the best clue.
      ...(known ? {} : { stack: error.stack }),
    });
    return stopCode ?? (known ? exitCodeOf(error) : 1);
  } finally {
    for (const remove of listeners) remove();
  }
}

function usage(startedAt: number) {
  return {
    seconds: Number(((performance.now() - startedAt) / 1000).toFixed(3)),
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
