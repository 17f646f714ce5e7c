// The shapes of an operation's input and output, read from the schema that each command of the AWS SDK carries.

/** A schema of the SDK: a number for simple types, an array for others, possibly behind a function. */
export type SchemaRef = unknown;

export type Shape =
  | {
      kind: "structure";
      names: readonly string[];
      members: readonly SchemaRef[];
      /** Members that have to be there; those that the SDK makes up itself are not among them. */
      required: readonly string[];
    }
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
const NOTHING: Shape = { kind: "structure", names: [], members: [], required: [] };
/** Bit of a member's traits, where these are a number: the SDK makes up a value. */
const IDEMPOTENCY_TOKEN = 0b100;

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
      return structure(ref[4], ref[5], ref[6] ?? 0);
    default:
      return NOTHING;
  }
}

/** Members that are required stand first. */
function structure(names: readonly string[], members: readonly SchemaRef[], requiredCount: number): Shape {
  const required = names.slice(0, requiredCount).filter((_, index) => !isMadeUp(members[index]));
  return { kind: "structure", names, members, required };
}

function isMadeUp(member: SchemaRef): boolean {
  if (!Array.isArray(member) || member.length !== 2) return false;
  const traits = member[1] as number | { idempotencyToken?: unknown };
  return typeof traits === "number" ? (traits & IDEMPOTENCY_TOKEN) !== 0 : Boolean(traits.idempotencyToken);
}

/** Input and output of an operation's schema. */
export function operationShapes(schema: SchemaRef): { input: SchemaRef; output: SchemaRef } {
  const operation = schema as unknown[];
  return { input: operation[4], output: operation[5] };
}

/** Whether an operation streams events in or out. */
export function hasEventStream(schema: SchemaRef): boolean {
  const { input, output } = operationShapes(schema);
  return [input, output].some((ref) => {
    const shape = shapeOf(ref);
    return shape.kind === "structure" && shape.members.some(isEventStream);
  });
}

/** A structure or union that its own traits say is a stream. */
function isEventStream(member: SchemaRef): boolean {
  let ref = member;
  while (typeof ref === "function" || (Array.isArray(ref) && ref.length === 2))
    ref = typeof ref === "function" ? ref() : ref[0];
  if (!Array.isArray(ref) || (ref[0] !== ARRAY.structure && ref[0] !== ARRAY.union)) return false;
  const traits = ref[3] as unknown;
  return typeof traits === "object" && traits !== null && "streaming" in traits;
}
