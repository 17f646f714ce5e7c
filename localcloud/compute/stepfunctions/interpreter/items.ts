// The items of a Map: what is iterated over, and where each came from.
import { isObject, type Json, type JsonObject } from "../language/json.js";

/** One item, with what the Context object tells of it. */
export interface MapItem {
  value: Json;
  /** Name of the entry, where the items are the entries of an object. */
  key?: string;
  /** `STATE_DATA`, or the S3 URI that the item was read from. */
  source: string;
}

/** Source of items that stand in the state's own data. */
export const STATE_DATA = "STATE_DATA";

/** Elements of an array, or key-value pairs of an object; nothing else has items. Source: "ItemReader (Map)". */
export function iterate(node: Json, source: string): MapItem[] | undefined {
  if (Array.isArray(node)) return node.map((value) => ({ value, source }));
  if (isObject(node)) return Object.entries(node).map(([key, value]) => ({ value, key, source }));
  return undefined;
}

/** `Map.Item` of the Context object. Source: "Accessing execution data from the Context object in Step Functions". */
export const itemContext = ({ value, key, source }: MapItem, index: number): JsonObject => ({
  Item: { Index: index, ...(key === undefined ? {} : { Key: key }), Value: value, Source: source },
});

/** What the processor gets where no ItemSelector shapes it. */
export const inputOf = ({ value, key }: MapItem): Json => (key === undefined ? value : { Key: key, Value: value });
