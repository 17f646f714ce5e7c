// Diff: what has to change so that the state, as AWS last had it, becomes what the inputs say. Inputs are compared with the
// state and not with earlier inputs, so that a change made behind Pulumi's back and seen by a refresh is a change to undo.
import { createHash } from "node:crypto";
import type { ResourceDescriptor } from "./descriptor.js";
import { isWithin, rootOf } from "./paths.js";
import { policyText } from "./policies.js";
import type { Properties, Property } from "./properties.js";
import { DEFAULTS, hasUnknown, isRecord, UNKNOWN, type Values, WireAsset } from "./wire.js";

export type ChangeKind = "add" | "delete" | "update";

export interface PropertyChange {
  /** e.g. `rules[0].status`. */
  path: string;
  kind: ChangeKind;
  replace: boolean;
}

export interface ResourceDiff {
  changes: PropertyChange[];
  /** Top-level properties that force a replacement. */
  replaces: string[];
  deleteBeforeReplace: boolean;
}

/** Compares a resource's inputs with its state by its descriptor's rules; changes within `ignored` paths do not count. */
export function diffResource(
  descriptor: ResourceDescriptor,
  state: Values,
  inputs: Values,
  ignored: readonly string[] = [],
): ResourceDiff {
  const changes = compareProperties(descriptor.properties, state, inputs, "", !descriptor.update).filter(
    ({ path }) => !ignored.some((pattern) => isWithin(path, pattern)),
  );
  const changed = new Set(changes.map(({ path }) => rootOf(path)));
  for (const name of descriptor.replaceWhen?.(state, inputs) ?? [])
    if (changed.has(name)) for (const change of changes) if (rootOf(change.path) === name) change.replace = true;
  const replaces = [...new Set(changes.filter((change) => change.replace).map(({ path }) => rootOf(path)))];
  return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && keepsIdentity(descriptor, state, inputs) };
}

/** Whether the new thing would bear the old one's identity, so that both cannot be there at once. */
function keepsIdentity(descriptor: ResourceDescriptor, state: Values, inputs: Values): boolean {
  const named = Object.keys(descriptor.properties).filter((name) => descriptor.properties[name]?.autoName);
  const identity = descriptor.identity ?? named;
  const made = Array.isArray(inputs[DEFAULTS]) ? inputs[DEFAULTS] : [];
  if (identity.length === 0 || (!descriptor.global && differs(state.region, inputs.region))) return false;
  return identity.every((name) => {
    const property = descriptor.properties[name];
    return property !== undefined && !made.includes(name) && isEqual(property, inputs[name], state[name]);
  });
}

function differs(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && left !== right;
}

function compareProperties(
  properties: Properties,
  state: Values,
  inputs: Values,
  path: string,
  replaceAll: boolean,
): PropertyChange[] {
  return Object.entries(properties).flatMap(([name, property]) =>
    property.output
      ? []
      : compare(
          property,
          state[name],
          inputs[name],
          path === "" ? name : `${path}.${name}`,
          replaceAll || property.replace === true,
        ),
  );
}

function compare(
  property: Property,
  actual: unknown,
  given: unknown,
  path: string,
  replace: boolean,
): PropertyChange[] {
  const wanted = given ?? property.default;
  const change = (kind: ChangeKind): PropertyChange[] => [{ path, kind, replace }];
  if (wanted === undefined) return property.computed || isBlank(property, actual) ? [] : change("delete");
  if (wanted === UNKNOWN) return change(actual === undefined ? "add" : "update");
  if (actual === undefined) return isBlank(property, wanted) ? [] : change("add");
  if (isEqual(property, wanted, actual)) return [];
  if (property.equals) return change("update");
  if (property.kind === "object" && isRecord(wanted) && isRecord(actual))
    return compareProperties(property.properties ?? {}, actual, wanted, path, replace);
  const item = property.item;
  if (item && property.kind === "map" && isRecord(wanted) && isRecord(actual)) {
    const keys = [...new Set([...Object.keys(actual), ...Object.keys(wanted)])];
    return keys.flatMap((key) => compareItem(item, actual[key], wanted[key], `${path}${keyPath(key)}`, replace));
  }
  if (item && property.kind === "list" && Array.isArray(wanted) && Array.isArray(actual)) {
    const length = Math.max(wanted.length, actual.length);
    return Array.from({ length }, (_, at) => at).flatMap((at) =>
      compareItem(item, actual[at], wanted[at], `${path}[${at}]`, replace),
    );
  }
  return change("update");
}

