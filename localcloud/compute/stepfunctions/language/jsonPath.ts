// The JSONPath that Step Functions accepts: the dialect of the Jayway library that the service uses, read paths and reference paths.
// Source: "Using JSONPath paths" in the Step Functions Developer Guide, and answers recorded on AWS for what it leaves open.
import { TookTooLong, within } from "./bounded.js";
import { runtimeError } from "./errors.js";
import { equal, isObject, type Json, type JsonObject, own } from "./json.js";

type Segment =
  | { kind: "name"; name: string }
  | { kind: "names"; names: string[] }
  | { kind: "index"; index: number }
  | { kind: "indices"; indices: number[] }
  | { kind: "slice"; from: number | undefined; to: number | undefined; step: number }
  | { kind: "wildcard" }
  | { kind: "descend"; next: Segment }
  | { kind: "filter"; test: FilterNode };

type Operand = { kind: "literal"; value: Json } | { kind: "path"; root: "@" | "$"; segments: Segment[] };
type FilterNode =
  | { kind: "or" | "and"; left: FilterNode; right: FilterNode }
  | { kind: "not"; inner: FilterNode }
  | { kind: "exists"; operand: Operand }
  | { kind: "compare"; operator: string; left: Operand; right: Operand }
  | { kind: "matches"; operand: Operand; pattern: RegExp };

/** A parsed path. */
export interface Path {
  readonly text: string;
  /** `$` the state's data, `$$` the Context object, else a variable's name. */
  readonly root: "$" | "$$" | { variable: string };
  readonly segments: readonly Segment[];
  /** Whether it names at most one value; an indefinite path yields a list. */
  readonly isDefinite: boolean;
  /** Whether it may be written to, as `ResultPath` demands: names and indices only. */
  readonly isReference: boolean;
  /** Whether a pattern or a search in a search could take very long. */
  readonly isCostly: boolean;
}

/** The text is not a path; the message says where. */
export class PathSyntaxError extends Error {}

/** A definite path led nowhere. `detail` is the service's wording. */
export class PathNotFoundError extends Error {
  constructor(readonly detail: string) {
    super(detail);
  }
}

/** Where paths lead: the state's data, the Context object, the variables in scope. */
export interface PathScope {
  data: Json;
  context: Json;
  variable(name: string): Json | undefined;
}

const cache = new Map<string, Path>();
const CACHE_LIMIT = 10_000;
/** How long a pattern or a search in a search may hold up everything else. */
const COSTLY_MS = 500;

/** Parses a path; the same text is parsed once. @throws PathSyntaxError */
export function parsePath(text: string): Path {
  const known = cache.get(text);
  if (known) return known;
  const path = new PathParser(text).parse();
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, path);
  return path;
}

/**
 * The value of a path: one value for a definite path, a list for an indefinite one.
 * @throws PathNotFoundError for a definite path (or a definite beginning that is not an object) that leads nowhere;
 *   StatesError `States.Runtime` when it takes too long
 */
export function evaluatePath(path: Path, scope: PathScope): Json {
  const start = rootValue(path, scope);
  if (path.isDefinite) return definite(path, start);
  if (!path.isCostly) return indefinite(path, start);
  try {
    return within(COSTLY_MS, () => indefinite(path, start));
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    throw runtimeError(`The JSONPath '${path.text}' could not be evaluated within ${COSTLY_MS} milliseconds`);
  }
}

function indefinite(path: Path, start: Json): Json[] {
  let found: Json[] = [start];
  for (const segment of path.segments) found = found.flatMap((value) => select(value, segment, start));
  return found;
}

function rootValue(path: Path, scope: PathScope): Json {
  if (path.root === "$") return scope.data;
  if (path.root === "$$") return scope.context;
  const value = scope.variable(path.root.variable);
  if (value === undefined) throw new PathNotFoundError(`No results for path: $['${path.root.variable}']`);
  return value;
}

