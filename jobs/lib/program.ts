// Running another program as a part of a job: its lines into the log, its end awaited, stopped with the job.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { JobError } from "./errors.js";

export interface Program {
  command: string;
  args: string[];
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  /** Stops the program with SIGTERM. */
  signal?: AbortSignal;
  /** Each line of its standard output. */
  onLine(line: string): void;
}

const KEPT_LINES = 20;

/**
 * Runs a program to its end.
 * @throws JobError when it cannot be started, or ends other than with 0; the message has the last lines of its standard error
 */
export async function runProgram(program: Program): Promise<void> {
  const { command, args, env, signal, onLine } = program;
  const what = [command, ...args].join(" ");
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGTERM",
  });
  const last: string[] = [];
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", (line) => {
    last.push(line);
    if (last.length > KEPT_LINES) last.shift();
  });
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (exitCode, signalName) => resolve([exitCode, signalName]));
  });
  if (signal?.aborted) throw signal.reason;
  if (failure) throw new JobError(`${what} could not be run: ${failure.message}`, { cause: failure });
  if (code !== 0)
    throw new JobError(
      `${what} ${by ? `was ended by ${by}` : `ended with exit code ${code}`}: ${last.join("\n").trim() || "no reason given"}`,
    );
}
