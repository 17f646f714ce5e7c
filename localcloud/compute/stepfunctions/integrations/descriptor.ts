// What an optimized integration is: a description that the runner carries out. A new one touches one file of services/.
import type { TaskPattern } from "../interpreter/effects.js";
import type { Json, JsonObject } from "../language/json.js";
import type { TaskCall } from "./integration.js";

/** How a service is called and how its errors are named: as the AWS SDK for Java 1 names them, which AWS uses for these. */
export interface ServiceNames {
  /** The service's name in `aws-sdk` resources, e.g. `sfn`. */
  sdk: string;
  /** First part of error names, e.g. `Batch` in `Batch.ClientException`. */
  prefix: string;
  /** Names the service in causes, e.g. `AWSBatch`. */
  label: string;
  /** Class of an error that the API's model does not have, e.g. `AWSBatchException`. */
  exception: string;
  /** AWS's words, where the local cloud's base has others. */
  reword?(message: string): string;
}

/** Sends one more request in the task's name; input and answer are spelled as parameters and results are. */
export type Ask = (operation: string, input: JsonObject) => Promise<JsonObject>;

/** How what a task began has ended: its result, or the detail that becomes the cause of `States.TaskFailed`. */
export type Ending = { succeeded: Json } | { failed: Json };

/** A task whose request is being made. */
export interface Asking {
  call: TaskCall;
  pattern: TaskPattern;
  ask: Ask;
}

/** What a `.sync` task has begun. */
export interface Begun {
  /** The task's request, and its response as the `TaskSubmitted` event shows it. */
  request: JsonObject;
  submitted: JsonObject;
  ask: Ask;
  /** What follows `.sync` in the resource, e.g. `:2`. */
  variant: string;
}

/** How the end is known: by an event on the account's default bus. */
export interface Completion {
  /** The request that stops it, where there is one. */
  cancel?(begun: Begun): { operation: string; input: JsonObject };
  detailTypes: readonly string[];
  /** The rule that AWS makes to hear of them, where the role has to allow it. */
  managedRule?: string;
  /** What an event's detail says of what was begun: undefined when it is about something else, or when it goes on. */
  ending(detail: JsonObject, begun: Begun): Promise<Ending> | Ending | undefined;
}

export interface Integration {
  /** The operation of the API, e.g. `SubmitJob`. */
  operation: string;
  /** Whether `.waitForTaskToken` is to be had. */
  takesToken?: boolean;
  /** The request of these parameters, PascalCase like them. @throws StatesError */
  request?(parameters: JsonObject, task: Asking): JsonObject | Promise<JsonObject>;
  /** The task's output of this answer, without its metadata. @throws StatesError for an answer that is a failure */
  response?(result: JsonObject, answer: { output: Record<string, unknown>; pattern: TaskPattern }): JsonObject;
  /** Makes `.sync` possible. */
  completion?: Completion;
  /** What may follow `.sync`, besides nothing. */
  syncVariants?: readonly string[];
}

/** All integrations of one service, by the action's name in the resource, e.g. `submitJob`. */
export interface Integrations {
  names: ServiceNames;
  actions: Record<string, Integration>;
}
