// What an operation of the API is, and what all of them work with.
import type { ServiceScheduler } from "../services/scheduler.js";
import type { EcsRegion } from "../store.js";
import type { TaskEngine } from "../tasks/engine.js";
import type { TaskLauncher } from "../tasks/launch.js";

export interface OperationWorld {
  readonly engine: TaskEngine;
  readonly launcher: TaskLauncher;
  readonly scheduler: ServiceScheduler;
  now(): Date;
}

/** One call: the caller's part of the cloud and the request's JSON. */
export interface Call {
  readonly region: EcsRegion;
  /** ARN of the caller. */
  readonly principalArn: string;
  readonly body: unknown;
  readonly world: OperationWorld;
}

/** Answers with the response's JSON; throws EcsError for what AWS refuses. */
export type Operation = (call: Call) => unknown | Promise<unknown>;

export type Operations = Readonly<Record<string, Operation>>;
