// Evaluates a state's fields in its query language.
import type { State } from "../definition/types.js";
import { runtimeError } from "../language/errors.js";
import type { Chance } from "../language/intrinsic.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import {
  type Bindings,
  evaluateExpression,
  evaluateTemplate,
  isExpression,
  tooLow,
  unexpectedType,
} from "../language/jsonata.js";
import { evaluatePath, PathNotFoundError, type PathScope, parsePath, withValueAt } from "../language/jsonPath.js";
import { evaluatePayload, evaluateText } from "../language/payloadTemplate.js";
import type { Frame } from "./frame.js";
import { Payload } from "./payload.js";
import type { Run } from "./run.js";

/** Types of states that can be retried; only theirs have a retry count. */
const RETRYABLE = new Set<State["Type"]>(["Task", "Parallel", "Map"]);

/** The lowest number that a field may hold. */
const LEAST: Partial<Record<string, number>> = { TimeoutSeconds: 1, HeartbeatSeconds: 1, MaxConcurrency: 0 };

/** One visit of a state: its input, and what it knows while it runs. */
export class Visit {
  retryCount = 0;
  taskToken: string | undefined;
  readonly enteredMs: number;
  /** Id of the state's `…Entered` event, which error causes name. */
  enteredEventId = 0;
  /** Which of the execution's states it is: 1 for the first. */
  readonly ordinal: number;

  constructor(
    readonly run: Run,
    readonly frame: Frame,
    readonly name: string,
    readonly state: State,
    readonly input: Payload,
  ) {
    this.enteredMs = run.nowMs;
    this.ordinal = ++run.statesEntered;
  }

  get isJsonata(): boolean {
    return (this.state.QueryLanguage ?? this.frame.language) === "JSONata";
  }

  get chance(): Chance {
    return this.run.options.chance;
  }

  /** The Context object. */
  context(map: JsonObject | undefined = this.frame.map): JsonObject {
    const { contextObject, context } = this.run.options;
    if (contextObject) return map === undefined ? contextObject : { ...contextObject, Map: map };
    const { Execution, StateMachine } = context;
    return {
      Execution,
      StateMachine,
      State: {
        Name: this.name,
        EnteredTime: new Date(this.enteredMs).toISOString(),
        ...(RETRYABLE.has(this.state.Type) ? { RetryCount: this.retryCount } : {}),
      },
      ...(this.taskToken === undefined ? {} : { Task: { Token: this.taskToken } }),
      ...(map === undefined ? {} : { Map: map }),
    };
  }

  scope(data: Json, map?: JsonObject): PathScope {
    let context: JsonObject | undefined;
    const visit = this;
    return {
      data,
      get context() {
        context ??= visit.context(map);
        return context;
      },
      variable: (name) => this.frame.variables.get(name),
    };
  }

  bindings(extra: JsonObject = {}, map?: JsonObject): Bindings {
    return {
      states: { input: this.input.value, context: this.context(map), ...extra },
      variables: this.frame.variables.all(),
      nowMs: this.run.nowMs,
      chance: this.chance,
      lane: this.run,
    };
  }

  /** The input after `InputPath`. */
  effectiveInput(): Payload {
    if (this.isJsonata) return this.input;
    return this.inspect("afterInputPath", this.atPath(this.state.InputPath, this.input, "InputPath"));
  }

  /** Shows data to whoever inspects the run, and gives it back. */
  inspect(stage: string, payload: Payload): Payload {
    this.run.options.inspect?.(this.name, stage, payload.text);
    return payload;
  }

  /** What an input or output path leads to; `null` stands for an empty object, nothing for all. */
  atPath(path: string | null | undefined, data: Payload, _field: string): Payload {
    if (path === undefined || path === "$") return data;
    if (path === null) return Payload.of({});
    try {
      return Payload.of(evaluatePath(parsePath(path), this.scope(data.value)));
    } catch (error) {
      if (error instanceof PathNotFoundError) throw runtimeError(`Invalid path '${path}' : ${error.detail}`);
      throw error;
    }
  }

  /** A payload template of a JSONPath state. */
  template(template: Json, data: Json, map?: JsonObject): Json {
    return evaluatePayload(template, this.scope(data, map), this.chance);
  }

  /** A path or an intrinsic function in a field such as `ErrorPath`. */
  text(text: string, field: string, data: Json): Json {
    return evaluateText(text, field, this.scope(data), this.chance);
  }

  /** Puts a result into the state's input as `ResultPath` says. */
  withResult(path: string | null | undefined, result: Payload): Payload {
    if (path === undefined || path === "$") return result;
    if (path === null) return this.input;
    try {
      return Payload.of(withValueAt(parsePath(path), this.input.value, result.value));
    } catch (error) {
      if (!(error instanceof PathNotFoundError)) throw error;
      throw runtimeError(`Unable to apply Reference Path ${path} to input ${this.input.text}`);
    }
  }

  /**
   * A number from a field, from the field's `…Path` form, or from an expression.
   * @throws StatesError with the service's wording for a value that is not such a number
   */
  async number(field: keyof State & string, kind: "integer" | "float", data: Json): Promise<number | undefined> {
    const least = LEAST[field] ?? Number.NEGATIVE_INFINITY;
    const literal = this.state[field] as Json | undefined;
    if (isExpression(literal)) {
      const value = await evaluateExpression(literal, field, this.bindings());
      if (typeof value !== "number") throw unexpectedType(literal, field, "number", value);
      if (kind === "integer" && !Number.isInteger(value)) throw unexpectedType(literal, field, "integer", value);
      if (value < least) throw tooLow(literal, field, least, value);
      return value;
    }
    if (literal !== undefined) return literal as number;
    const path = this.state[`${field}Path` as keyof State] as string | undefined;
    if (path === undefined) return undefined;
    const found = this.text(path, `${field}Path`, data);
    const value = asNumber(found);
    if (value === undefined || (kind === "integer" && !Number.isInteger(value)))
      throw runtimeError(
        `The ${field}Path field refers to value "${typeof found === "string" ? found : JSON.stringify(found)}" which is not a valid ${kind}: ${path}`,
      );
    if (value < least)
      throw runtimeError(`The ${field}Path field refers to a value below ${least}: ${path} == ${value}`);
    return value;
  }

  /** Evaluates `Assign`; the variables take their values when the state is left. */
  async assignments(assign: JsonObject | undefined, data: Json, extra: JsonObject): Promise<JsonObject | undefined> {
    if (assign === undefined) return undefined;
    const values = this.isJsonata
      ? await evaluateTemplate(assign, "Assign", this.bindings(extra))
      : this.template(assign, data);
    return isObject(values) ? values : undefined;
  }
}

/** A number, also where it stands as text, as the service reads the fields that a path leads to. */
export function asNumber(value: Json): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
