// Retriers, catchers and choice rules.
import { OPERATORS } from "../language/choice.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { parseTimestamp } from "../language/timestamp.js";
import { checkTemplate, isPathOrFunction } from "./fieldValues.js";
import type { Report } from "./report.js";
import type { QueryLanguage } from "./types.js";
import type { VariableScope } from "./variables.js";
import { warnOfText } from "./warnings.js";

const RETRIER_FIELDS = new Set([
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
  "Comment",
]);
const CATCHER_FIELDS = new Set(["ErrorEquals", "Next", "ResultPath", "Assign", "Output", "Comment"]);
const MAXIMUM_ATTEMPTS = 99_999_999;
const MAXIMUM_DELAY_SECONDS = 31_622_400;

/** Checks `Retry` and `Catch`. */
export function checkErrorHandling(
  state: JsonObject,
  language: QueryLanguage,
  report: Report,
  scope: VariableScope,
): void {
  for (const [field, check] of [
    ["Retry", checkRetrier],
    ["Catch", checkCatcher],
  ] as const) {
    const entries = Array.isArray(state[field]) ? (state[field] as Json[]) : [];
    for (const [index, entry] of entries.entries()) {
      const own = report.at(field, index);
      if (!isObject(entry)) own.error("Expected value of type Object");
      else {
        checkErrorNames(entry, index === entries.length - 1, own);
        check(entry, language, own, scope);
      }
    }
  }
}

function checkErrorNames(entry: JsonObject, isLast: boolean, report: Report): void {
  const names = entry.ErrorEquals;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string")) {
    if (names === undefined) report.required(entry, "ErrorEquals");
    else if (Array.isArray(names) && names.length === 0) report.at("ErrorEquals").error("Value cannot be empty");
    else report.at("ErrorEquals").error("Expected value of type Array");
    return;
  }
  if (names.includes("States.ALL") && (names.length > 1 || !isLast))
    report.at("ErrorEquals").error("States.ALL must appear alone and at end of list");
}

function checkRetrier(retrier: JsonObject, _language: QueryLanguage, report: Report): void {
  report.unsupported(Object.keys(retrier).filter((field) => !RETRIER_FIELDS.has(field)));
  const within = (field: string, least: number, most: number, isInteger: boolean) => {
    if (retrier[field] !== undefined) report.at(field).number(retrier[field], least, most, isInteger);
  };
  within("IntervalSeconds", 0, MAXIMUM_ATTEMPTS, true);
  within("MaxAttempts", 0, MAXIMUM_ATTEMPTS, true);
  within("BackoffRate", 1, Number.MAX_VALUE, false);
  within("MaxDelaySeconds", 1, MAXIMUM_DELAY_SECONDS, true);
  const { JitterStrategy, MaxDelaySeconds, IntervalSeconds } = retrier;
  report.at("JitterStrategy").oneOf(JitterStrategy, "NONE", "FULL");
  if (typeof MaxDelaySeconds === "number" && MaxDelaySeconds <= ((IntervalSeconds as number | undefined) ?? 1))
    report.at("MaxDelaySeconds").error("'MaxDelaySeconds' must be greater than 'IntervalSeconds'");
}

function checkCatcher(catcher: JsonObject, language: QueryLanguage, report: Report, scope: VariableScope): void {
  report.unsupported(Object.keys(catcher).filter((field) => !CATCHER_FIELDS.has(field)));
  report.required(catcher, "Next");
  if ("Next" in catcher && typeof catcher.Next !== "string") report.at("Next").error("Expected value of type String");
  const reach = { errorOutput: true };
  if (catcher.Assign !== undefined) {
    scope.check(catcher.Assign, report.at("Assign"));
    checkTemplate(catcher.Assign, language, report.at("Assign"), reach);
  }
  const other = language === "JSONata" ? "ResultPath" : "Output";
  if (other in catcher) wrongLanguage(other, language, report);
  else if (catcher.Output !== undefined) checkTemplate(catcher.Output, language, report.at("Output"), reach);
}

