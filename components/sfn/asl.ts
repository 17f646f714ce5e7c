// Amazon States Language in types: the part of it that JSONata state machines use ("Amazon States Language", Step Functions
// Developer Guide). A value can be an output of a resource wherever Step Functions only sees text.

/** Text between `{%` and `%}`. */
export type Expression = `{%${string}%}`;

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  /** 0 to 99999999; 0 never retries. */
  MaxAttempts?: number;
  /** At least 1. */
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Output?: unknown;
  /** Variable → value; `$states.errorOutput` has `Error` and `Cause`. */
  Assign?: Record<string, unknown>;
}

interface Common {
  Comment?: string;
  Output?: unknown;
  /** Variable → value. Variables are seen by all states after this one, those inside later branches included. */
  Assign?: Record<string, unknown>;
}

/** A state that goes on: to `Next`, or to the end. A sequence fills in whichever is missing. */
interface Going {
  Next?: string;
  End?: true;
}

export interface TaskState extends Common, Going {
  Type: "Task";
  Resource: string;
  Arguments?: unknown;
  TimeoutSeconds?: number | Expression;
  HeartbeatSeconds?: number | Expression;
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface ParallelState extends Common, Going {
  Type: "Parallel";
  Branches: StateGroup[];
  Arguments?: unknown;
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface MapState extends Common, Going {
  Type: "Map";
  Items?: Expression | unknown[];
  ItemSelector?: unknown;
  ItemProcessor: StateGroup & { ProcessorConfig?: { Mode: "INLINE" | "DISTRIBUTED"; ExecutionType?: string } };
  MaxConcurrency?: number | Expression;
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface PassState extends Common, Going {
  Type: "Pass";
}

export interface WaitState extends Common, Going {
  Type: "Wait";
  Seconds?: number | Expression;
  Timestamp?: string;
}

export interface ChoiceState extends Common {
  Type: "Choice";
  Choices: (Common & { Condition: Expression | boolean; Next: string })[];
  Default?: string;
}

export interface SucceedState extends Common {
  Type: "Succeed";
}

export interface FailState {
  Type: "Fail";
  Comment?: string;
  Error?: string;
  Cause?: string;
}

export type State =
  | TaskState
  | ParallelState
  | MapState
  | PassState
  | WaitState
  | ChoiceState
  | SucceedState
  | FailState;

/** States with the one that begins. */
export interface StateGroup {
  StartAt: string;
  States: Record<string, State>;
}

/** A whole state machine. */
export interface Definition extends StateGroup {
  Comment?: string;
  QueryLanguage: "JSONata";
  /** How long an execution may take, seconds. */
  TimeoutSeconds?: number;
}
