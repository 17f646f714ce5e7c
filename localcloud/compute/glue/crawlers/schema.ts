// Schemas as crawlers find them, in Hive's types, and how those of several files become one.

export interface Column {
  /** In lower case, as the Data Catalog keeps it. */
  name: string;
  /** Hive's type, e.g. `bigint` or `struct<a:int>`. */
  type: string;
}

/** What a file turned out to be. */
export interface FileSchema {
  classification: "csv" | "json" | "parquet" | "UNKNOWN";
  columns: Column[];
  compression: "none" | "gzip";
  /** Of text with columns. */
  csv?: {
    delimiter: string;
    hasHeader: boolean;
    isQuoted: boolean;
    quote?: string;
    serde?: "OpenCSVSerDe" | "LazySimpleSerDe";
  };
  /** Of JSON: the members' own names. */
  paths?: string[];
  /** Rows, counted or estimated. */
  records: number;
}

const WHOLE = ["tinyint", "smallint", "int", "bigint"];

/** The members of a struct type, by name; undefined for other types. */
export function structMembers(type: string): Map<string, string> | undefined {
  const inner = /^struct<(.*)>$/.exec(type)?.[1];
  if (inner === undefined) return undefined;
  return new Map(
    splitTopLevel(inner).map((member) => {
      const at = member.indexOf(":");
      return [member.slice(0, at), member.slice(at + 1)];
    }),
  );
}

/** Splits at commas that are within no brackets. */
export function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === "<" || character === "(") depth += 1;
    else if (character === ">" || character === ")") depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  const last = text.slice(start);
  return last === "" ? parts : [...parts, last];
}

export const structType = (members: Map<string, string>): string =>
  `struct<${[...members].map(([name, type]) => `${name}:${type}`).join(",")}>`;

/** The type that holds values of both; text where nothing else does. */
export function widened(one: string, other: string): string {
  if (one === other || other === "null") return one;
  if (one === "null") return other;
  if (WHOLE.includes(one) && WHOLE.includes(other)) return WHOLE.indexOf(one) > WHOLE.indexOf(other) ? one : other;
  const numeric = (type: string) => WHOLE.includes(type) || type === "float" || type === "double";
  if (numeric(one) && numeric(other)) return "double";
  const [left, right] = [structMembers(one), structMembers(other)];
  if (left && right) {
    for (const [name, type] of right) left.set(name, widened(left.get(name) ?? "null", type));
    return structType(left);
  }
  const [oneItem, otherItem] = [one, other].map((type) => /^array<(.*)>$/.exec(type)?.[1]);
  if (oneItem !== undefined && otherItem !== undefined) return `array<${widened(oneItem, otherItem)}>`;
  return "string";
}

/** Columns of all, in the order in which they are met. */
export function mergedColumns(schemas: readonly (readonly Column[])[]): Column[] {
  const merged = new Map<string, string>();
  for (const { name, type } of schemas.flat()) merged.set(name, widened(merged.get(name) ?? "null", type));
  return [...merged].map(([name, type]) => ({ name, type: settled(type) }));
}

/** What no value has told a type of is text. */
export const settled = (type: string): string => type.replace(/\bnull\b/g, "string");

/** How much two files must have in common to be of one table: "How does a crawler determine when to create partitions?" */
const LEAST_SIMILARITY = 0.7;
const LEAST_CONTAINED = 0.5;

/** Whether two files can be of one table. */
export function areCompatible(one: FileSchema, other: FileSchema): boolean {
  if (one.classification !== other.classification || one.compression !== other.compression) return false;
  if (one.csv?.delimiter !== other.csv?.delimiter || one.csv?.hasHeader !== other.csv?.hasHeader) return false;
  const names = new Set(one.columns.map(({ name }) => name));
  const common = other.columns.filter(({ name }) => names.has(name)).length;
  const most = Math.max(one.columns.length, other.columns.length);
  const similarity = most === 0 ? 1 : common / most;
  // Columns are added with time: what one file has entirely, the other may well exceed.
  const isContained = common === Math.min(one.columns.length, other.columns.length);
  return similarity >= (isContained ? LEAST_CONTAINED : LEAST_SIMILARITY);
}