function definite(path: Path, start: Json): Json {
  let value: Json = start;
  let walked = "$";
  for (const [position, segment] of path.segments.entries()) {
    walked += segment.kind === "name" ? `['${segment.name}']` : `[${(segment as { index: number }).index}]`;
    const isLast = position === path.segments.length - 1;
    let next: Json | undefined;
    if (segment.kind === "name") {
      if (!isObject(value)) throw new PathNotFoundError(`No results for path: ${canonical(path)}`);
      next = own(value, segment.name);
      if (next === undefined)
        throw new PathNotFoundError(
          isLast ? `No results for path: ${canonical(path)}` : `Missing property in path ${walked}`,
        );
    } else {
      const index = (segment as { index: number }).index;
      if (!Array.isArray(value)) throw new PathNotFoundError(`No results for path: ${canonical(path)}`);
      next = value[index < 0 ? value.length + index : index];
      if (next === undefined) throw new PathNotFoundError(`No results for path: ${canonical(path)}`);
    }
    value = next;
  }
  return value;
}

/** The path as the service prints it back: `$['a'][0]`. */
export function canonical(path: Path): string {
  return `$${path.segments.map((segment) => (segment.kind === "name" ? `['${segment.name}']` : segment.kind === "index" ? `[${segment.index}]` : "[*]")).join("")}`;
}

function select(value: Json, segment: Segment, root: Json): Json[] {
  switch (segment.kind) {
    case "name": {
      const found = isObject(value) ? own(value, segment.name) : undefined;
      return found === undefined ? [] : [found];
    }
    case "names": {
      if (!isObject(value)) return [];
      const picked: JsonObject = {};
      for (const name of segment.names) {
        const found = own(value, name);
        if (found !== undefined) picked[name] = found;
      }
      return [picked];
    }
    case "index":
      return Array.isArray(value) ? at(value, segment.index) : [];
    case "indices":
      return Array.isArray(value) ? segment.indices.flatMap((index) => at(value, index)) : [];
    case "slice":
      return Array.isArray(value) ? slice(value, segment) : [];
    case "wildcard":
      return children(value);
    case "descend":
      return descendants(value).flatMap((inner) => select(inner, segment.next, root));
    case "filter":
      return (Array.isArray(value) ? value : isObject(value) ? [value] : []).filter((item) =>
        test(segment.test, item, root),
      );
  }
}

const children = (value: Json): Json[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);

function descendants(value: Json): Json[] {
  return [value, ...children(value).flatMap(descendants)];
}

function at(list: Json[], index: number): Json[] {
  const found = list[index < 0 ? list.length + index : index];
  return found === undefined ? [] : [found];
}

function slice(
  list: Json[],
  { from, to, step }: { from: number | undefined; to: number | undefined; step: number },
): Json[] {
  const bound = (index: number) => Math.min(Math.max(index < 0 ? list.length + index : index, 0), list.length);
  const result: Json[] = [];
  for (let index = bound(from ?? 0); index < bound(to ?? list.length); index += step) result.push(list[index] as Json);
  return result;
}

function operand(node: Operand, item: Json, root: Json): Json[] {
  if (node.kind === "literal") return [node.value];
  let found: Json[] = [node.root === "@" ? item : root];
  for (const segment of node.segments) found = found.flatMap((value) => select(value, segment, root));
  return found;
}

function test(node: FilterNode, item: Json, root: Json): boolean {
  switch (node.kind) {
    case "or":
      return test(node.left, item, root) || test(node.right, item, root);
    case "and":
      return test(node.left, item, root) && test(node.right, item, root);
    case "not":
      return !test(node.inner, item, root);
    case "exists":
      return operand(node.operand, item, root).length > 0;
    case "matches":
      return operand(node.operand, item, root).some((value) => typeof value === "string" && node.pattern.test(value));
    case "compare":
      return operand(node.left, item, root).some((left) =>
        operand(node.right, item, root).some((right) => compare(node.operator, left, right)),
      );
  }
}

