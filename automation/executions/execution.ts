// Running a workflow: StartExecution, the history while it runs, and the outcome.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { throwIfInterrupted } from "../errors.js";
import { followExecution } from "./history.js";
import { type StateProgress, type StateRun, Timeline } from "./timeline.js";

export type ExecutionStatus = "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface ExecutionResult {
  /** The workflow's name as it was asked for. */
  workflow: string;
  arn: string;
  name: string;
  status: ExecutionStatus;
  input: unknown;
  /** Parsed; absent unless it succeeded. */
  output?: unknown;
  error?: string;
  cause?: string;
  startedAt: Date;
  stoppedAt: Date;
  seconds: number;
  history: HistoryEvent[];
  /** The history read as states. */
  states: StateRun[];
}

export interface RunOptions {
  /** Name of the execution. @default a new one */
  name?: string;
  /** Hears of states as they are entered and left. @default the environment's progress */
  onState?: (state: StateProgress) => void;
  /** Stops the execution when it is aborted. */
  signal?: AbortSignal;
}

/**
 * Starts the state machine and follows the execution to its end, whatever that is.
 *
 * @param input any JSON value
 */
export async function runExecution(
  client: SFNClient,
  workflow: string,
  stateMachineArn: string,
  input: unknown,
  options: RunOptions = {},
): Promise<ExecutionResult> {
  const { onState = () => {}, signal } = options;
  throwIfInterrupted(signal);
  const name = options.name ?? `crucible-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
  const started = await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  const executionArn = started.executionArn ?? "";
  const timeline = new Timeline();
  try {
    const { execution, history } = await followExecution(
      client,
      executionArn,
      (events) => timeline.add(events).forEach(onState),
      (ms) => sleep(ms, undefined, { ...(signal && { signal }) }),
    );
    const startedAt = execution.startDate ?? started.startDate ?? new Date();
    const stoppedAt = execution.stopDate ?? new Date();
    return {
      workflow,
      arn: executionArn,
      name,
      status: execution.status as ExecutionStatus,
      input,
      ...(execution.status === "SUCCEEDED" &&
        execution.output !== undefined && { output: JSON.parse(execution.output) as unknown }),
      ...(execution.error !== undefined && { error: execution.error }),
      ...(execution.cause !== undefined && { cause: execution.cause }),
      startedAt,
      stoppedAt,
      seconds: (stoppedAt.getTime() - startedAt.getTime()) / 1000,
      history,
      states: timeline.states,
    };
  } catch (error) {
    if (signal?.aborted) await stop(client, executionArn);
    throw error;
  }
}

/** Stops an execution that still runs. */
async function stop(client: SFNClient, executionArn: string): Promise<void> {
  const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== "RUNNING") return;
  await client.send(
    new StopExecutionCommand({
      executionArn,
      error: "Interrupted",
      cause: "The caller gave up waiting for the execution.",
    }),
  );
}
