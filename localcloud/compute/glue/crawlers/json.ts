// JSON: one document a line, documents one after the other, or one array of them.
import { type FileSchema, structType, widened } from "./schema.js";

/** Hive's type of a value. */
export function typeOfJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return "double";
    return value >= -(2 ** 31) && value < 2 ** 31 ? "int" : "bigint";
  }
  if (Array.isArray(value)) return `array<${value.map(typeOfJson).reduce(widened, "null")}>`;
  if (typeof value === "object")
    return structType(new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), typeOfJson(member)])));
  return "string";
}

/** Complete values at the beginning of a text, one after the other; what is cut off at its end is left out. */
function* documents(text: string): Generator<unknown> {
  let depth = 0;
  let start = -1;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === "\\") index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) yield JSON.parse(text.slice(start, index + 1));
    }
  }
}

/** The schema of a text, or undefined when it is no JSON. */
export function jsonSchema(text: string): Omit<FileSchema, "compression" | "records"> | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const members = new Map<string, string>();
  let found = false;
  try {
    for (const value of documents(text)) {
      for (const document of Array.isArray(value) ? value : [value]) {
        if (typeof document !== "object" || document === null) return undefined;
        found = true;
        for (const [name, member] of Object.entries(document))
          members.set(name, widened(members.get(name) ?? "null", typeOfJson(member)));
      }
    }
  } catch {
    return undefined;
  }
  if (!found) return undefined;
  const columns = new Map<string, string>();
  for (const [name, type] of members)
    columns.set(name.toLowerCase(), widened(columns.get(name.toLowerCase()) ?? "null", type));
  return {
    classification: "json",
    columns: [...columns].map(([name, type]) => ({ name, type })),
    paths: [...members.keys()],
  };
}
