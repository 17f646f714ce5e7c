// A state machine's definition, as its JSON has it. Validation is apart (validate.ts); the interpreter trusts what passed it.

import type { ChoiceRule } from "../language/choice.js";
import type { Json, JsonObject } from "../language/json.js";

export type QueryLanguage = "JSONPath" | "JSONata";

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string | null;
  Assign?: JsonObject;
  Output?: Json;
}

/** A choice with its target; in JSONata states the test is `Condition`. */
export type Choice = ChoiceRule & { Next: string; Condition?: string; Assign?: JsonObject; Output?: Json };

export interface ItemReader {
  Resource: string;
  Parameters?: JsonObject;
  Arguments?: Json;
  ReaderConfig?: JsonObject;
}

export interface ItemBatcher {
  MaxItemsPerBatch?: Json;
  MaxItemsPerBatchPath?: string;
  MaxInputBytesPerBatch?: Json;
  MaxInputBytesPerBatchPath?: string;
  BatchInput?: Json;
}

export interface ResultWriter {
  Resource?: string;
  Parameters?: JsonObject;
  Arguments?: Json;
  WriterConfig?: JsonObject;
}

/** A state with the fields of every type; which of them may stand where is validate.ts's matter. */
export interface State {
  Type: "Pass" | "Task" | "Choice" | "Wait" | "Succeed" | "Fail" | "Parallel" | "Map";
  Comment?: string;
  QueryLanguage?: QueryLanguage;
  Next?: string;
  End?: boolean;
  InputPath?: string | null;
  OutputPath?: string | null;
  Parameters?: Json;
  ResultSelector?: Json;
  ResultPath?: string | null;
  Arguments?: Json;
  Output?: Json;
  Assign?: JsonObject;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Result?: Json;
  Resource?: string;
  TimeoutSeconds?: Json;
  TimeoutSecondsPath?: string;
  HeartbeatSeconds?: Json;
  HeartbeatSecondsPath?: string;
  Credentials?: JsonObject;
  Choices?: Choice[];
  Default?: string;
  Seconds?: Json;
  SecondsPath?: string;
  Timestamp?: string;
  TimestampPath?: string;
  Error?: string;
  ErrorPath?: string;
  Cause?: string;
  CausePath?: string;
  Branches?: Machine[];
  ItemProcessor?: Processor;
  Iterator?: Processor;
  Items?: Json;
  ItemsPath?: string;
  ItemSelector?: Json;
  MaxConcurrency?: Json;
  MaxConcurrencyPath?: string;
  ToleratedFailureCount?: Json;
  ToleratedFailureCountPath?: string;
  ToleratedFailurePercentage?: Json;
  ToleratedFailurePercentagePath?: string;
  ItemReader?: ItemReader;
  ItemBatcher?: ItemBatcher;
  ResultWriter?: ResultWriter;
  Label?: string;
}

/** States with a beginning: a whole definition, a branch of a Parallel state, a Map's processor. */
export interface Machine {
  StartAt: string;
  States: Record<string, State>;
  Comment?: string;
  QueryLanguage?: QueryLanguage;
}

export interface Processor extends Machine {
  ProcessorConfig?: { Mode?: "INLINE" | "DISTRIBUTED"; ExecutionType?: "STANDARD" | "EXPRESS" };
}

export interface Definition extends Machine {
  Version?: string;
  TimeoutSeconds?: number;
}
