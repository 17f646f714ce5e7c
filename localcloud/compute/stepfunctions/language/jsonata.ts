// JSONata in states: templates whose texts of the form `{% … %}` are expressions.
// Source: "Transforming data with JSONata in Step Functions" in the Step Functions Developer Guide.
import { createHash } from "node:crypto";
import jsonata from "jsonata";
import { QueryEvaluationError } from "./errors.js";
import { type Chance, fraction, objectOf } from "./intrinsic.js";
import { isObject, type Json } from "./json.js";

/** What an expression sees: `$states` and the variables in scope. */
export interface Bindings {
  states: Json;
  variables: ReadonlyMap<string, Json>;
  /** Milliseconds since the epoch, for `$now()` and `$millis()`. */
  nowMs: number;
  chance: Chance;
}

/** Whether a text is an expression. */
export const isExpression = (text: unknown): text is string =>
  typeof text === "string" && text.startsWith("{%") && text.endsWith("%}");

/** The expression inside `{% … %}`, as error messages print it. */
export const expressionOf = (text: string): string => text.slice(2, -2).trim();

const cache = new Map<string, jsonata.Expression>();
const CACHE_LIMIT = 10_000;
/** An expression that never ends must not hold up other executions: milliseconds, and depth of calls. */
const LIMITS = { timeout: 5000, stack: 1000 };
const HASHES: Record<string, string> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Parses an expression; the same text is parsed once. @throws the parser's error, with `message` and `position` */
export function parseExpression(source: string): jsonata.Expression {
  const known = cache.get(source);
  if (known) return known;
  const expression = jsonata(source, LIMITS);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, expression);
  return expression;
}

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

/** Evaluates one `{% … %}` text. @throws QueryEvaluationError */
export async function evaluateExpression(text: string, field: string, bindings: Bindings): Promise<Json> {
  const source = expressionOf(text);
  const about = `The JSONata expression '${source}' specified for the field '${field}'`;
  let result: unknown;
  try {
    result = await parseExpression(source).evaluate(undefined, {
      ...Object.fromEntries(bindings.variables),
      states: bindings.states,
      ...functions(bindings),
    });
  } catch (error) {
    throw new QueryEvaluationError(
      `${about} threw an error during evaluation. ${code(error)}${messageOf(error)}`,
      field,
    );
  }
  if (result === undefined) throw new QueryEvaluationError(`${about} returned nothing (undefined).`, field);
  const value = plain(result);
  if (value === undefined) throw new QueryEvaluationError(`${about} returned an unsupported result type.`, field);
  return value;
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

const messageOf = (error: unknown): string => (error as { message?: string }).message ?? String(error);

function code(error: unknown): string {
  const name = (error as { code?: string }).code;
  return name ? `${name}: ` : "";
}

/** JSON of a result without the library's marks on sequences; undefined where it holds something that is not JSON. */
function plain(value: unknown): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const inner = plain(item);
      if (inner === undefined) return undefined;
      items.push(inner);
    }
    return items;
  }
  if (typeof value !== "object" || value === null || isFunction(value)) return undefined;
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const inner = plain(item);
    if (inner === undefined) return undefined;
    entries.push([key, inner]);
  }
  return objectOf(entries);
}

const isFunction = (value: object): boolean => "_jsonata_lambda" in value || "_jsonata_function" in value;

interface Focus {
  environment: { lookup(name: string): { implementation(...values: unknown[]): unknown } };
}

/** The functions that Step Functions adds to JSONata, and those that must not reach the machine's clock or chance. */
function functions({ nowMs, chance }: Bindings): Record<string, unknown> {
  return {
    partition: (list: Json[], size: number) => {
      if (!Array.isArray(list)) throw refusal("$partition", "the first argument must be an array");
      const length = Math.floor(size);
      if (!(length >= 1)) throw refusal("$partition", "the chunk size must be a positive integer");
      return Array.from({ length: Math.ceil(list.length / length) }, (_, index) =>
        list.slice(index * length, (index + 1) * length),
      );
    },
    range: (first: number, last: number, step: number) => {
      if (![first, last, step].every((value) => typeof value === "number" && Number.isInteger(value)))
        throw refusal("$range", "all arguments must be integers");
      if (step === 0) throw refusal("$range", "the step must not be zero");
      const length = Math.max(Math.floor((last - first) / step) + 1, 0);
      if (length > 1000) throw refusal("$range", "the range holds more than 1000 elements");
      return Array.from({ length }, (_, index) => first + index * step);
    },
    hash: (data: Json, algorithm: string) => {
      const name = HASHES[algorithm];
      if (!name) throw refusal("$hash", `the algorithm must be one of ${Object.keys(HASHES).join(", ")}`);
      return createHash(name)
        .update(typeof data === "string" ? data : JSON.stringify(data))
        .digest("hex");
    },
    random: (seed?: number) => (seed === undefined ? chance.random() : fraction(seed)),
    uuid: () => chance.uuid(),
    parse: (text: string) => JSON.parse(text) as Json,
    eval: () => {
      throw refusal("$eval", "it is not supported in Step Functions");
    },
    millis: () => nowMs,
    now(this: Focus, picture?: string, timezone?: string) {
      if (picture === undefined && timezone === undefined) return new Date(nowMs).toISOString();
      return this.environment.lookup("fromMillis").implementation(nowMs, picture, timezone);
    },
    shuffle: (list: Json[]) => {
      const items = [...list];
      for (let index = items.length - 1; index > 0; index -= 1) {
        const other = Math.floor(chance.random() * (index + 1));
        [items[index], items[other]] = [items[other] as Json, items[index] as Json];
      }
      return items;
    },
  };
}

const refusal = (name: string, reason: string): Error =>
  new Error(`The function ${name} refused its arguments: ${reason}`);
