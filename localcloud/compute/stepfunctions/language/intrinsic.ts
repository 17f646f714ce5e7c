// Intrinsic functions of the states language: `States.Format('Hello {}', $.name)` and the others.
// Source: "Intrinsics for JSONPath states in Step Functions" in the Step Functions Developer Guide.
import { createHash } from "node:crypto";
import { StatesError } from "./errors.js";
import { equal, isObject, type Json, setOwn } from "./json.js";
import { evaluatePath, type Path, type PathScope, parsePath } from "./jsonPath.js";

/** A parsed argument: a literal, a path, or a nested call. */
type Argument = { kind: "literal"; value: Json } | { kind: "path"; path: Path } | { kind: "call"; call: IntrinsicCall };

/** A parsed call of an intrinsic function. */
export interface IntrinsicCall {
  readonly text: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
}

/** Chance, passed in so that a run can be repeated. */
export interface Chance {
  /** At least 0, below 1. */
  random(): number;
  uuid(): string;
}

/** The text is no call of an intrinsic function; the message says where. */
export class IntrinsicSyntaxError extends Error {}

const MAXIMUM_NESTING = 10;
const MAXIMUM_LIST = 1000;
const MAXIMUM_TEXT = 10_000;
const HASHES: Record<string, string> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Whether a template's text is a call and not a path. */
export const isIntrinsic = (text: string): boolean => /^States\.[A-Za-z0-9]+\(/.test(text.trim());

const cache = new Map<string, IntrinsicCall>();

/** Parses a call; the same text is parsed once. @throws IntrinsicSyntaxError, PathSyntaxError */
export function parseIntrinsic(text: string): IntrinsicCall {
  const known = cache.get(text);
  if (known) return known;
  const call = new CallParser(text).parse();
  if (cache.size >= MAXIMUM_TEXT) cache.clear();
  cache.set(text, call);
  return call;
}

/** Every path that a call reads. */
export function* pathsOf(call: IntrinsicCall): Generator<Path> {
  for (const argument of call.arguments)
    if (argument.kind === "path") yield argument.path;
    else if (argument.kind === "call") yield* pathsOf(argument.call);
}

/** @throws StatesError `States.IntrinsicFailure`, PathNotFoundError */
export function evaluateIntrinsic(call: IntrinsicCall, scope: PathScope, chance: Chance): Json {
  const values = call.arguments.map((argument) => {
    if (argument.kind === "literal") return argument.value;
    return argument.kind === "path"
      ? evaluatePath(argument.path, scope)
      : evaluateIntrinsic(argument.call, scope, chance);
  });
  const implementation = FUNCTIONS[call.name] as Implementation;
  return implementation(values, (reason) => fail(call, reason), chance);
}

function fail(call: IntrinsicCall, reason: string): never {
  throw new StatesError("States.IntrinsicFailure", `The function '${call.text}' had the following error: ${reason}`);
}

type Fail = (reason: string) => never;
type Implementation = (values: Json[], fail: Fail, chance: Chance) => Json;

/** How many arguments each function takes; `undefined` as the second number stands for any. */
const ARITY: Record<string, [number, number | undefined]> = {
  "States.Array": [0, undefined],
  "States.ArrayPartition": [2, 2],
  "States.ArrayContains": [2, 2],
  "States.ArrayRange": [3, 3],
  "States.ArrayGetItem": [2, 2],
  "States.ArrayLength": [1, 1],
  "States.ArrayUnique": [1, 1],
  "States.Base64Encode": [1, 1],
  "States.Base64Decode": [1, 1],
  "States.Format": [1, undefined],
  "States.Hash": [2, 2],
  "States.JsonMerge": [3, 3],
  "States.JsonToString": [1, 1],
  "States.MathAdd": [2, 2],
  "States.MathRandom": [2, 3],
  "States.StringSplit": [2, 2],
  "States.StringToJson": [1, 1],
  "States.UUID": [0, 0],
};

const FUNCTIONS: Record<string, Implementation> = {
  "States.Array": (values) => values,
  "States.ArrayPartition": ([list, size], refuse) => {
    const items = array(list, refuse);
    const length = integer(size, refuse);
    if (length <= 0) refuse("the chunk size must be a positive number");
    return Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
      items.slice(index * length, (index + 1) * length),
    );
  },
  "States.ArrayContains": ([list, value], refuse) => array(list, refuse).some((item) => equal(item, value as Json)),
  "States.ArrayRange": ([first, last, step], refuse) => {
    const [from, to, by] = [integer(first, refuse), integer(last, refuse), integer(step, refuse)];
    if (by === 0) refuse("the increment must not be zero");
    const length = Math.max(Math.floor((to - from) / by) + 1, 0);
    if (length > MAXIMUM_LIST) refuse(`the range holds more than ${MAXIMUM_LIST} elements`);
    return Array.from({ length }, (_, index) => from + index * by);
  },
  "States.ArrayGetItem": ([list, index], refuse) => {
    const items = array(list, refuse);
    const position = integer(index, refuse);
    return items[position] ?? (position >= 0 && position < items.length ? null : refuse("the index is out of bounds"));
  },
  "States.ArrayLength": ([list], refuse) => array(list, refuse).length,
  "States.ArrayUnique": ([list], refuse) =>
    array(list, refuse).filter((item, index, items) => items.findIndex((other) => equal(item, other)) === index),
  "States.Base64Encode": ([text], refuse) => Buffer.from(short(text, refuse), "utf8").toString("base64"),
  "States.Base64Decode": ([text], refuse) => {
    const encoded = short(text, refuse);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) refuse("the input is not Base64");
    return Buffer.from(encoded, "base64").toString("utf8");
  },
  "States.Format": ([template, ...values], refuse) => format(string(template, refuse), values, refuse),
  "States.Hash": ([data, algorithm], refuse) => {
    const name = HASHES[string(algorithm, refuse)];
    if (!name) refuse(`the algorithm must be one of ${Object.keys(HASHES).join(", ")}`);
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return createHash(name as string)
      .update(short(text, refuse))
      .digest("hex");
  },
  "States.JsonMerge": ([left, right, deep], refuse) => {
    if (!isObject(left) || !isObject(right)) return refuse("the first two arguments must be JSON objects");
    if (deep !== false) return refuse("the third argument must be false: only the shallow mode is supported");
    return { ...left, ...right };
  },
  "States.JsonToString": ([value]) => JSON.stringify(value),
  "States.MathAdd": ([left, right], refuse) => integer(left, refuse) + integer(right, refuse),
  "States.MathRandom": ([start, end, seed], refuse, chance) => {
    const [from, to] = [integer(start, refuse), integer(end, refuse)];
    if (to <= from) refuse("the end must be greater than the start");
    const part = seed === undefined ? chance.random() : fraction(integer(seed, refuse));
    return from + Math.floor(part * (to - from));
  },
  "States.StringSplit": ([text, delimiters], refuse) => {
    const characters = new Set(string(delimiters, refuse));
    const parts: string[] = [];
    let part = "";
    for (const character of string(text, refuse)) {
      if (!characters.has(character)) part += character;
      else {
        if (part !== "") parts.push(part);
        part = "";
      }
    }
    if (part !== "") parts.push(part);
    return parts;
  },
  "States.StringToJson": ([text], refuse) => {
    const content = string(text, refuse);
    if (content.trim() === "") return null;
    try {
      return JSON.parse(content) as Json;
    } catch {
      return refuse("the argument is not valid JSON");
    }
  },
  "States.UUID": (_values, _refuse, chance) => chance.uuid(),
};

