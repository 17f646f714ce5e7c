// Errors of the states language: a name that Retry and Catch match, and a cause for people.

/** An error inside an execution; `error` is matched by `ErrorEquals`. */
export class StatesError extends Error {
  /** Other names that match it, e.g. `States.HeartbeatTimeout` for a time-out. */
  aliases?: readonly string[];
  /** Whether the cause already names the state in which it arose. */
  isLocated = false;

  constructor(
    readonly error: string | undefined,
    override readonly cause: string | undefined,
  ) {
    super(`${error ?? "(no error name)"}: ${cause ?? "(no cause)"}`);
    this.name = "StatesError";
  }
}

/** An expression that could not be evaluated; `field` is the path of the field that holds it, as `EvaluationFailed` reports it. */
export class QueryEvaluationError extends StatesError {
  constructor(
    cause: string,
    readonly field: string | undefined,
  ) {
    super("States.QueryEvaluationError", cause);
  }
}

/** A runtime error: by AWS's rules never retried, and not caught by `States.ALL`. */
export const runtimeError = (cause: string): StatesError => new StatesError("States.Runtime", cause);
