// Nothing secret leaves the driver's memory: values known to be secret are replaced in whatever is written or shown.

/** What stands where a secret was. */
export const REDACTED = "[secret]";

/** Shorter ones would hit words that have nothing to do with them. */
const SHORTEST = 4;

export interface Redactor {
  /** Adds the strings in `value`, at any depth. */
  add(value: unknown): void;
  text(text: string): string;
  /** A copy of a JSON-like value with secrets replaced in every string and key. */
  json<T>(value: T): T;
}

/** A redactor for `secrets`; more can be added as they become known. */
export function createRedactor(...secrets: unknown[]): Redactor {
  const known = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.length < SHORTEST) return;
      known.add(value);
      // As it stands inside a JSON text.
      known.add(JSON.stringify(value).slice(1, -1));
    } else if (typeof value === "number" && String(value).length >= SHORTEST) known.add(String(value));
    else if (Array.isArray(value)) value.forEach(collect);
    else if (value && typeof value === "object") Object.values(value).forEach(collect);
  };
  const text = (content: string): string => {
    let result = content;
    // The longest first: a secret may contain another.
    for (const secret of [...known].sort((a, b) => b.length - a.length)) result = result.replaceAll(secret, REDACTED);
    return result;
  };
  const json = (value: unknown): unknown => {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return known.has(String(value)) ? REDACTED : value;
    if (Array.isArray(value)) return value.map(json);
    if (value instanceof Date) return value;
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), json(item)]));
    return value;
  };
  for (const secret of secrets) collect(secret);
  return { add: collect, text, json: (value) => json(value) as typeof value };
}

/** A stack output as the engine tells it. */
export interface StackOutput {
  value: unknown;
  secret: boolean;
}

/** Outputs for artefacts and terminals: the secret ones withheld by their flag. */
export const withheld = (outputs: Record<string, StackOutput>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? REDACTED : value]));
