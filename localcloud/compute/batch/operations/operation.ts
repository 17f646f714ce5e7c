// What an operation of the API is, and what all of them work with.

import type { BatchEngine } from "../engine.js";
import type { EnvironmentCheck } from "../environmentCheck.js";
import type { BatchRegion } from "../store.js";

export interface OperationWorld {
  readonly engine: BatchEngine;
  readonly checkEnvironment: EnvironmentCheck;
}

/** One call: the caller's part of the cloud and the request's JSON. */
export interface Call {
  readonly region: BatchRegion;
  readonly body: unknown;
  readonly world: OperationWorld;
}

/** Answers with the response's JSON; throws BatchError for what AWS refuses. */
export type Operation = (call: Call) => unknown | Promise<unknown>;

/** Lets a resource be seen in its passing status (CREATING, UPDATING) before it settles, as AWS's asynchronous operations do. */
export function soon(settle: () => void): void {
  setImmediate(settle);
}