/** In a map or list, an item that is there is not the same as one that is absent, blank though it may be. */
function compareItem(
  item: Property,
  actual: unknown,
  wanted: unknown,
  path: string,
  replace: boolean,
): PropertyChange[] {
  if (wanted === undefined) return [{ path, kind: "delete", replace }];
  if (actual === undefined) return [{ path, kind: "add", replace }];
  return compare(item, actual, wanted, path, replace);
}

function keyPath(key: string): string {
  return /^[A-Za-z_][\w]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether a value says no more than its absence would: nothing in it but defaults, blanks and what AWS chooses. */
export function isBlank(property: Property, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (value === UNKNOWN) return false;
  if (property.default !== undefined) return isEqual(property, property.default, value);
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof WireAsset) return false;
  if (property.kind === "object" && isRecord(value))
    return Object.entries(property.properties ?? {}).every(
      ([name, member]) => member.output || member.computed || isBlank(member, value[name]),
    );
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === "" || value === false || value === 0;
}

/** Whether a wanted value means the same as the actual one. Unknown values never do. */
export function isEqual(property: Property, given: unknown, actual: unknown): boolean {
  const wanted = given ?? property.default;
  if (hasUnknown(wanted)) return false;
  if (wanted === undefined) return property.computed === true || isBlank(property, actual);
  if (actual === undefined) return isBlank(property, wanted);
  if (property.equals) return property.equals(wanted, actual);
  switch (property.kind) {
    case "object":
      return (
        isRecord(wanted) &&
        isRecord(actual) &&
        Object.entries(property.properties ?? {}).every(
          ([name, member]) => member.output || isEqual(member, wanted[name], actual[name]),
        )
      );
    case "map": {
      if (!isRecord(wanted) || !isRecord(actual)) return false;
      const keys = Object.keys(wanted);
      return (
        keys.length === Object.keys(actual).length &&
        keys.every((key) => key in actual && isEqual(itemOf(property), wanted[key], actual[key]))
      );
    }
    case "list":
      return (
        Array.isArray(wanted) &&
        Array.isArray(actual) &&
        wanted.length === actual.length &&
        wanted.every((item, at) => isEqual(itemOf(property), item, actual[at]))
      );
    case "set":
      return Array.isArray(wanted) && Array.isArray(actual) && isSameSet(itemOf(property), wanted, actual);
    case "json":
      return policyText(wanted) === policyText(actual);
    case "asset":
      return wanted instanceof WireAsset && actual instanceof WireAsset && contentHash(wanted) === contentHash(actual);
    case "any":
      return canonicalText(wanted) === canonicalText(actual);
    default:
      return wanted === actual || String(wanted) === String(actual);
  }
}

function itemOf(property: Property): Property {
  return property.item ?? { kind: "any" };
}

/** Equal without order, and without counting repetitions. */
function isSameSet(item: Property, wanted: unknown[], actual: unknown[]): boolean {
  return (
    wanted.every((each) => actual.some((other) => isEqual(item, each, other))) &&
    actual.every((each) => wanted.some((other) => isEqual(item, other, each)))
  );
}

function contentHash(asset: WireAsset): string {
  return (
    asset.hash ??
    createHash("sha256")
      .update(asset.text ?? JSON.stringify(asset))
      .digest("hex")
  );
}

/** JSON text with keys in order, so that equal values give equal text. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    isRecord(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
