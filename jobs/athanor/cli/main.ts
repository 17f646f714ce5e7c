// `ath`: the command line of Athanor, from its arguments to its exit code.
import { JobError, UsageError } from "../../lib/errors.js";
import { serveAttempt } from "../executors/child.js";
import { type AthOptions, runCommand } from "./arguments.js";

const STOP_SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `ath`.
 * @returns the exit code: 0 done; 1 failed; 2 wrong usage; 130 or 143 stopped
 */
export async function ath(options: AthOptions): Promise<number> {
  const { output } = options;
  const stop = new AbortController();
  let stopCode: number | undefined;
  const listeners = Object.entries(STOP_SIGNALS).map(([name, code]) => {
    const listener = () => {
      stopCode ??= code;
      stop.abort(new JobError(`Stopped by ${name}`));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await runCommand(options, stop.signal);
  } catch (thrown) {
    const error = thrown as Error;
    // A reason that the job knows needs no stack; of anything else its place is the best clue.
    output.err(`ath: ${error instanceof JobError ? error.message : (error.stack ?? error.message)}\n`);
    if (error instanceof UsageError) output.err("See: ath --help\n");
    return stopCode ?? (error instanceof JobError ? error.exitCode : 1);
  } finally {
    for (const remove of listeners) remove();
  }
}

/** What a program that is `ath` does: runs it with this process' arguments, or, as the child of one, serves an attempt. */
export async function athProgram(options: Pick<AthOptions, "registry" | "lockTimes">): Promise<void> {
  const [, module, ...args] = process.argv;
  // Whoever reads has had enough (`ath log r1 | head`): what is left is said to nobody, and a run goes on.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  if (args[0] === "attempt" && process.send) return serveAttempt(options.registry);
  process.exitCode = await ath({
    ...options,
    args,
    env: process.env,
    module: module as string,
    output: {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
      columns: process.stderr.isTTY ? process.stderr.columns : undefined,
    },
  });
}
