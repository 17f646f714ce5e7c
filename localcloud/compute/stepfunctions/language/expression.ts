// One JSONata expression: parsed once, weighed once, evaluated with its bindings.
import { createHash } from "node:crypto";
import jsonata from "jsonata";
import type { Chance } from "./intrinsic.js";
import { objectOf } from "./intrinsic.js";
import { isObject, type Json } from "./json.js";
import { functions } from "./jsonataFunctions.js";

/** How long an expression may take, in milliseconds, and how deep its parts may stand in each other, which is AWS's bound. */
export const LIMITS = { timeout: 5000, stack: 100 };
/** Elements of a list while an expression is evaluated: as many numbers as AWS's bound of memory holds, 6,990,256 bytes. */
const MAXIMUM_SEQUENCE = 873_782;
/** A step is a part of an expression evaluated once, a microsecond or two. So many of one evaluation may hold up everything else. */
const STEPS = 20_000;
/** What the library calls at each step, with the frame of variables; `base` is the evaluation's own. */
const EACH_STEP = Symbol.for("jsonata.__evaluate_entry") as unknown as string;
/** A range between numbers that are written down and no further apart than this is made at once. */
const SHORT_RANGE = 1000;
/** Functions whose work grows with the square of what they are given, or with a number alone. */
const COSTLY_FUNCTIONS = new Set(["distinct", "pad"]);

/** What an expression is evaluated with; it can be sent to another thread. */
export interface Given {
  states: Json;
  variables: Json;
  /** Milliseconds since the epoch. */
  nowMs: number;
  /** What `$random()`, `$uuid()` and `$shuffle()` are derived from; the same seed gives the same. */
  seed: string;
}

/** The value; nothing; or a value that is not JSON. */
export type Value = { kind: "value"; value: Json } | { kind: "nothing" } | { kind: "unsupported" };

/** It took more steps than may hold up the event loop. */
export class TooManySteps extends Error {}

/** An expression ready to be evaluated in this thread. */
export interface Parsed {
  readonly source: string;
  /** The library's syntax tree. */
  readonly tree: unknown;
  /** Whether it asks for chance, so that it needs a seed. */
  readonly drawsChance: boolean;
  /** Whether it can hold up everything else by one step that nothing interrupts. */
  readonly isCostly: boolean;
  evaluate(given: Given): Promise<Value>;
}

const cache = new Map<string, Parsed>();
const CACHE_LIMIT = 10_000;

/**
 * Parses an expression; the same text is parsed once.
 *
 * @throws the parser's error, with `message` and `position`
 */
export function parse(source: string): Parsed {
  const known = cache.get(source);
  if (known) return known;
  const expression = jsonata(source, { stack: LIMITS.stack });
  expression.assign(EACH_STEP, (_part: unknown, _input: unknown, { base }: { base: { steps?: number } }) => {
    base.steps = (base.steps ?? 0) + 1;
    if (base.steps > STEPS) throw new TooManySteps();
  });
  const parsed: Parsed = {
    source,
    tree: expression.ast(),
    drawsChance: /\$(random|uuid|shuffle)\b/.test(source),
    isCostly: isCostly(expression.ast()),
    evaluate: (given) => run(expression, given),
  };
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, parsed);
  return parsed;
}

/** Evaluates an expression where it may take its time. @throws the library's error, with `code` and `message` */
export function evaluateAtLength(source: string, given: Given): Promise<Value> {
  return run(jsonata(source, { ...LIMITS, sequence: MAXIMUM_SEQUENCE }), given);
}

async function run(expression: jsonata.Expression, { states, variables, nowMs, seed }: Given): Promise<Value> {
  const result: unknown = await expression.evaluate(undefined, {
    ...(isObject(variables) ? variables : {}),
    states,
    ...functions(nowMs, derivedChance(seed)),
  });
  if (result === undefined) return { kind: "nothing" };
  const value = plain(result);
  return value === undefined ? { kind: "unsupported" } : { kind: "value", value };
}

/** Chance that a seed alone decides. */
function derivedChance(seed: string): Chance {
  let draws = 0;
  const draw = () => createHash("sha256").update(`${seed}:${draws++}`).digest();
  return {
    random: () => draw().readUIntBE(0, 6) / 2 ** 48,
    uuid() {
      const bytes = draw().subarray(0, 16);
      bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
      return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
  };
}

/** Whether a syntax tree holds what one step can make endless: a pattern, a long range, a list that is doubled again and again. */
function isCostly(tree: unknown): boolean {
  let binds = false;
  let appends = false;
  let isLong = false;
  const visit = (node: unknown): void => {
    if (isLong || typeof node !== "object" || node === null) return;
    const { type, value, procedure, lhs, rhs } = node as Node;
    if (type === "regex" || (type === "binary" && value === ".." && !isShortRange(lhs, rhs))) isLong = true;
    if (type === "bind" || type === "lambda") binds = true;
    if (type === "function" || type === "partial") {
      if (COSTLY_FUNCTIONS.has(String(procedure?.value))) isLong = true;
      if (procedure?.value === "append") appends = true;
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(tree);
  return isLong || (binds && appends);
}

interface Node {
  type?: string;
  value?: unknown;
  procedure?: Node;
  lhs?: Node;
  rhs?: Node;
}

const isShortRange = (first: Node | undefined, last: Node | undefined): boolean =>
  first?.type === "number" && last?.type === "number" && Number(last.value) - Number(first.value) <= SHORT_RANGE;

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
