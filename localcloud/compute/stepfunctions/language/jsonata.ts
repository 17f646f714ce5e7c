// JSONata in states: templates whose texts of the form `{% … %}` are expressions.
// Source: "Transforming data with JSONata in Step Functions" in the Step Functions Developer Guide.
import { QueryEvaluationError, StatesError } from "./errors.js";
import { type Given, parse, TooManySteps, type Value } from "./expression.js";
import { evaluateInThread } from "./expressionThreads.js";
import { type Chance, objectOf } from "./intrinsic.js";
import { isObject, type Json } from "./json.js";

/** What an expression sees: `$states` and the variables in scope. */
export interface Bindings {
  states: Json;
  variables: ReadonlyMap<string, Json>;
  /** Milliseconds since the epoch, for `$now()` and `$millis()`. */
  nowMs: number;
  chance: Chance;
  /** Whose expressions are answered in the order in which they were asked for, so that a run can be repeated. */
  lane?: object;
}

/** Whether a text is an expression. */
export const isExpression = (text: unknown): text is string =>
  typeof text === "string" && text.startsWith("{%") && text.endsWith("%}");

/** The expression inside `{% … %}`, as error messages print it. */
export const expressionOf = (text: string): string => text.slice(2, -2).trim();

/** Parses an expression. @throws the parser's error, with `message` and `position` */
export function checkExpression(source: string): void {
  parse(source);
}

/** The library's syntax tree of an expression. @throws as {@link checkExpression} */
export const syntaxOf = (source: string): unknown => parse(source).tree;

/**
 * Evaluates every expression in a template.
 * @param field name of the field that holds the template, e.g. `Arguments`; nested fields are reported as `Arguments/FunctionName`
 * @throws QueryEvaluationError
 */
export async function evaluateTemplate(template: Json, field: string, bindings: Bindings): Promise<Json> {
  if (isExpression(template)) return evaluateExpression(template, field, bindings);
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries())
      items.push(await evaluateTemplate(item, `${field}[${index}]`, bindings));
    return items;
  }
  if (!isObject(template)) return template;
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(template))
    entries.push([key, await evaluateTemplate(value, `${field}/${key}`, bindings)]);
  return objectOf(entries);
}

const MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage";
/** What AWS says in place of the library's words where an expression goes beyond a bound. */
const LIMIT_MESSAGES: Record<string, string> = {
  D1011: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive",
  D1012: "Expression evaluation timeout: Check for infinite loop",
  D2014: MEMORY,
  D2015: MEMORY,
};

/**
 * Evaluates one `{% … %}` text: here where that is soon done, else in a thread that can be ended.
 *
 * @throws QueryEvaluationError; StatesError `States.DataLimitExceeded` for a result that no field can hold
 */
export async function evaluateExpression(text: string, field: string, bindings: Bindings): Promise<Json> {
  const source = expressionOf(text);
  const about = `The JSONata expression '${source}' specified for the field '${field}'`;
  const threw = (code: string | undefined, message: string) => {
    const limit = LIMIT_MESSAGES[code ?? ""];
    const what = limit === undefined && code ? `. ${code}: ${message}` : `: ${limit ?? message}`;
    return new QueryEvaluationError(`${about} threw an error during evaluation${what}`, field);
  };
  let result: Value | { kind: "tooLarge" };
  try {
    result = await evaluate(source, bindings);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    throw threw(code, message ?? String(error));
  }
  if (result.kind === "value") return result.value;
  if (result.kind === "nothing") throw new QueryEvaluationError(`${about} returned nothing (undefined).`, field);
  if (result.kind === "unsupported")
    throw new QueryEvaluationError(`${about} returned an unsupported result type.`, field);
  throw new StatesError(
    "States.DataLimitExceeded",
    `${about} returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

async function evaluate(source: string, bindings: Bindings): Promise<Value | { kind: "tooLarge" }> {
  const parsed = parse(source);
  const lane = laneOf(bindings.lane ?? {});
  const given: Given = {
    states: bindings.states,
    variables: objectOf(bindings.variables),
    nowMs: bindings.nowMs,
    seed: parsed.drawsChance ? bindings.chance.uuid() : "",
  };
  if (!parsed.isCostly && !lane.long.has(source))
    try {
      return await parsed.evaluate(given);
    } catch (error) {
      if (!(error instanceof TooManySteps)) throw error;
      lane.long.add(source);
    }
  const answer = await inTurn(lane, evaluateInThread(source, given));
  if (answer.kind === "failed") throw Object.assign(new Error(answer.message), { code: answer.code });
  return answer.kind === "value" ? { kind: "value", value: JSON.parse(answer.text) as Json } : { kind: answer.kind };
}

interface Lane {
  /** Expressions that took too many steps here before. */
  long: Set<string>;
  /** Settles when the answer to the one asked for last has been given, and what follows from it has happened. */
  last: Promise<unknown>;
}

const lanes = new WeakMap<object, Lane>();

function laneOf(owner: object): Lane {
  let lane = lanes.get(owner);
  if (!lane) {
    lane = { long: new Set(), last: Promise.resolve() };
    lanes.set(owner, lane);
  }
  return lane;
}

/** The threads answer in any order; a lane's answers are given in that of the questions, each in a turn of the event loop of its own. */
function inTurn<T>(lane: Lane, work: Promise<T>): Promise<T> {
  const answer = lane.last.then(() => work);
  lane.last = answer.then(() => new Promise((resolve) => setImmediate(resolve)));
  return answer;
}

/** A result below the lowest number that the field takes. */
export function tooLow(text: string, field: string, least: number, value: number): QueryEvaluationError {
  return new QueryEvaluationError(
    `The JSONata expression '${expressionOf(text)}' specified for the field '${field}' returned an unexpected result. ` +
      `Expected a value of at least ${least}, but was: ${value}`,
    field,
  );
}

/** A result whose type is not what the field takes. */
export function unexpectedType(text: string, field: string, expected: string, value: Json): QueryEvaluationError {
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  return new QueryEvaluationError(
    `The JSONata expression '${expressionOf(text)}' specified for the field '${field}' returned an unexpected result type. ` +
      `Expected '${expected}', but was '${type}' for value: ${JSON.stringify(value)}`,
    field,
  );
}
