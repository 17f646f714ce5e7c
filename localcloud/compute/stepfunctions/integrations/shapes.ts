// Parameters of a task as the SDK wants them, and the SDK's answers as Step Functions shows them.
import { isObject, type Json, type JsonObject, setOwn } from "../language/json.js";
import { upperFirst } from "./naming.js";
import { type SchemaRef, type Shape, shapeOf } from "./schema.js";

/** How a kind of integration spells things. */
export interface Spelling {
  /** The member's name in definitions and results. */
  member(name: string): string;
  /** Times in results. */
  time(date: Date): Json;
  /** Bytes: as base64, or as the text that they are (and as base64 in results where they are none). */
  bytes: "base64" | "utf8";
}

/**
 * The SDK's input of a task's parameters. Members that are null are left out, as AWS does.
 *
 * @param problems takes what is wrong, in AWS's words
 */
export function toInput(ref: SchemaRef, value: Json, spelling: Spelling, problems: string[], field = ""): unknown {
  const shape = shapeOf(ref);
  const refuse = (type: string): undefined => {
    problems.push(`The value for the field '${field}' must be a ${type}`);
    return undefined;
  };
  switch (shape.kind) {
    case "structure":
      return isObject(value) ? structure(shape, value, spelling, problems) : refuse("JSON object");
    case "list":
      if (!Array.isArray(value)) return refuse("JSON array");
      return value.map((item) => toInput(shape.item, item, spelling, problems, field));
    case "map":
      if (!isObject(value)) return refuse("JSON object");
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, mapValue(shape.value, item, spelling, problems, key)]),
      );
    case "string":
      return typeof value === "string" ? value : refuse("STRING");
    case "number":
      return typeof value === "number" ? value : refuse("NUMBER");
    case "boolean":
      return typeof value === "boolean" ? value : refuse("BOOLEAN");
    case "timestamp":
      return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? new Date(value) : refuse("TIMESTAMP");
    case "blob":
      return typeof value === "string" ? Buffer.from(value, spelling.bytes) : Buffer.from(JSON.stringify(value));
    case "document":
      return value;
  }
}

/** In a map of texts, numbers and truth values become texts. */
function mapValue(ref: SchemaRef, value: Json, spelling: Spelling, problems: string[], key: string): unknown {
  const isText = shapeOf(ref).kind === "string" && (typeof value === "number" || typeof value === "boolean");
  return toInput(ref, isText ? String(value) : value, spelling, problems, key);
}

function structure(
  shape: Extract<Shape, { kind: "structure" }>,
  value: JsonObject,
  spelling: Spelling,
  problems: string[],
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const [field, item] of Object.entries(value)) {
    let index = shape.names.findIndex((name) => spelling.member(name) === field);
    if (index < 0) index = shape.names.findIndex((name) => upperFirst(name) === field);
    const name = shape.names[index];
    if (name === undefined) {
      problems.push(`The field '${field}' is not supported by Step Functions`);
      continue;
    }
    given.add(name);
    if (item !== null) input[name] = toInput(shape.members[index], item, spelling, problems, field);
  }
  for (const name of shape.required)
    if (!given.has(name)) problems.push(`The field '${spelling.member(name)}' is required but was missing`);
  return input;
}

/** The SDK's output as a task's result: members in alphabetical order, those without a value left out. */
export function toResult(ref: SchemaRef, value: unknown, spelling: Spelling): Json {
  const shape = shapeOf(ref);
  if (value === null || value === undefined) return null;
  switch (shape.kind) {
    case "structure": {
      const members = shape.names
        .map((name, index) => [spelling.member(name), (value as Record<string, unknown>)[name], index] as const)
        .filter(([, member]) => member !== undefined && member !== null)
        .sort(([left], [right]) => (left < right ? -1 : 1));
      const result: JsonObject = {};
      for (const [name, member, index] of members) result[name] = toResult(shape.members[index], member, spelling);
      return result;
    }
    case "list":
      return (value as unknown[]).map((item) => toResult(shape.item, item, spelling));
    case "map": {
      const result: JsonObject = {};
      for (const [key, item] of Object.entries(value)) setOwn(result, key, toResult(shape.value, item, spelling));
      return result;
    }
    case "timestamp":
      return spelling.time(value as Date);
    case "blob":
      return text(value as Uint8Array, spelling);
    case "number":
      return Number(value);
    default:
      return value as Json;
  }
}

function text(bytes: Uint8Array, spelling: Spelling): string {
  const buffer = Buffer.from(bytes);
  if (spelling.bytes === "base64") return buffer.toString("base64");
  const string = buffer.toString("utf8");
  return Buffer.from(string, "utf8").equals(buffer) ? string : buffer.toString("base64");
}
