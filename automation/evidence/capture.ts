// What is kept of a test besides its data: outputs, histories, jobs, logs and what it would have cost.
import type { Environment } from "../environments/environment.js";
import type { ExecutionResult } from "../executions/execution.js";
import type { LogLine } from "../executions/logs.js";
import { type Cost, estimateCost, transitionsOf } from "./cost.js";
import type { EvidenceFolder } from "./folder.js";
import { failureHints } from "./hints.js";
import { type JobRun, readJobs } from "./jobs.js";

export interface Captured {
  jobs: JobRun[];
  logs: LogLine[];
  cost: Cost;
}

/** Whether a queue is the environment's, by its name. */
const ownQueues = (env: Environment) =>
  env.target === "local" ? () => true : (name: string) => name.includes(env.suffix);

/** Why an execution failed, a line each; see `failureHints`. */
export async function explain(env: Environment, execution: ExecutionResult): Promise<string[]> {
  const since = execution.startedAt;
  const [jobs, logs] = await Promise.all([readJobs(env.aws, ownQueues(env), since), env.logs({ since })]);
  return failureHints([execution], jobs, logs);
}

/**
 * Writes the evidence of a test that ran, however it went.
 *
 * @param own what of jobs and logs is the test's where others run in the environment too: those of its executions, or all from its
 *   beginning where one runs after the other
 */
export async function capture(
  env: Environment,
  executions: readonly ExecutionResult[],
  evidence: EvidenceFolder,
  own: { executionsOnly?: boolean; since?: Date } = {},
): Promise<Captured> {
  const { since } = own;
  const all = await Promise.all([readJobs(env.aws, ownQueues(env), since), env.logs({ ...(since && { since }) })]);
  const [jobs, logs] = own.executionsOnly ? ofExecutions(...all, executions) : all;
  const cost = estimateCost({
    region: env.region,
    tasks: jobs.filter((job) => job.seconds > 0),
    stateTransitions: executions.reduce((sum, { history }) => sum + transitionsOf(history), 0),
    logBytes: logs.reduce((sum, { message }) => sum + Buffer.byteLength(message) + LOG_EVENT_BYTES, 0),
  });
  await evidence.json("outputs.json", env.outputs);
  for (const { history, ...execution } of executions) {
    await evidence.json(`executions/${execution.name}.json`, execution);
    await evidence.json(`executions/${execution.name}.history.json`, history);
  }
  await evidence.json("jobs.json", jobs);
  for (const [stream, lines] of byStream(logs))
    await evidence.text(
      `logs/${stream.replaceAll(/[^\w.-]+/g, "_")}.log`,
      lines.map(({ at, message }) => `${at.toISOString()} ${message}\n`).join(""),
    );
  await evidence.json("cost.json", cost);
  return { jobs, logs, cost };
}

/** Jobs whose ids are in the executions' histories, and what those wrote. */
export function ofExecutions(
  jobs: readonly JobRun[],
  logs: readonly LogLine[],
  executions: readonly Pick<ExecutionResult, "history">[],
): [JobRun[], LogLine[]] {
  const told = executions.map(({ history }) => JSON.stringify(history));
  const own = jobs.filter(({ id }) => told.some((text) => text.includes(id)));
  const streams = new Set(own.flatMap(({ logStream }) => logStream ?? []));
  // The streams of an array job's children bear names of their own, which the parent does not tell: by definition they are its.
  const definitions = new Set(
    own.filter(({ logStream }) => !logStream).map(({ definition }) => definition.split(":")[0]),
  );
  return [own, logs.filter(({ stream }) => streams.has(stream) || definitions.has(stream.split("/")[0]))];
}

/** What CloudWatch Logs counts for each event besides its message ("CloudWatch Logs quotas"). */
const LOG_EVENT_BYTES = 26;

export function byStream(lines: readonly LogLine[]): Map<string, LogLine[]> {
  const streams = new Map<string, LogLine[]>();
  for (const line of lines) {
    const key = `${line.group}/${line.stream}`;
    const present = streams.get(key);
    if (present) present.push(line);
    else streams.set(key, [line]);
  }
  return streams;
}
