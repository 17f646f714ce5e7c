// A task's way into the world: one interface, with one descriptor per kind of resource behind it.
import type { SessionCredentials } from "../../service.js";
import type { Reply, TaskEffect } from "../interpreter/effects.js";

/** One task of an execution. */
export interface TaskCall {
  readonly account: string;
  readonly region: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly effect: TaskEffect;
  /** A session of the state machine's role, or of the role in the task's `Credentials`. Rejects when it cannot be assumed. */
  credentials(): Promise<SessionCredentials>;
  /** Aborted when the task is no longer wanted: what it started has to be stopped. */
  readonly signal: AbortSignal;
  reply(reply: Reply): void;
}

export interface TaskRunner {
  /** Begins a task; its replies come through `call.reply`. Never throws. */
  start(call: TaskCall): void;
}
