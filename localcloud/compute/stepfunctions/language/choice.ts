// Choice rules of JSONPath states: data-test expressions and their combinations.
// Source: "Choice workflow state" in the Step Functions Developer Guide.
import { runtimeError } from "./errors.js";
import type { Json } from "./json.js";
import { evaluatePath, PathNotFoundError, type PathScope, parsePath } from "./jsonPath.js";
import { parseTimestamp } from "./timestamp.js";

/** A rule as it is written in the definition, combinations included. */
export interface ChoiceRule {
  Variable?: string;
  And?: ChoiceRule[];
  Or?: ChoiceRule[];
  Not?: ChoiceRule;
  [operator: string]: Json | ChoiceRule | ChoiceRule[] | undefined;
}

type Comparison = (left: Json, right: Json) => boolean;

const numbers =
  (holds: (left: number, right: number) => boolean): Comparison =>
  (left, right) =>
    typeof left === "number" && typeof right === "number" && holds(left, right);
const strings =
  (holds: (left: string, right: string) => boolean): Comparison =>
  (left, right) =>
    typeof left === "string" && typeof right === "string" && holds(left, right);
const timestamps =
  (holds: (left: bigint, right: bigint) => boolean): Comparison =>
  (left, right) => {
    if (typeof left !== "string" || typeof right !== "string") return false;
    const [first, second] = [parseTimestamp(left), parseTimestamp(right)];
    return first !== undefined && second !== undefined && holds(first, second);
  };

/** Operators that compare the variable with a value, and, as `<name>Path`, with what a path finds. */
const COMPARISONS: Record<string, Comparison> = {
  BooleanEquals: (left, right) => typeof left === "boolean" && left === right,
  NumericEquals: numbers((left, right) => left === right),
  NumericGreaterThan: numbers((left, right) => left > right),
  NumericGreaterThanEquals: numbers((left, right) => left >= right),
  NumericLessThan: numbers((left, right) => left < right),
  NumericLessThanEquals: numbers((left, right) => left <= right),
  StringEquals: strings((left, right) => left === right),
  StringGreaterThan: strings((left, right) => left > right),
  StringGreaterThanEquals: strings((left, right) => left >= right),
  StringLessThan: strings((left, right) => left < right),
  StringLessThanEquals: strings((left, right) => left <= right),
  TimestampEquals: timestamps((left, right) => left === right),
  TimestampGreaterThan: timestamps((left, right) => left > right),
  TimestampGreaterThanEquals: timestamps((left, right) => left >= right),
  TimestampLessThan: timestamps((left, right) => left < right),
  TimestampLessThanEquals: timestamps((left, right) => left <= right),
};

/** Operators that ask what the variable is; the rule holds when the answer is the value given. */
const TYPE_TESTS: Record<string, (value: Json) => boolean> = {
  IsBoolean: (value) => typeof value === "boolean",
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === "number",
  IsString: (value) => typeof value === "string",
  IsTimestamp: (value) => typeof value === "string" && parseTimestamp(value) !== undefined,
};

/** Every operator's name. */
export const OPERATORS: readonly string[] = [
  ...Object.keys(COMPARISONS),
  ...Object.keys(COMPARISONS).map((name) => `${name}Path`),
  ...Object.keys(TYPE_TESTS),
  "IsPresent",
  "StringMatches",
];

/**
 * Whether a rule holds.
 * @throws StatesError `States.Runtime` when a path leads nowhere (`IsPresent` asks just that and does not throw)
 */
export function holds(rule: ChoiceRule, scope: PathScope): boolean {
  if (rule.And) return rule.And.every((inner) => holds(inner, scope));
  if (rule.Or) return rule.Or.some((inner) => holds(inner, scope));
  if (rule.Not) return !holds(rule.Not, scope);
  const operator = Object.keys(rule).find((key) => OPERATORS.includes(key)) as string;
  const expected = rule[operator] as Json;
  if (operator === "IsPresent") return isPresent(rule.Variable as string, scope) === expected;
  const value = read(rule.Variable as string, scope);
  const typeTest = TYPE_TESTS[operator];
  if (typeTest) return typeTest(value) === expected;
  if (operator === "StringMatches") return typeof value === "string" && matches(value, expected as string);
  const comparison = COMPARISONS[operator];
  if (comparison) return comparison(value, expected);
  return (COMPARISONS[operator.slice(0, -"Path".length)] as Comparison)(value, read(expected as string, scope));
}

function read(text: string, scope: PathScope): Json {
  try {
    return evaluatePath(parsePath(text), scope);
  } catch (error) {
    if (error instanceof PathNotFoundError)
      throw runtimeError(`Invalid path '${text}': The choice state's condition path references an invalid value.`);
    throw error;
  }
}

function isPresent(text: string, scope: PathScope): boolean {
  try {
    const path = parsePath(text);
    const found = evaluatePath(path, scope);
    return path.isDefinite || (found as Json[]).length > 0;
  } catch (error) {
    if (error instanceof PathNotFoundError) return false;
    throw error;
  }
}

/**
 * `*` stands for any text, also none; `\*` for a star and `\\` for a backslash. Each star takes as little as it can, so that the work
 * grows with the text and never with the number of stars.
 */
export function matches(text: string, pattern: string): boolean {
  const [first = "", ...rest] = literals(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let position = first.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, position);
    if (found < 0) return false;
    position = found + literal.length;
  }
  return position <= end;
}

/** The texts between the stars. */
function literals(pattern: string): string[] {
  const parts = [""];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] as string;
    const next = pattern[index + 1];
    if (character === "*") parts.push("");
    else if (character === "\\" && (next === "*" || next === "\\")) {
      parts[parts.length - 1] += next;
      index += 1;
    } else parts[parts.length - 1] += character;
  }
  return parts;
}
