// What the value of each field must look like: paths, templates, expressions, numbers, timestamps.
import { IntrinsicSyntaxError, isIntrinsic, parseIntrinsic } from "../language/intrinsic.js";
import { isObject, type Json } from "../language/json.js";
import { isExpression } from "../language/jsonata.js";
import { PathSyntaxError, parsePath } from "../language/jsonPath.js";
import { parseTimestamp } from "../language/timestamp.js";
import { checkText, type Reach } from "./expressions.js";
import type { Report } from "./report.js";
import type { QueryLanguage, State } from "./types.js";
import { warnOfTemplate } from "./warnings.js";

type Check = (value: Json, language: QueryLanguage, report: Report, reach: Reach) => void;

const MAXIMUM_SECONDS = 99_999_999;

/** Fields that hold data in the state's query language. */
const TEMPLATES = new Set([
  "Parameters",
  "ResultSelector",
  "ItemSelector",
  "Arguments",
  "Output",
  "Assign",
  "Items",
  "Credentials",
]);

/** Templates whose texts may be meant as paths. */
const WARNED = new Set(["Parameters", "ResultSelector", "ItemSelector", "Assign"]);

const CHECKS: Record<string, Check> = {
  InputPath: nullable(path),
  OutputPath: nullable(path),
  ResultPath: nullable(referencePath),
  ItemsPath: path,
  SecondsPath: path,
  TimestampPath: path,
  TimeoutSecondsPath: path,
  HeartbeatSecondsPath: path,
  MaxConcurrencyPath: path,
  ToleratedFailureCountPath: path,
  ToleratedFailurePercentagePath: path,
  ErrorPath: pathOrFunction,
  CausePath: pathOrFunction,
  Seconds: checkNumber(0, MAXIMUM_SECONDS),
  TimeoutSeconds: checkNumber(1, MAXIMUM_SECONDS),
  HeartbeatSeconds: checkNumber(1, MAXIMUM_SECONDS),
  MaxConcurrency: checkNumber(0, Number.MAX_SAFE_INTEGER),
  ToleratedFailureCount: checkNumber(0, Number.MAX_SAFE_INTEGER),
  ToleratedFailurePercentage: checkNumber(0, 100, false),
  Timestamp: timestamp,
  Resource: text,
  Error: textOrExpression,
  Cause: textOrExpression,
  Comment: text,
  Branches: filled,
  Choices: filled,
  Retry: list,
  Catch: list,
};

/** Types of states whose `Assign` and `Output` see a result. */
const WITH_RESULT = new Set<State["Type"]>(["Task", "Parallel", "Map"]);

/** Checks one field of a state. */
export function checkField(
  field: string,
  value: Json,
  language: QueryLanguage,
  report: Report,
  type: State["Type"],
): void {
  const reach: Reach = { result: (field === "Output" || field === "Assign") && WITH_RESULT.has(type) };
  if (TEMPLATES.has(field)) checkTemplate(value, language, report, reach);
  else CHECKS[field]?.(value, language, report, reach);
  if (language === "JSONPath" && WARNED.has(field)) warnOfTemplate(value, report);
  if (field === "Resource" && type === "Task" && typeof value === "string" && !/^arn:[^:]+:[^:]+:/.test(value))
    report.error("Value is not a valid resource ARN");
}

/** Checks the paths, functions and expressions in a template. */
export function checkTemplate(value: Json, language: QueryLanguage, report: Report, reach: Reach = {}): void {
  if (language === "JSONata" && typeof value === "string") checkText(value, report, reach);
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkTemplate(item, language, report.at(index), reach);
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) {
      const own = report.at(key);
      if (language === "JSONata" || !key.endsWith(".$")) checkTemplate(item, language, own, reach);
      else if (typeof item !== "string" || !isPathOrFunction(item))
        own.error(`The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
    }
}

export function isPathOrFunction(value: string): boolean {
  try {
    if (isIntrinsic(value)) parseIntrinsic(value);
    else parsePath(value);
    return true;
  } catch (error) {
    if (error instanceof PathSyntaxError || error instanceof IntrinsicSyntaxError) return false;
    throw error;
  }
}

/** Whether a value is a path, and no function. */
export const isPath = (value: Json): boolean =>
  typeof value === "string" && !isIntrinsic(value) && isPathOrFunction(value);

function nullable(check: Check): Check {
  return (value, language, report, reach) => {
    if (value !== null) check(value, language, report, reach);
  };
}

const INVALID_PATH = "Value must be a valid JSONPath.";

function path(value: Json, _language: QueryLanguage, report: Report): void {
  if (!isPath(value)) report.error(INVALID_PATH);
}

function pathOrFunction(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value !== "string" || !isPathOrFunction(value)) report.error(INVALID_PATH);
}

function referencePath(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value === "string" && isPath(value)) {
    const parsed = parsePath(value);
    if (parsed.isReference && parsed.root === "$") return;
  }
  report.error("Value is not a Reference Path");
}

/** A number in a range; in JSONata states also an expression. */
export function checkNumber(least: number, most: number, isInteger = true): Check {
  return (value, language, report, reach) => {
    if (language === "JSONata" && isExpression(value)) checkText(value, report, reach);
    else report.number(value, least, most, isInteger);
  };
}

function timestamp(value: Json, language: QueryLanguage, report: Report, reach: Reach): void {
  if (language === "JSONata" && isExpression(value)) checkText(value, report, reach);
  else if (typeof value !== "string" || parseTimestamp(value) === undefined)
    report.error("String does not match RFC3339 timestamp");
}

function text(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value !== "string") report.error("Expected value of type String");
}

function textOrExpression(value: Json, language: QueryLanguage, report: Report, reach: Reach): void {
  text(value, language, report);
  if (language === "JSONata" && typeof value === "string") checkText(value, report, reach);
}

function list(value: Json, _language: QueryLanguage, report: Report): void {
  if (!Array.isArray(value)) report.error("Expected value of type Array");
}

function filled(value: Json, _language: QueryLanguage, report: Report): void {
  if (!Array.isArray(value)) report.error("Expected value of type Array");
  else if (value.length === 0) report.error("Value cannot be empty");
}
