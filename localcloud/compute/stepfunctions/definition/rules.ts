// Retriers, catchers and choice rules.
import { OPERATORS } from "../language/choice.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { parseTimestamp } from "../language/timestamp.js";
import { checkTemplate, isPathOrFunction } from "./fieldValues.js";
import type { Report } from "./report.js";
import type { QueryLanguage } from "./types.js";

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
export function checkErrorHandling(state: JsonObject, language: QueryLanguage, report: Report): void {
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
        check(entry, language, own);
      }
    }
  }
}

function checkErrorNames(entry: JsonObject, isLast: boolean, report: Report): void {
  const names = entry.ErrorEquals;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string")) {
    report.error("The field 'ErrorEquals' is required and must be a list of names");
    return;
  }
  if (!names.includes("States.ALL")) return;
  if (names.length > 1) report.at("ErrorEquals").error("'States.ALL' must be the only error in its list");
  if (!isLast) report.at("ErrorEquals").error("'States.ALL' may stand only in the last entry");
}

function checkRetrier(retrier: JsonObject, _language: QueryLanguage, report: Report): void {
  for (const field of Object.keys(retrier))
    if (!RETRIER_FIELDS.has(field)) report.at(field).error(`The field '${field}' is not supported by Step Functions`);
  const within = (field: string, least: number, most: number, isInteger: boolean) => {
    const value = retrier[field];
    if (value === undefined) return;
    const isRight =
      typeof value === "number" && (!isInteger || Number.isInteger(value)) && value >= least && value <= most;
    if (!isRight)
      report.at(field).error(`Expected value of type ${isInteger ? "Integer" : "Number"} between ${least} and ${most}`);
  };
  within("IntervalSeconds", 1, MAXIMUM_ATTEMPTS, true);
  within("MaxAttempts", 0, MAXIMUM_ATTEMPTS, true);
  within("BackoffRate", 1, Number.MAX_VALUE, false);
  within("MaxDelaySeconds", 1, MAXIMUM_DELAY_SECONDS, true);
  const { JitterStrategy, MaxDelaySeconds, IntervalSeconds } = retrier;
  if (JitterStrategy !== undefined && JitterStrategy !== "FULL" && JitterStrategy !== "NONE")
    report.at("JitterStrategy").error("Value is not valid. Expected one of: FULL, NONE");
  if (typeof MaxDelaySeconds === "number" && MaxDelaySeconds <= ((IntervalSeconds as number | undefined) ?? 1))
    report.at("MaxDelaySeconds").error("'MaxDelaySeconds' must be greater than 'IntervalSeconds'");
}

function checkCatcher(catcher: JsonObject, language: QueryLanguage, report: Report): void {
  for (const field of Object.keys(catcher))
    if (!CATCHER_FIELDS.has(field)) report.at(field).error(`The field '${field}' is not supported by Step Functions`);
  if (typeof catcher.Next !== "string") report.error("The field 'Next' is required but was missing");
  if (catcher.Assign !== undefined) checkTemplate(catcher.Assign, language, report.at("Assign"));
  if (catcher.Output !== undefined) {
    if (language === "JSONata") checkTemplate(catcher.Output, language, report.at("Output"));
    else report.at("Output").error("The field 'Output' is not supported when QueryLanguage is 'JSONPath'");
  }
  if (catcher.ResultPath !== undefined && language === "JSONata")
    report.at("ResultPath").error("The field 'ResultPath' is not supported when QueryLanguage is 'JSONata'");
}

/** Checks the rules of a Choice state. */
export function checkChoices(state: JsonObject, language: QueryLanguage, report: Report): void {
  const choices = Array.isArray(state.Choices) ? state.Choices : [];
  if (Array.isArray(state.Choices) && choices.length === 0)
    report.at("Choices").error("At least one choice rule is required");
  for (const [index, choice] of choices.entries()) {
    const own = report.at("Choices", index);
    if (!isObject(choice)) {
      own.error("Expected value of type Object");
      continue;
    }
    if (typeof choice.Next !== "string") own.error("The field 'Next' is required but was missing");
    if (choice.Assign !== undefined) checkTemplate(choice.Assign, language, own.at("Assign"));
    if (language === "JSONata") {
      if (choice.Condition === undefined) own.error("The field 'Condition' is required but was missing");
      else checkTemplate(choice.Condition, language, own.at("Condition"));
      if (choice.Output !== undefined) checkTemplate(choice.Output, language, own.at("Output"));
    } else checkRule(choice, own, new Set(["Next", "Assign", "Comment"]));
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
      report.error("A choice rule has one of And, Or, Not, or one comparison");
      return;
    }
    const [kind] = combined as [string];
    if (kind === "Not") {
      checkRule(rule.Not as Json, report.at("Not"), new Set());
      return;
    }
    const parts = rule[kind];
    if (!Array.isArray(parts) || parts.length === 0) {
      report.at(kind).error("Expected a list of at least one rule");
      return;
    }
    for (const [index, part] of parts.entries()) checkRule(part, report.at(kind, index), new Set());
    return;
  }
  const operators = fields.filter((field) => field !== "Variable" && field !== "Comment");
  for (const field of operators)
    if (!OPERATORS.includes(field)) {
      report.at(field).error(`The field '${field}' is not supported by Step Functions`);
      return;
    }
  if (operators.length !== 1) {
    report.error("A choice rule has exactly one comparison operator");
    return;
  }
  if (typeof rule.Variable !== "string" || !isPathOrFunction(rule.Variable))
    report.at("Variable").error("Value is not a valid JSONPath");
  checkOperand(operators[0] as string, rule[operators[0] as string] as Json, report.at(operators[0] as string));
}

function checkOperand(operator: string, value: Json, report: Report): void {
  if (operator.endsWith("Path")) {
    if (typeof value !== "string" || !isPathOrFunction(value)) report.error("Value is not a valid JSONPath");
  } else if (operator.startsWith("Is") || operator.startsWith("Boolean")) {
    if (typeof value !== "boolean") report.error("Expected value of type Boolean");
  } else if (operator.startsWith("Numeric")) {
    if (typeof value !== "number") report.error("Expected value of type Number");
  } else if (operator.startsWith("Timestamp")) {
    if (typeof value !== "string" || parseTimestamp(value) === undefined)
      report.error("String does not match RFC3339 timestamp");
  } else if (typeof value !== "string") report.error("Expected value of type String");
}
