// Pass, Succeed and Fail.
import { QueryEvaluationError, StatesError } from "../../language/errors.js";
import { isIntrinsic } from "../../language/intrinsic.js";
import { evaluateExpression, isExpression, unexpectedType } from "../../language/jsonata.js";
import type { Visit } from "../fields.js";
import type { Result } from "../machine.js";
import { Payload } from "../payload.js";

/** The result is `Result`, or the input as `Parameters` shape it. */
export function pass(visit: Visit): Result {
  const { state } = visit;
  if (visit.isJsonata) return { payload: visit.input };
  const input = visit.effectiveInput();
  if (state.Result !== undefined) return { payload: Payload.of(state.Result) };
  return {
    payload:
      state.Parameters === undefined
        ? input
        : visit.inspect("afterParameters", Payload.of(visit.template(state.Parameters, input.value))),
  };
}

export const succeed = (visit: Visit): Result => ({ payload: visit.effectiveInput() });

/** Always throws the error that the state describes. */
export async function fail(visit: Visit): Promise<never> {
  const [error, cause] = [await reason(visit, "Error"), await reason(visit, "Cause")];
  const failure = new StatesError(error, cause);
  failure.isLocated = true;
  throw failure;
}

async function reason(visit: Visit, field: "Error" | "Cause"): Promise<string | undefined> {
  const literal = visit.state[field];
  if (isExpression(literal)) {
    const value = await evaluateExpression(literal, field, visit.bindings());
    if (typeof value !== "string") throw unexpectedType(literal, field, "string", value);
    return value;
  }
  if (literal !== undefined) return literal;
  const path = visit.state[`${field}Path`];
  if (path === undefined) return undefined;
  const value = visit.text(path, `${field}Path`, visit.input.value);
  if (typeof value === "string") return value;
  const source = isIntrinsic(path) ? "intrinsic function" : "path";
  throw new QueryEvaluationError(
    `The ${field}Path ${source} '${path}' must lead to a string, not ${JSON.stringify(value)}`,
    undefined,
  );
}
