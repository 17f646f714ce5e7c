// Wait: for a number of seconds, or until a time.
import { QueryEvaluationError, runtimeError, type StatesError } from "../../language/errors.js";
import type { Json } from "../../language/json.js";
import { evaluateExpression, isExpression, unexpectedType } from "../../language/jsonata.js";
import { timestampMs } from "../../language/timestamp.js";
import type { Visit } from "../fields.js";
import type { Result } from "../machine.js";

export async function waitFor(visit: Visit): Promise<Result> {
  const { state, run, frame } = visit;
  const payload = visit.effectiveInput();
  const isByTime = state.Timestamp !== undefined || state.TimestampPath !== undefined;
  const atMs = isByTime ? await until(visit, payload.value) : run.nowMs + (await seconds(visit, payload.value)) * 1000;
  if (atMs > run.nowMs) await run.perform(frame.scope, { kind: "timer", atMs });
  return { payload };
}

async function seconds(visit: Visit, data: Json): Promise<number> {
  const { Seconds, SecondsPath } = visit.state;
  if (SecondsPath !== undefined) {
    const value = visit.text(SecondsPath, "SecondsPath", data);
    const shown = `${SecondsPath} == ${typeof value === "string" ? value : JSON.stringify(value)}`;
    if (typeof value !== "number" || !Number.isInteger(value))
      throw runtimeError(`The SecondsPath parameter cannot be parsed as a long value: ${shown}`);
    if (value < 0) throw runtimeError(`The SecondsPath parameter references a negative value: ${shown}`);
    return value;
  }
  if (!isExpression(Seconds)) return Seconds as number;
  const value = await evaluateExpression(Seconds, "Seconds", visit.bindings());
  if (typeof value !== "number" || !Number.isInteger(value)) throw unexpectedType(Seconds, "Seconds", "integer", value);
  if (value < 0) throw new QueryEvaluationError(`The Seconds field must not be negative: ${value}`, "Seconds");
  return value;
}

async function until(visit: Visit, data: Json): Promise<number> {
  const { Timestamp, TimestampPath } = visit.state;
  if (TimestampPath !== undefined) {
    const value = visit.text(TimestampPath, "TimestampPath", data);
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return parse(
      value,
      runtimeError(
        `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${TimestampPath} == ${shown}`,
      ),
    );
  }
  const value: Json = isExpression(Timestamp)
    ? await evaluateExpression(Timestamp, "Timestamp", visit.bindings())
    : (Timestamp ?? null);
  return parse(
    value,
    new QueryEvaluationError(
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${typeof value === "string" ? value : JSON.stringify(value)}`,
      "Timestamp",
    ),
  );
}

function parse(value: Json, refusal: StatesError): number {
  const parsed = typeof value === "string" ? timestampMs(value) : undefined;
  if (parsed === undefined) throw refusal;
  return parsed;
}