/** A field that only the other query language has. */
export function wrongLanguage(field: string, language: QueryLanguage, report: Report): void {
  const other = language === "JSONata" ? "JSONPath" : "JSONata";
  report.error(
    `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`,
  );
}

/** Checks the rules of a Choice state. */
export function checkChoices(state: JsonObject, language: QueryLanguage, report: Report, scope: VariableScope): void {
  const choices = Array.isArray(state.Choices) ? state.Choices : [];
  for (const [index, choice] of choices.entries()) {
    const own = report.at("Choices", index);
    if (!isObject(choice)) {
      own.error("Expected value of type Object");
      continue;
    }
    own.required(choice, "Next");
    if ("Next" in choice && typeof choice.Next !== "string") own.at("Next").error("Expected value of type String");
    if (choice.Assign !== undefined) {
      scope.check(choice.Assign, own.at("Assign"));
      checkTemplate(choice.Assign, language, own.at("Assign"));
    }
    if (language === "JSONata") {
      for (const field of ["Variable", "And", "Or", "Not"]) if (field in choice) wrongLanguage(field, language, own);
      own.required(choice, "Condition");
      if (choice.Condition !== undefined) checkTemplate(choice.Condition, language, own.at("Condition"));
      if (choice.Output !== undefined) checkTemplate(choice.Output, language, own.at("Output"));
    } else {
      for (const field of ["Condition", "Output"]) if (field in choice) wrongLanguage(field, language, own);
      if (!("Condition" in choice)) checkRule(choice, own, new Set(["Next", "Assign", "Comment", "Output"]));
    }
  }
}

function checkRule(rule: Json, report: Report, extra: Set<string>): void {
  if (!isObject(rule)) {
    report.error("Expected value of type Object");
    return;
  }
  const fields = Object.keys(rule).filter((field) => !extra.has(field));
  const combined = fields.filter((field) => field === "And" || field === "Or" || field === "Not");
  if (combined.length > 0) {
    if (fields.length > 1) {
      report.error("The object must have only one of the following fields, [And, Or, Not, Variable, Condition]");
      return;
    }
    const [kind] = combined as [string];
    if (kind === "Not") {
      checkRule(rule.Not as Json, report.at("Not"), new Set());
      return;
    }
    const parts = rule[kind];
    if (!Array.isArray(parts) || parts.length === 0) {
      report.at(kind).error(Array.isArray(parts) ? "Value cannot be empty" : "Expected value of type Array");
      return;
    }
    for (const [index, part] of parts.entries()) checkRule(part, report.at(kind, index), new Set());
    return;
  }
  const operators = fields.filter((field) => field !== "Variable" && field !== "Comment");
  for (const field of operators)
    if (!OPERATORS.includes(field)) {
      report.unsupported([field]);
      return;
    }
  if (operators.length !== 1) {
    report.error(
      operators.length > 1
        ? `There should only be one of the following fields: [${operators.join(", ")}]`
        : "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]",
    );
    return;
  }
  report.required(rule, "Variable");
  if ("Variable" in rule) checkVariable(rule.Variable as Json, report.at("Variable"));
  const [operator] = operators as [string];
  checkOperand(operator, rule[operator] as Json, report.at(operator));
  warnOfText(operator, rule[operator], report.at(operator));
}

function checkVariable(value: Json, report: Report): void {
  if (typeof value !== "string" || !value.startsWith("$"))
    report.error("Value is not a Reference Path: Reference path didn't start with '$'");
  else if (!isPathOrFunction(value)) report.error("Value is not a Reference Path");
}

function checkOperand(operator: string, value: Json, report: Report): void {
  if (operator.endsWith("Path")) checkVariable(value, report);
  else if (operator.startsWith("Is") || operator.startsWith("Boolean")) {
    if (typeof value !== "boolean") report.error("Expected value of type Boolean");
  } else if (operator.startsWith("Numeric")) {
    if (typeof value !== "number") report.error("Expected value of type Number");
  } else if (operator.startsWith("Timestamp")) {
    if (typeof value !== "string" || parseTimestamp(value) === undefined)
      report.error("String does not match RFC3339 timestamp");
  } else if (typeof value !== "string") report.error("Expected value of type String");
}
