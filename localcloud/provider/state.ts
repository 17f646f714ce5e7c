// The state of a resource: what a preview expects of it, how a reading becomes it, and which inputs it corresponds to.
import type { ResourceDescriptor } from "./descriptor.js";
import { isBlank, isEqual } from "./diff.js";
import type { Properties, Property } from "./properties.js";
import { DEFAULTS, isRecord, UNKNOWN, type Values } from "./wire.js";

/** The expected state of a resource that is still to be made: what AWS will choose is unknown. */
export function previewCreate(descriptor: ResourceDescriptor, inputs: Values): Values {
  const state: Values = {};
  for (const [name, property] of Object.entries(descriptor.properties)) {
    if (property.output) state[name] = name === "tagsAll" ? (inputs.tags ?? {}) : UNKNOWN;
    else state[name] = inputs[name] ?? property.default ?? (property.computed ? UNKNOWN : undefined);
  }
  return state;
}

/** The expected state after an update in place. */
export function previewUpdate(descriptor: ResourceDescriptor, old: Values, inputs: Values): Values {
  const state: Values = {};
  for (const [name, property] of Object.entries(descriptor.properties)) {
    if (name === "tagsAll") state[name] = inputs.tags ?? {};
    else if (property.output) state[name] = property.volatile ? UNKNOWN : old[name];
    else state[name] = inputs[name] ?? property.default ?? (property.computed ? old[name] : undefined);
  }
  return state;
}

/**
 * Completes what was read of a resource: what AWS does not give back is taken from what is known of it, and a value that means
 * the same as the known one keeps the known spelling (the program's policy text, its order of a set).
 */
export function settle(properties: Properties, known: Values, read: Values): Values {
  const state: Values = { ...read };
  for (const [name, property] of Object.entries(properties)) {
    if (property.output) continue;
    const value = settleValue(property, known[name], read[name]);
    if (value === undefined) delete state[name];
    else state[name] = value;
  }
  return state;
}

function settleValue(property: Property, known: unknown, read: unknown): unknown {
  if (property.unread) return known ?? read ?? property.default;
  if (known === undefined || known === UNKNOWN) return read;
  if (property.kind === "object" && isRecord(known) && isRecord(read))
    return settle(property.properties ?? {}, known, read);
  if (property.kind === "list" && Array.isArray(known) && Array.isArray(read) && property.item) {
    const item = property.item;
    return read.map((each, at) => settleValue(item, known[at], each));
  }
  return read !== undefined && isEqual(property, known, read) ? known : read;
}

/** The inputs that a refreshed state corresponds to: those of before, where they still hold, and what else AWS has now. */
export function refreshedInputs(descriptor: ResourceDescriptor, inputs: Values, state: Values): Values {
  const result: Values = { [DEFAULTS]: inputs[DEFAULTS] };
  for (const [name, property] of Object.entries(descriptor.properties)) {
    if (property.output) continue;
    const before = inputs[name];
    const isStill = before !== undefined && (property.unread || isEqual(property, before, state[name]));
    const value = isStill ? before : asInput(property, state[name]);
    if (value !== undefined && (before !== undefined || !property.computed)) result[name] = value;
  }
  return result;
}

/** The inputs with which a program could have made an imported resource: nothing that is a default or AWS's choice. */
export function importedInputs(descriptor: ResourceDescriptor, state: Values): Values {
  const result: Values = { [DEFAULTS]: [] };
  for (const [name, property] of Object.entries(descriptor.properties)) {
    if (property.output || (property.computed && !property.autoName && !property.required)) continue;
    const value = asInput(property, state[name]);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** A state's value as an input: without outputs and blanks. */
function asInput(property: Property, value: unknown): unknown {
  if (isBlank(property, value) && !property.required) return undefined;
  if (property.kind === "object" && isRecord(value)) {
    const members = Object.entries(property.properties ?? {})
      .filter(([, member]) => !member.output)
      .map(([name, member]) => [name, asInput(member, value[name])]);
    return Object.fromEntries(members.filter(([, member]) => member !== undefined));
  }
  const item = property.item;
  if (item && property.kind !== "map" && Array.isArray(value)) return value.map((each) => asInput(item, each) ?? each);
  return value;
}
