// What the service keeps of state machines, executions and activities.
import type { Definition } from "../definition/types.js";
import type { HistoryEvent, ResultExport } from "../interpreter/effects.js";
import type { Checkpoint } from "../interpreter/frame.js";
import type { Json, JsonObject } from "../language/json.js";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";
export type MachineType = "STANDARD" | "EXPRESS";

/** Settings that a revision fixes; versions keep theirs. */
export interface Revision {
  /** Absent of the one that the machine was created with. */
  revisionId?: string;
  definitionText: string;
  definition: Definition;
  roleArn: string;
  loggingConfiguration: JsonObject;
  tracingConfiguration: JsonObject;
  encryptionConfiguration: JsonObject;
  updatedAt: Date;
}

export interface Version {
  number: number;
  arn: string;
  description?: string;
  revision: Revision;
  createdAt: Date;
}

export interface Alias {
  name: string;
  arn: string;
  description?: string;
  routing: { arn: string; weight: number }[];
  createdAt: Date;
  updatedAt: Date;
}

export interface StateMachine {
  arn: string;
  name: string;
  type: MachineType;
  status: "ACTIVE" | "DELETING";
  createdAt: Date;
  revision: Revision;
  tags: Map<string, string>;
  versions: Map<number, Version>;
  /** The highest version number ever given; numbers are not used again. */
  lastVersion: number;
  aliases: Map<string, Alias>;
}

export interface Execution {
  arn: string;
  name: string;
  machine: StateMachine;
  revision: Revision;
  /** ARN of the version or alias through which it was started. */
  versionArn?: string;
  aliasArn?: string;
  mapRunArn?: string;
  status: ExecutionStatus;
  input: string;
  output?: string;
  error?: string;
  cause?: string;
  startedAt: Date;
  stoppedAt?: Date;
  redriveCount: number;
  redrivenAt?: Date;
  events: HistoryEvent[];
  /** Where it failed, for a redrive. */
  checkpoint?: Checkpoint;
  traceHeader?: string;
  /** Of a Distributed Map's child: how many items it stands for. */
  itemCount?: number;
  /** Runs of its own Distributed Maps. */
  readonly mapRuns: MapRun[];
  /** Resolves when it has ended; a redrive puts a new promise here. */
  ended: Promise<void>;
  end(): void;
}

export interface MapRun {
  arn: string;
  executionArn: string;
  stateMachineArn: string;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  startedAt: Date;
  stoppedAt?: Date;
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  /** Number of child executions. */
  total: number;
  /** Number of items. */
  items: number;
  executions: Execution[];
  /** The same by their place among the items. */
  byIndex: Map<number, Execution>;
  /** The children's inputs, by their place. */
  inputs: Json[];
  /** How the results are exported. */
  writer?: ResultExport;
  /** Whether a ResultWriter has written what became of the children. */
  areResultsWritten: boolean;
  redriveCount: number;
  redrivenAt?: Date;
}

export interface Activity {
  arn: string;
  name: string;
  encryptionConfiguration: JsonObject;
  createdAt: Date;
  tags: Map<string, string>;
}
