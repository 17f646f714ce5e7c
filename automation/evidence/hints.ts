// Why a run failed, as far as the cloud tells: the execution's error, and each failed job's reason and last words.
import type { ExecutionResult } from "../executions/execution.js";
import type { LogLine } from "../executions/logs.js";
import type { JobRun } from "./jobs.js";

const LONGEST = 600;

/** A line for each execution and job that did not succeed. */
export function failureHints(
  executions: readonly ExecutionResult[],
  jobs: readonly JobRun[],
  logs: readonly LogLine[],
): string[] {
  const failedJobs = jobs.filter((job) => job.status === "FAILED");
  const ofExecutions = executions
    .filter(({ status }) => status !== "SUCCEEDED")
    .map((execution) => {
      const state = execution.states.find(({ error }) => error !== undefined);
      const where = state ? ` in state "${state.name}"` : "";
      // The cause of a failed job is the whole job as JSON, which the job's own line says better.
      const cause = failedJobs.length > 0 || execution.cause === undefined ? "" : `: ${execution.cause}`;
      return `${execution.workflow} ${execution.status}${where}: ${execution.error ?? "no error given"}${cause}`;
    });
  const ofJobs = failedJobs.map((job) => {
    const last = logs.findLast(({ stream }) => stream === job.logStream)?.message;
    const exit = job.exitCode === undefined ? "" : `, exit code ${job.exitCode}`;
    return `job ${job.name} FAILED${exit}: ${job.reason ?? "no reason given"}${last === undefined ? "" : `; its last line: ${messageIn(last)}`}`;
  });
  return [...ofExecutions, ...ofJobs].map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}

/** The message of a structured log line; the line itself when it is none. */
function messageIn(line: string): string {
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === "string" ? message : line;
  } catch {
    return line;
  }
}
