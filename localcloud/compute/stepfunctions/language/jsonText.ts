// JSON texts that someone sent: read strictly, with AWS's words for what is wrong and no field twice.
import type { Json } from "./json.js";

/** The text is not JSON, or an object in it has a field twice. `message` is as the service's parser (Jackson) has it. */
export class JsonTextError extends Error {
  constructor(
    message: string,
    /** The place, e.g. `[Source: (String)"{"; line: 1, column: 2]`. */
    readonly source: string,
    /** Fields and indices that lead to the object or list in question. */
    readonly path: readonly (string | number)[],
    /** The field that stands there twice. */
    readonly duplicate?: string,
  ) {
    super(message);
  }
}

const VALUES = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
const TOKEN = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w$])/y;
const SHOWN_CHARACTERS = 500;
const MAXIMUM_DEPTH = 1000;

/** Parses a text. @throws JsonTextError */
export function readJson(text: string): Json {
  let value: Json | undefined;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    new Scanner(text).value();
    throw new JsonTextError("The text is not valid JSON", place(text, text.length), []);
  }
  new Scanner(text).value();
  return value;
}

/** What is wrong with a text that is not JSON. */
export function whatIsWrong(text: string): string {
  try {
    readJson(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  const more = text.length - SHOWN_CHARACTERS;
  const shown = more > 0 ? `"${text.slice(0, SHOWN_CHARACTERS)}"[truncated ${more} chars]` : `"${text}"`;
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`;
}

/** Goes through a text and stops at the first thing that is wrong. */
class Scanner {
  private position = 0;
  private readonly path: (string | number)[] = [];

  constructor(private readonly text: string) {}

  private fail(message: string, position = this.position, duplicate?: string): never {
    throw new JsonTextError(message, place(this.text, position), [...this.path], duplicate);
  }

  private unexpected(expected: string): never {
    const character = this.text[this.position];
    if (character === undefined) return this.fail("Unexpected end-of-input");
    return this.fail(
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting ${expected}`,
      this.position + 1,
    );
  }

  private next(): string | undefined {
    while (/\s/.test(this.text[this.position] ?? "")) this.position += 1;
    return this.text[this.position];
  }

  value(): void {
    const depth = this.path.length;
    if (depth > MAXIMUM_DEPTH)
      this.fail(`Document nesting depth (${depth}) exceeds the maximum allowed (${MAXIMUM_DEPTH})`);
    const character = this.next();
    if (character === "{") this.object();
    else if (character === "[") this.list();
    else if (character === '"') this.string();
    else this.token();
    if (depth === 0 && this.path.length === 0 && this.next() !== undefined)
      this.fail(`Unrecognized token '${this.word()}': was expecting (${VALUES})`, this.position + this.word().length);
  }

  private word(): string {
    return /^[\w$]*/.exec(this.text.slice(this.position, this.position + 256))?.[0] ?? "";
  }

  private token(): void {
    TOKEN.lastIndex = this.position;
    const token = TOKEN.exec(this.text)?.[0];
    if (token !== undefined) {
      this.position += token.length;
      return;
    }
    const word = this.word();
    if (word === "") this.unexpected(`a valid value (${VALUES})`);
    this.fail(`Unrecognized token '${word}': was expecting (${VALUES})`, this.position + word.length);
  }

  private string(): string {
    const start = this.position;
    for (this.position += 1; this.text[this.position] !== '"'; this.position += 1) {
      if (this.position >= this.text.length)
        this.fail("Unexpected end-of-input: was expecting closing quote for a string value");
      if (this.text[this.position] === "\\") this.position += 1;
    }
    this.position += 1;
    try {
      return JSON.parse(this.text.slice(start, this.position)) as string;
    } catch {
      return this.fail("Illegal character in a string value");
    }
  }

  private object(): void {
    const fields = new Set<string>();
    this.position += 1;
    if (this.next() === "}") {
      this.position += 1;
      return;
    }
    for (;;) {
      if (this.next() !== '"') this.unexpected("double-quote to start field name");
      const field = this.string();
      if (fields.has(field)) this.fail(`Duplicate field '${field}'`, this.position, field);
      fields.add(field);
      if (this.next() !== ":") this.unexpected("a colon to separate field name and value");
      this.position += 1;
      this.path.push(field);
      this.value();
      this.path.pop();
      const end = this.next();
      if (end !== "," && end !== "}") this.unexpected("comma to separate Object entries");
      this.position += 1;
      if (end === "}") return;
    }
  }

  private list(): void {
    this.position += 1;
    if (this.next() === "]") {
      this.position += 1;
      return;
    }
    for (let index = 0; ; index += 1) {
      this.path.push(index);
      this.value();
      this.path.pop();
      const end = this.next();
      if (end !== "," && end !== "]") this.unexpected("comma to separate Array entries");
      this.position += 1;
      if (end === "]") return;
    }
  }
}
