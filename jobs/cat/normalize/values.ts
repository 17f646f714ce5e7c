// Values of DynamoDB as text: nothing of a number's digits is lost, which JavaScript's own numbers would.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Attributes = Record<string, AttributeValue>;

/**
 * A value as JSON text: numbers with all their digits, maps by name (DynamoDB keeps no order), sets as lists, binaries as base64.
 *
 * @throws for a type that DynamoDB has not had so far
 */
export function jsonText(value: AttributeValue): string {
  if (value.S !== undefined) return JSON.stringify(value.S);
  if (value.N !== undefined) return value.N;
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.NULL !== undefined) return "null";
  if (value.L !== undefined) return `[${value.L.map(jsonText).join(",")}]`;
  if (value.M !== undefined) {
    const entries = Object.entries(value.M).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${jsonText(inner)}`).join(",")}}`;
  }
  if (value.SS !== undefined) return JSON.stringify(value.SS);
  if (value.NS !== undefined) return `[${value.NS.join(",")}]`;
  if (value.B !== undefined) return JSON.stringify(base64(value.B));
  if (value.BS !== undefined) return JSON.stringify(value.BS.map(base64));
  throw new TypeError(`A value of DynamoDB is of an unknown type: ${Object.keys(value).join(", ")}`);
}

/** A value as it stands in a column: plain values by themselves, the others as JSON; null for one that is absent or null. */
export function cellText(value: AttributeValue | undefined): string | null {
  if (value === undefined || value.NULL !== undefined) return null;
  return value.S ?? value.N ?? jsonText(value);
}

/** A value as JSON in a column of JSON; null for one that is absent or null. */
export function jsonCell(value: AttributeValue | undefined): string | null {
  return value === undefined || value.NULL !== undefined ? null : jsonText(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
