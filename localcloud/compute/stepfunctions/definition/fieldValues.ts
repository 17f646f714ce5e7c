// What the value of each field must look like: paths, templates, expressions, numbers, timestamps.
import { IntrinsicSyntaxError, isIntrinsic, parseIntrinsic } from "../language/intrinsic.js";
import { isObject, type Json } from "../language/json.js";
import { checkExpression, expressionOf, isExpression } from "../language/jsonata.js";
import { PathSyntaxError, parsePath } from "../language/jsonPath.js";
import { parseTimestamp } from "../language/timestamp.js";
import type { Report } from "./report.js";
import type { QueryLanguage, State } from "./types.js";

type Check = (value: Json, language: QueryLanguage, report: Report) => void;

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
  Seconds: number(0, MAXIMUM_SECONDS),
  TimeoutSeconds: number(1, MAXIMUM_SECONDS),
  HeartbeatSeconds: number(1, MAXIMUM_SECONDS),
  MaxConcurrency: number(0, Number.MAX_SAFE_INTEGER),
  ToleratedFailureCount: number(0, Number.MAX_SAFE_INTEGER),
  ToleratedFailurePercentage: number(0, 100, false),
  Timestamp: timestamp,
  Resource: text,
  Error: textOrExpression,
  Cause: textOrExpression,
  Comment: text,
  Branches: list,
  Choices: list,
  Retry: list,
  Catch: list,
};

/** Checks one field of a state. */
export function checkField(
  field: string,
  value: Json,
  language: QueryLanguage,
  report: Report,
  type: State["Type"],
): void {
  if (TEMPLATES.has(field)) checkTemplate(value, language, report);
  else CHECKS[field]?.(value, language, report);
  if (field === "Assign" && !isObject(value)) report.error("Expected value of type Object");
  if (field === "Resource" && type === "Task" && typeof value === "string" && !/^arn:[^:]+:[^:]+:/.test(value))
    report.error(
      `The resource provided ${value} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
}

/** Checks the paths, functions and expressions in a template. */
export function checkTemplate(value: Json, language: QueryLanguage, report: Report): void {
  if (language === "JSONata") {
    if (typeof value === "string") expression(value, report);
  }
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkTemplate(item, language, report.at(index));
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) {
      const own = report.at(key);
      if (language === "JSONata" || !key.endsWith(".$")) checkTemplate(item, language, own);
      else if (typeof item !== "string" || !isPathOrFunction(item))
        own.error(`The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
    }
}

function expression(value: string, report: Report): void {
  const isWhole: boolean = isExpression(value);
  if (!isWhole) {
    if (value.startsWith("{%") || value.endsWith("%}"))
      report.error("A JSONata expression must begin with '{%' and end with '%}'");
    return;
  }
  try {
    checkExpression(expressionOf(value));
  } catch (error) {
    report.error(`Invalid JSONata expression: ${(error as Error).message}`);
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

function nullable(check: Check): Check {
  return (value, language, report) => {
    if (value !== null) check(value, language, report);
  };
}

function path(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value !== "string" || isIntrinsic(value) || !isPathOrFunction(value))
    report.error("Value is not a valid JSONPath");
}

function pathOrFunction(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value !== "string" || !isPathOrFunction(value)) report.error("Value is not a valid JSONPath");
}

function referencePath(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value === "string" && !isIntrinsic(value) && isPathOrFunction(value)) {
    const parsed = parsePath(value);
    if (parsed.isReference && parsed.root === "$") return;
  }
  report.error("Value is not a Reference Path");
}

/** A number in a range; in JSONata states also an expression. */
function number(least: number, most: number, isInteger = true): Check {
  return (value, language, report) => {
    if (language === "JSONata" && typeof value === "string" && isExpression(value)) {
      expression(value, report);
      return;
    }
    const isRight =
      typeof value === "number" && (!isInteger || Number.isInteger(value)) && value >= least && value <= most;
    if (!isRight)
      report.error(`Expected value of type ${isInteger ? "Integer" : "Number"} between ${least} and ${most}`);
  };
}

function timestamp(value: Json, language: QueryLanguage, report: Report): void {
  if (language === "JSONata" && typeof value === "string" && isExpression(value)) {
    expression(value, report);
    return;
  }
  if (typeof value !== "string" || parseTimestamp(value) === undefined)
    report.error("String does not match RFC3339 timestamp");
}

function text(value: Json, _language: QueryLanguage, report: Report): void {
  if (typeof value !== "string") report.error("Expected value of type String");
}

function textOrExpression(value: Json, language: QueryLanguage, report: Report): void {
  text(value, language, report);
  if (language === "JSONata" && typeof value === "string") expression(value, report);
}

function list(value: Json, _language: QueryLanguage, report: Report): void {
  if (!Array.isArray(value)) report.error("Expected value of type Array");
}
