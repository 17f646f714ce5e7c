// Check: are the program's inputs what the type takes, and what do they become once names are made and spellings unified.

import { closestFirst } from "./closest.js";
import type { CheckFailure } from "./descriptor.js";
import { rootOf } from "./paths.js";
import type { Properties, Property } from "./properties.js";
import { isRecord, UNKNOWN, type Values, WireAsset } from "./wire.js";

export interface Checked {
  inputs: Values;
  failures: CheckFailure[];
}

/**
 * Validates inputs against declared properties and unifies their spelling (numbers and booleans given as text, JSON given as
 * objects). Unknown values pass; values of properties named in `secrets` are not shown.
 */
export function checkInputs(properties: Properties, given: Values, secrets: ReadonlySet<string> = new Set()): Checked {
  const failures: Finding[] = [];
  const inputs = checkObject(properties, given, "", failures);
  return {
    inputs,
    failures: failures.map(({ property, reason, found }) => {
      const isSecret = secrets.has(rootOf(property));
      return { property, reason: found === undefined ? reason : `${reason}, not ${isSecret ? "[secret]" : found}` };
    }),
  };
}

/** A failure with the value that was found, which is not told when it is a secret. */
interface Finding extends CheckFailure {
  found?: string;
}

function checkObject(properties: Properties, given: Values, path: string, failures: Finding[]): Values {
  const result: Values = {};
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const [name, value] of Object.entries(given)) {
    const property = properties[name];
    if (!property || property.output) {
      failures.push({ property: at(name), reason: whyRefused(name, property, properties) });
      continue;
    }
    result[name] = checkValue(property, value, at(name), failures);
  }
  for (const [name, property] of Object.entries(properties))
    if (property.required && given[name] === undefined)
      failures.push({ property: at(name), reason: "is required, but was not given" });
  return result;
}

function whyRefused(name: string, property: Property | undefined, properties: Properties): string {
  if (property) return "is set by AWS and cannot be given";
  const inputs = Object.keys(properties).filter((each) => !properties[each]?.output);
  return `is not a property that the local provider knows here; the known ones, the closest first: ${closestFirst(name, inputs).join(", ")}`;
}

function checkValue(property: Property, value: unknown, path: string, failures: Finding[]): unknown {
  if (value === UNKNOWN) return UNKNOWN;
  const unified = unify(property, value, path, failures);
  const broken =
    unified === WRONG ? { reason: `must be ${describe(property)}`, found: show(value) } : brokenRule(property, unified);
  if (broken) failures.push({ property: path, ...broken });
  return unified === WRONG ? value : unified;
}

const WRONG = Symbol("wrong");

/** The value in the one spelling of its kind, or WRONG. */
function unify(property: Property, value: unknown, path: string, failures: Finding[]): unknown {
  switch (property.kind) {
    case "text":
      return typeof value === "string"
        ? value
        : typeof value === "number" || typeof value === "boolean"
          ? `${value}`
          : WRONG;
    case "number": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof number !== "number" || !Number.isFinite(number)) return WRONG;
      return property.integer && !Number.isInteger(number) ? WRONG : number;
    }
    case "flag":
      return typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : WRONG;
    case "json":
      return unifyJson(value);
    case "list":
    case "set":
      if (!Array.isArray(value)) return WRONG;
      return value.map((item, at) => checkValue(itemOf(property), item, `${path}[${at}]`, failures));
    case "map":
      if (!isRecord(value) || value instanceof WireAsset) return WRONG;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          checkValue(itemOf(property), item, `${path}.${key}`, failures),
        ]),
      );
    case "object":
      if (!isRecord(value) || value instanceof WireAsset) return WRONG;
      return checkObject(property.properties ?? {}, value, path, failures);
    case "asset":
      return value instanceof WireAsset ? value : WRONG;
    case "any":
      return value;
  }
}

function unifyJson(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (!isRecord(value) && !Array.isArray(value)) return WRONG;
  let isUnknown = false;
  const text = JSON.stringify(value, (_, member) => {
    if (member === UNKNOWN) isUnknown = true;
    return member;
  });
  return isUnknown || text === undefined ? UNKNOWN : text;
}

function itemOf(property: Property): Property {
  return property.item ?? { kind: "any" };
}

function brokenRule(property: Property, value: unknown): { reason: string; found?: string } | undefined {
  if (value === UNKNOWN) return undefined;
  const { values, min, max } = property;
  if (values && !values.includes(String(value)))
    return { reason: `must be one of ${values.join(", ")}`, found: show(value) };
  const size = typeof value === "number" ? value : sizeOf(value);
  const unit = typeof value === "string" ? " characters long" : typeof value === "number" ? "" : " items";
  if (min !== undefined && size !== undefined && size < min)
    return { reason: `must be at least ${min}${unit}`, found: `${size}` };
  if (max !== undefined && size !== undefined && size > max)
    return { reason: `must be at most ${max}${unit}`, found: `${size}` };
  if (property.kind === "json" && typeof value === "string" && !isJson(value)) return { reason: "is not valid JSON" };
  const reason = property.check?.(value);
  return reason === undefined ? undefined : { reason };
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : undefined;
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

const KIND_NAMES: Record<Property["kind"], string> = {
  text: "a string",
  number: "a number",
  flag: "a boolean",
  json: "JSON",
  list: "a list",
  set: "a list",
  map: "a map",
  object: "an object",
  asset: "an asset or archive",
  any: "a value",
};

function describe(property: Property): string {
  return property.kind === "number" && property.integer ? "a whole number" : KIND_NAMES[property.kind];
}

/** A value in an error, shortened. */
function show(value: unknown): string {
  if (value instanceof WireAsset) return "an asset";
  if (Array.isArray(value)) return "a list";
  if (isRecord(value)) return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