function compare(operator: string, left: Json, right: Json): boolean {
  if (operator === "==") return equal(left, right);
  if (operator === "!=") return !equal(left, right);
  if (operator === "in") return Array.isArray(right) && right.some((item) => equal(left, item));
  if (operator === "nin") return Array.isArray(right) && !right.some((item) => equal(left, item));
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const other = right as typeof left;
  if (operator === "<") return left < other;
  if (operator === "<=") return left <= other;
  if (operator === ">") return left > other;
  return left >= other;
}

const NAME = /[^\s.[\]()'",*?:@!<>=&|$]/;

/** Reads a path from left to right. */
class PathParser {
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): Path {
    const root = this.root();
    const segments = this.segments();
    if (this.position < this.text.length) this.fail(`unexpected '${this.text[this.position]}'`);
    const isReference = segments.every((segment) => segment.kind === "name" || segment.kind === "index");
    const searches = this.text.split("..").length - 1;
    const isCostly = this.text.includes("=~") || searches > 1 || (searches > 0 && this.text.includes("?"));
    return { text: this.text, root, segments, isDefinite: isReference, isReference, isCostly };
  }

  private root(): Path["root"] {
    if (this.text[this.position] !== "$") this.fail("a path begins with '$'");
    this.position += 1;
    if (this.text[this.position] === "$") {
      this.position += 1;
      return "$$";
    }
    const variable = this.name();
    return variable === "" ? "$" : { variable };
  }

  private segments(): Segment[] {
    const segments: Segment[] = [];
    while (this.position < this.text.length && (this.peek() === "." || this.peek() === "["))
      segments.push(this.segment());
    return segments;
  }

  private segment(): Segment {
    if (this.peek() === "[") return this.bracket();
    this.position += 1;
    if (this.peek() === ".") {
      this.position += 1;
      return { kind: "descend", next: this.peek() === "[" ? this.bracket() : this.dotted() };
    }
    return this.dotted();
  }

  private dotted(): Segment {
    if (this.peek() === "*") {
      this.position += 1;
      return { kind: "wildcard" };
    }
    const name = this.name();
    if (name === "") this.fail("a name is missing after '.'");
    if (this.peek() === "(") this.fail("functions are not supported in a path");
    return { kind: "name", name };
  }

  private name(): string {
    const start = this.position;
    while (this.position < this.text.length && NAME.test(this.peek())) this.position += 1;
    return this.text.slice(start, this.position);
  }

  private bracket(): Segment {
    this.expect("[");
    this.space();
    let segment: Segment;
    if (this.peek() === "*") {
      this.position += 1;
      segment = { kind: "wildcard" };
    } else if (this.peek() === "?") segment = this.filter();
    else if (this.peek() === "'" || this.peek() === '"') {
      const names = this.list(() => this.quoted());
      segment = names.length === 1 ? { kind: "name", name: names[0] as string } : { kind: "names", names };
    } else segment = this.numbers();
    this.space();
    this.expect("]");
    return segment;
  }

  private numbers(): Segment {
    const first = this.integer();
    this.space();
    if (this.peek() === ":") {
      this.position += 1;
      const to = this.integer();
      let step = 1;
      if (this.peek() === ":") {
        this.position += 1;
        step = this.integer() ?? 1;
        if (step < 1) this.fail("a slice's step is at least 1");
      }
      return { kind: "slice", from: first, to, step };
    }
    if (first === undefined) this.fail("an index, a name in quotes, '*' or a filter belongs in brackets");
    const indices = [first];
    while (this.peek() === ",") {
      this.position += 1;
      this.space();
      const next = this.integer();
      if (next === undefined) this.fail("an index is missing after ','");
      indices.push(next);
      this.space();
    }
    return indices.length === 1 ? { kind: "index", index: first } : { kind: "indices", indices };
  }

  private integer(): number | undefined {
    const match = /^-?\d+/.exec(this.text.slice(this.position));
    if (!match) return undefined;
    this.position += match[0].length;
    return Number(match[0]);
  }

  private list<T>(item: () => T): T[] {
    const items = [item()];
    this.space();
    while (this.peek() === ",") {
      this.position += 1;
      this.space();
      items.push(item());
      this.space();
    }
    return items;
  }

  private quoted(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') this.fail("a name in quotes is missing");
    this.position += 1;
    let value = "";
    while (this.position < this.text.length && this.peek() !== quote) {
      if (this.peek() === "\\") this.position += 1;
      value += this.peek();
      this.position += 1;
    }
    this.expect(quote);
    return value;
  }

  private filter(): Segment {
    this.expect("?");
    this.space();
    this.expect("(");
    const node = this.or();
    this.space();
    this.expect(")");
    return { kind: "filter", test: node };
  }

  private or(): FilterNode {
    let left = this.and();
    while (this.take("||")) left = { kind: "or", left, right: this.and() };
    return left;
  }

  private and(): FilterNode {
    let left = this.unary();
    while (this.take("&&")) left = { kind: "and", left, right: this.unary() };
    return left;
  }

  private unary(): FilterNode {
    if (this.take("!")) return { kind: "not", inner: this.unary() };
    if (this.take("(")) {
      const inner = this.or();
      this.space();
      this.expect(")");
      return inner;
    }
    const left = this.operand();
    for (const operator of ["==", "!=", "<=", ">=", "<", ">", "in ", "nin "])
      if (this.take(operator)) return { kind: "compare", operator: operator.trim(), left, right: this.operand() };
    if (this.take("=~")) return { kind: "matches", operand: left, pattern: this.regularExpression() };
    return { kind: "exists", operand: left };
  }

  private operand(): Operand {
    this.space();
    const next = this.peek();
    if (next === "@" || next === "$") {
      this.position += 1;
      return { kind: "path", root: next, segments: this.segments() };
    }
    if (next === "'" || next === '"') return { kind: "literal", value: this.quoted() };
    if (next === "[") {
      this.position += 1;
      this.space();
      const items = this.peek() === "]" ? [] : this.list(() => (this.operand() as { value: Json }).value);
      this.expect("]");
      return { kind: "literal", value: items };
    }
    const match = /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null)/.exec(this.text.slice(this.position));
    if (!match) this.fail("a value or a path is missing in the filter");
    this.position += match[0].length;
    return { kind: "literal", value: JSON.parse(match[0]) as Json };
  }

  private regularExpression(): RegExp {
    this.space();
    const match = /^\/((?:\\.|[^/\\])+)\/([a-z]*)/.exec(this.text.slice(this.position));
    if (!match) this.fail("a regular expression is missing after '=~'");
    this.position += match[0].length;
    try {
      return new RegExp(`^(?:${match[1]})$`, match[2]);
    } catch {
      return this.fail("the regular expression is not valid");
    }
  }

  private take(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  private peek(): string {
    return this.text[this.position] ?? "";
  }

  private space(): void {
    while (this.peek() === " ") this.position += 1;
  }

  private expect(character: string): void {
    if (this.peek() !== character) this.fail(`'${character}' is missing`);
    this.position += 1;
  }

  private fail(reason: string): never {
    throw new PathSyntaxError(`${reason} at character ${this.position + 1} of ${this.text}`);
  }
}

/** A copy of `target` with `value` at a reference path, objects and lists on the way made as needed. @throws PathNotFoundError where a value in the way is no container */
export function withValueAt(path: Path, target: Json, value: Json): Json {
  const write = (current: Json | undefined, rest: readonly Segment[]): Json => {
    const [segment, ...tail] = rest;
    if (segment === undefined) return value;
    if (segment.kind === "name") {
      if (current !== undefined && !isObject(current)) throw new PathNotFoundError(`Invalid path ${canonical(path)}`);
      return { ...(current ?? {}), [segment.name]: write(current && own(current, segment.name), tail) };
    }
    const index = (segment as { index: number }).index;
    if (current !== undefined && !Array.isArray(current))
      throw new PathNotFoundError(`Invalid path ${canonical(path)}`);
    const list = [...(current ?? [])];
    if (index < 0 || index > list.length) throw new PathNotFoundError(`Invalid path ${canonical(path)}`);
    list[index] = write(list[index], tail);
    return list;
  };
  return write(target, path.segments);
}
