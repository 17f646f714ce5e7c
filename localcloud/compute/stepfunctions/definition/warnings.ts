// What is allowed and hardly meant: texts that look like paths in places where they are only texts.
// Source: ValidateStateMachineDefinitionDiagnostic, API Reference.
import { isObject, type Json } from "../language/json.js";
import type { Report } from "./report.js";

const looksLikePath = (text: string): boolean => /^\$(?:$|\$?[.[])/.test(text);
const looksLikeFunction = (text: string): boolean => /^States\.[A-Za-z0-9]+\(/.test(text);

/** A payload template's text that is a path or a function but for the name of its field. */
export function warnOfTemplate(value: Json, report: Report): void {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) warnOfTemplate(item, report.at(index));
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const own = report.at(key);
    if (typeof item !== "string") warnOfTemplate(item, own);
    else if (!key.endsWith(".$") && (looksLikePath(item) || looksLikeFunction(item)))
      own.warn(
        `The value of the field '${key}' looks like a JSONPath or an intrinsic function, but the field's name does not end with '.$'.`,
        "NO_DOLLAR",
      );
  }
}

/** A text outside of templates that is a path but for the name of its field. */
export function warnOfText(field: string, value: Json | undefined, report: Report): void {
  if (typeof value === "string" && !field.endsWith("Path") && looksLikePath(value))
    report.warn(
      `The value of the field '${field}' looks like a path, but the field's name does not end with 'Path'.`,
      "NO_PATH",
    );
}

/** A Pass state's `Result` with a path in it. */
export function warnOfResult(value: Json, report: Report): void {
  const hasPath = (item: Json): boolean => {
    if (typeof item === "string") return looksLikePath(item) || looksLikeFunction(item);
    return Array.isArray(item) ? item.some(hasPath) : isObject(item) && Object.values(item).some(hasPath);
  };
  if (hasPath(value))
    report.warn(
      "The Result of a Pass state is static: paths and functions in it are not evaluated.",
      "PASS_RESULT_IS_STATIC",
    );
}
