// What an execution asks of the world, and what the world answers. The interpreter itself has no clock, network or chance.
import type { Json, JsonObject } from "../language/json.js";
import type { MapItem } from "./items.js";

/** How a task's resource is called. */
export type TaskPattern = "requestResponse" | "sync" | "waitForTaskToken";

export interface TaskEffect {
  kind: "task";
  id: string;
  /** Name of the state. */
  state: string;
  /** The resource as the definition has it: a function's or activity's ARN, or `arn:aws:states:::…`. */
  resource: string;
  /** Parameters or arguments, evaluated; for a Lambda ARN or an activity the input. */
  parameters: Json;
  /** Present where the task completes by a token (`.waitForTaskToken`, activities). */
  taskToken?: string;
  /** Role of the `Credentials` field. */
  roleArn?: string;
}

/** Answer with `{ kind: "fired" }` at `atMs` or later. */
export interface TimerEffect {
  kind: "timer";
  id: string;
  atMs: number;
}

/** The effect `id` is no longer wanted: a task is stopped, a timer is dropped. Not answered. */
export interface CancelEffect {
  kind: "cancel";
  id: string;
}

/** Reads the items of a Distributed Map. Answered with `items` or `failed`. */
export interface ReadItemsEffect {
  kind: "readItems";
  id: string;
  resource: string;
  parameters: Json;
  config: JsonObject;
  /** At most so many items. */
  maxItems?: number;
}

/** Tells of a Distributed Map's run, so that it can be described while it goes on. Not answered. */
export interface MapRunEffect {
  kind: "mapRun";
  mapRunArn: string;
  state: string;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  /** Number of child executions. */
  total: number;
  /** Number of items; more than children where they are batched. */
  items: number;
  /** The children's inputs, and how their results are exported; absent before they are known. */
  inputs?: Json[];
  writer?: ResultExport;
}

/** A ResultWriter, evaluated. */
export interface ResultExport {
  /** Absent where the results become the state's output. */
  resource?: string;
  parameters: Json;
  config: JsonObject;
}

/** Bounds of a Map Run, changed while it goes on. */
export interface MapRunChanges {
  /** 0 for no bound of its own. */
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  /** 0 to 100. */
  toleratedFailurePercentage?: number;
}

/** Starts one child execution of a Distributed Map, or redrives the one that the Map Run has at this index. Answered with `succeeded` or `failed`. */
export interface ChildExecutionEffect {
  kind: "childExecution";
  id: string;
  mapRunArn: string;
  /** Name of the Map state whose processor runs. */
  state: string;
  type: "STANDARD" | "EXPRESS";
  input: Json;
  index: number;
  /** How many items the child stands for. */
  items: number;
}

/** Makes sure that a Map Run may run its children and write their results. Answered with `succeeded` or `failed`. */
export interface OpenMapRunEffect {
  kind: "openMapRun";
  id: string;
  mapRunArn: string;
  writer?: ResultExport;
}

/** Exports a Map Run's results with its writer. Answered with `succeeded` (the output) or `failed`. */
export interface WriteResultsEffect {
  kind: "writeResults";
  id: string;
  mapRunArn: string;
}

export interface ChildResult {
  executionArn: string;
  name: string;
  input: Json;
  status: "SUCCEEDED" | "FAILED";
  output?: Json;
  error?: string;
  cause?: string;
}

export type Effect =
  | TaskEffect
  | TimerEffect
  | CancelEffect
  | ReadItemsEffect
  | OpenMapRunEffect
  | MapRunEffect
  | ChildExecutionEffect
  | WriteResultsEffect;

export type Reply =
  /** The task has begun; activities name their worker. */
  | { kind: "started"; workerName?: string }
  /** `.sync` and `.waitForTaskToken`: the request was accepted, this is its response. */
  | { kind: "submitted"; output: Json }
  | { kind: "heartbeat" }
  /** The text of the output where the source gave one, so that it is passed on as it stands. */
  | { kind: "succeeded"; output: Json; text?: string; executionArn?: string; name?: string }
  | { kind: "failed"; error?: string; cause?: string; executionArn?: string; name?: string }
  | { kind: "items"; items: MapItem[] }
  | { kind: "fired" };

/** An answer to the effect `id`, with the time at which it came. */
export interface Answer {
  id: string;
  atMs: number;
  reply: Reply;
}

/** An event of the history in the API's own shape, but for the time, which is in milliseconds. */
export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestampMs: number;
  type: string;
  [details: `${string}Details`]: JsonObject | undefined;
}

export type Outcome =
  | { status: "SUCCEEDED"; output: string }
  | { status: "FAILED" | "TIMED_OUT" | "ABORTED"; error?: string; cause?: string };

/** What came of one answer: effects to carry out in order, events to keep, and the end when it has come. */
export interface Step {
  effects: Effect[];
  events: HistoryEvent[];
  outcome?: Outcome;
}
