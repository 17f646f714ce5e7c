// What a workflow is given, declared; and the expression by which its first state checks it and says what is wrong.
import type { Expression } from "../sfn/asl.js";

interface Common<T> {
  /** What it is, for people; a problem with it names it in brackets. */
  description: string;
  /** What holds when it is left out. Without a default, and unless it is `optional`, it must be given. */
  default?: T;
  optional?: true;
}

/** One member of the input. Patterns are regular expressions for the whole of a text, without anchors. */
export type Field =
  | (Common<string> & { type: "text"; pattern?: string; values?: readonly string[] })
  /** A day, `YYYY-MM-DD`. */
  | (Common<string> & { type: "date" })
  | (Common<number> & { type: "integer"; min?: number; max?: number })
  | (Common<boolean> & { type: "flag" })
  /** Texts, at least one. */
  | (Common<readonly string[]> & { type: "list"; pattern: string });

/** Member → what it has to be. Members that are not here are refused. */
export type InputSchema = Readonly<Record<string, Field>>;

// As long as each month can be; that a year has no 29th of February, whoever computes with the day will say.
const DAY = "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2\\d))";
/** Longest value that a problem shows, characters. */
const SHOWN = 200;

/** An expression for the list of everything that is wrong with `$states.input`, a sentence each; empty when nothing is. */
export function problemsExpression(schema: InputSchema): Expression {
  const names = Object.keys(schema);
  const clauses = names.map((name) => fieldClause(name, schema[name] as Field));
  const known = names.length === 0 ? "takes no members" : `has ${names.join(", ")}`;
  const unknown =
    `$map($keys($given)[$not($ in ${literal(names)})], ` +
    `function($name) { "'" & $name & "' is not known: the input " & ${literal(known)} })`;
  return `{% (
    $given := $states.input;
    $shown := function($value) { ($text := $string({"": $value}); $substring($text, 4, $min([$length($text) - 5, ${SHOWN}]))) };
    $type($given) != "object" ? ["the input must be an object, but it is " & $shown($given)] : [
      ${[...clauses, unknown].join(",\n      ")}
    ]
  ) %}`;
}

/** An expression for the input with the defaults of what was left out. */
export function inputExpression(schema: InputSchema): Expression {
  const defaults = Object.fromEntries(
    Object.entries(schema).flatMap(([name, field]) => (field.default === undefined ? [] : [[name, field.default]])),
  );
  return `{% $type($states.input) = "object" ? $merge([${literal(defaults)}, $states.input]) : {} %}`;
}

function fieldClause(name: string, field: Field): string {
  const rule = ruleOf(field);
  const wrong = `${wrongness(field)} ? ${literal(`'${name}' must be ${rule} (${field.description}), but it is `)} & $shown($value)`;
  const value = `$value := $lookup($given, ${literal(name)})`;
  if (field.optional || field.default !== undefined) return `(${value}; $exists($value) ? (${wrong}))`;
  const missing = literal(`'${name}' is missing: it must be ${rule} (${field.description})`);
  return `(${value}; $not($exists($value)) ? ${missing} : (${wrong}))`;
}

/** A condition on `$value`. Conditionals in place of `or`: the second part must not be evaluated for a value of another type. */
function wrongness(field: Field): string {
  const unless = (type: string, ...rest: string[]) => `(${[`$type($value) != "${type}"`, ...rest].join(" ? true : ")})`;
  switch (field.type) {
    case "text":
      return unless(
        "string",
        ...(field.values ? [`$not($value in ${literal(field.values)})`] : []),
        ...(field.pattern === undefined ? [] : [`$not($contains($value, ${regex(field.pattern)}))`]),
      );
    case "date":
      return unless("string", `$not($contains($value, ${regex(DAY)}))`);
    case "integer":
      return unless(
        "number",
        "$value != $floor($value)",
        ...(field.min === undefined ? [] : [`$value < ${field.min}`]),
        ...(field.max === undefined ? [] : [`$value > ${field.max}`]),
      );
    case "flag":
      return unless("boolean");
    case "list":
      return unless(
        "array",
        "$count($value) = 0",
        `$count($value[$type($) != "string" ? true : $not($contains($, ${regex(field.pattern)}))]) > 0`,
      );
  }
}

/** The rule in words. */
function ruleOf(field: Field): string {
  switch (field.type) {
    case "text":
      if (field.values) return `one of ${field.values.join(", ")}`;
      return field.pattern === undefined ? "text" : `text like ${field.pattern}`;
    case "date":
      return "a day as YYYY-MM-DD";
    case "integer":
      return `a whole number${bounds(field.min, field.max)}`;
    case "flag":
      return "true or false";
    case "list":
      return `a list of texts like ${field.pattern}, at least one`;
  }
}

function bounds(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

/** JSONata writes data as JSON does. */
const literal = (value: unknown): string => JSON.stringify(value);

const regex = (pattern: string): string => `/^(?:${pattern.replaceAll("/", "\\/")})$/`;