/** A number from 0 to 1 that depends on a seed alone (mulberry32). */
export function fraction(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 4_294_967_296;
}

function array(value: Json | undefined, refuse: Fail): Json[] {
  return Array.isArray(value) ? value : refuse("the argument must be an array");
}

function string(value: Json | undefined, refuse: Fail): string {
  return typeof value === "string" ? value : refuse("the argument must be a string");
}

function short(value: Json | undefined, refuse: Fail): string {
  const text = string(value, refuse);
  return text.length <= MAXIMUM_TEXT ? text : refuse(`the argument is longer than ${MAXIMUM_TEXT} characters`);
}

/** Whole numbers; fractions are rounded as the service does. */
function integer(value: Json | undefined, refuse: Fail): number {
  return typeof value === "number" ? Math.round(value) : refuse("the argument must be a number");
}

function format(template: string, values: Json[], refuse: Fail): string {
  let next = 0;
  const text = template.replace(/\\([\\'{}])|\{\}/g, (_match, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (next >= values.length) return refuse("there are more {} in the template than arguments");
    const value = values[next++] as Json;
    return typeof value === "string" ? value : value === null ? "null" : JSON.stringify(value);
  });
  if (next < values.length) refuse("there are more arguments than {} in the template");
  return text;
}

/** Reads a call from left to right. */
class CallParser {
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): IntrinsicCall {
    this.space();
    const call = this.call(1);
    this.space();
    if (this.position < this.text.length) this.fail(`unexpected '${this.text[this.position]}'`);
    return call;
  }

  private call(depth: number): IntrinsicCall {
    if (depth > MAXIMUM_NESTING) this.fail(`calls are nested deeper than ${MAXIMUM_NESTING}`);
    const start = this.position;
    const name = /^States\.[A-Za-z0-9]+/.exec(this.text.slice(this.position))?.[0];
    const arity = name === undefined ? undefined : ARITY[name];
    if (name === undefined || !arity) return this.fail(`'${name ?? this.text.slice(start)}' is no intrinsic function`);
    this.position += name.length;
    this.space();
    this.expect("(");
    this.space();
    const values: Argument[] = [];
    while (this.text[this.position] !== ")") {
      if (values.length > 0) {
        this.expect(",");
        this.space();
      }
      values.push(this.argument(depth));
      this.space();
    }
    this.position += 1;
    const [least, most] = arity;
    if (values.length < least || values.length > (most ?? Number.POSITIVE_INFINITY))
      this.fail(`${name} takes ${most === least ? least : `${least} or more`} arguments, not ${values.length}`);
    return { text: this.text.slice(start, this.position), name, arguments: values };
  }

  private argument(depth: number): Argument {
    const rest = this.text.slice(this.position);
    if (rest.startsWith("States.")) return { kind: "call", call: this.call(depth + 1) };
    if (rest.startsWith("$")) return { kind: "path", path: parsePath(this.pathText()) };
    if (rest.startsWith("'")) return { kind: "literal", value: this.quoted() };
    const literal = /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null)\b/.exec(rest)?.[0];
    if (literal === undefined) return this.fail("an argument is missing");
    this.position += literal.length;
    return { kind: "literal", value: JSON.parse(literal) as Json };
  }

  /** A path ends at a comma or bracket that is in no bracket and no quotes of its own. */
  private pathText(): string {
    const start = this.position;
    let depth = 0;
    let quote = "";
    for (; this.position < this.text.length; this.position += 1) {
      const character = this.text[this.position] as string;
      if (quote) {
        if (character === "\\") this.position += 1;
        else if (character === quote) quote = "";
      } else if (character === "'" || character === '"') quote = character;
      else if (character === "[" || character === "(") depth += 1;
      else if (depth > 0 && (character === "]" || character === ")")) depth -= 1;
      else if (depth === 0 && (character === "," || character === ")" || character === " ")) break;
    }
    return this.text.slice(start, this.position);
  }

  /** A string in single quotes. Escapes of braces stay, because `States.Format` reads them. */
  private quoted(): string {
    this.position += 1;
    let value = "";
    while (this.position < this.text.length && this.text[this.position] !== "'") {
      if (this.text[this.position] === "\\") {
        const escaped = this.text[this.position + 1] ?? "";
        value += escaped === "'" ? "'" : escaped === "\\" ? "\\" : `\\${escaped}`;
        this.position += 2;
      } else {
        value += this.text[this.position];
        this.position += 1;
      }
    }
    this.expect("'");
    return value;
  }

  private space(): void {
    while (/\s/.test(this.text[this.position] ?? "")) this.position += 1;
  }

  private expect(character: string): void {
    if (this.text[this.position] !== character) this.fail(`'${character}' is missing`);
    this.position += 1;
  }

  private fail(reason: string): never {
    throw new IntrinsicSyntaxError(`${reason} at character ${this.position + 1} of ${this.text}`);
  }
}

/** Builds an object field by field, also for names such as `__proto__`. */
export function objectOf(entries: Iterable<[string, Json]>): Json {
  const object = {};
  for (const [key, value] of entries) setOwn(object, key, value);
  return object;
}
