// The shapes of an operation's input and output, read from the schema that each command of the AWS SDK carries.

/** A schema of the SDK: a number for simple types, an array for others, possibly behind a function. */
export type SchemaRef = unknown;

export type Shape =
  | { kind: "structure"; names: readonly string[]; members: readonly SchemaRef[] }
  | { kind: "list"; item: SchemaRef }
  | { kind: "map"; value: SchemaRef }
  | { kind: "string" | "number" | "boolean" | "timestamp" | "blob" | "document" };

/** Kinds of array schemas, by their first element (`@smithy/types`, static schemas). */
const ARRAY = { simple: 0, list: 1, map: 2, structure: 3, union: 4, error: -3 };
/** Bits that make a number a list or a map of the type that the rest says. */
const LIST_OF = 0b0100_0000;
const MAP_OF = 0b1000_0000;
const SIMPLE: Record<number, Shape> = {
  0: { kind: "string" },
  1: { kind: "number" },
  2: { kind: "boolean" },
  4: { kind: "timestamp" },
  5: { kind: "timestamp" },
  6: { kind: "timestamp" },
  7: { kind: "timestamp" },
  15: { kind: "document" },
  17: { kind: "number" },
  19: { kind: "number" },
  21: { kind: "blob" },
  42: { kind: "blob" },
};
const NOTHING: Shape = { kind: "structure", names: [], members: [] };

export function shapeOf(ref: SchemaRef): Shape {
  if (typeof ref === "function") return shapeOf(ref());
  if (typeof ref === "number") {
    if (ref & MAP_OF) return { kind: "map", value: ref & ~MAP_OF };
    const simple = SIMPLE[ref];
    if (simple) return simple;
    return ref & LIST_OF ? { kind: "list", item: ref & ~LIST_OF } : { kind: "document" };
  }
  if (!Array.isArray(ref)) return NOTHING;
  // A member with traits of its own: what it is, and the traits.
  if (ref.length === 2) return shapeOf(ref[0]);
  switch (ref[0]) {
    case ARRAY.simple:
      return shapeOf(ref[4]);
    case ARRAY.list:
      return { kind: "list", item: ref[4] };
    case ARRAY.map:
      return { kind: "map", value: ref[5] };
    case ARRAY.structure:
    case ARRAY.union:
    case ARRAY.error:
      return { kind: "structure", names: ref[4], members: ref[5] };
    default:
      return NOTHING;
  }
}

/** Input and output of an operation's schema. */
export function operationShapes(schema: SchemaRef): { input: SchemaRef; output: SchemaRef } {
  const operation = schema as unknown[];
  return { input: operation[4], output: operation[5] };
}
