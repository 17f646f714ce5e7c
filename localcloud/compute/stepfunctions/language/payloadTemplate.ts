// Payload templates of JSONPath states: fields whose names end in `.$` hold a path or an intrinsic function.
// Source: "Manipulate parameters in Step Functions workflows" in the Step Functions Developer Guide.
import { runtimeError } from "./errors.js";
import { type Chance, evaluateIntrinsic, isIntrinsic, objectOf, parseIntrinsic } from "./intrinsic.js";
import { isObject, type Json } from "./json.js";
import { evaluatePath, PathNotFoundError, type PathScope, parsePath } from "./jsonPath.js";

/** Evaluates a template. @throws StatesError `States.Runtime`, or `States.IntrinsicFailure` */
export function evaluatePayload(template: Json, scope: PathScope, chance: Chance): Json {
  if (Array.isArray(template)) return template.map((item) => evaluatePayload(item, scope, chance));
  if (!isObject(template)) return template;
  const entries = Object.entries(template);
  // The service writes what is fixed before what it evaluates.
  return objectOf([
    ...entries
      .filter(([key]) => !key.endsWith(".$"))
      .map(([key, value]): [string, Json] => [key, evaluatePayload(value, scope, chance)]),
    ...entries
      .filter(([key]) => key.endsWith(".$"))
      .map(([key, value]): [string, Json] => [key.slice(0, -2), evaluateText(value as string, key, scope, chance)]),
  ]);
}

/**
 * Evaluates one path or intrinsic function.
 * @param field name of the field that holds it, for the error
 */
export function evaluateText(text: string, field: string, scope: PathScope, chance: Chance): Json {
  try {
    return isIntrinsic(text)
      ? evaluateIntrinsic(parseIntrinsic(text), scope, chance)
      : evaluatePath(parsePath(text), scope);
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    const input = JSON.stringify(text.startsWith("$$") ? scope.context : scope.data);
    throw runtimeError(
      `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${input}'`,
    );
  }
}
