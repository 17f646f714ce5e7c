// SNS keeps everything about a topic or subscription as attributes of text; these are Pulumi's properties of them.
import type { Properties, Property } from "../../properties.js";
import type { Values } from "../../wire.js";

/** Pulumi's property names to SNS's attribute names. */
export type AttributeNames = Readonly<Record<string, string>>;

/** A property's value as SNS takes it; what is not given is set to nothing. */
export function toAttribute(value: unknown): string {
  return value === undefined ? "" : String(value);
}

/** The attributes to give at creation: those that inputs have. */
export function givenAttributes(names: AttributeNames, inputs: Values): Record<string, string> {
  const given = Object.entries(names).filter(([name]) => inputs[name] !== undefined && inputs[name] !== "");
  return Object.fromEntries(given.map(([name, attribute]) => [attribute, toAttribute(inputs[name])]));
}

/** The state's properties of the attributes that SNS has. */
export function stateOf(names: AttributeNames, properties: Properties, attributes: Record<string, string>): Values {
  const found = Object.entries(names).filter(([, attribute]) => (attributes[attribute] ?? "") !== "");
  return Object.fromEntries(
    found.map(([name, attribute]) => [name, parse(properties[name], attributes[attribute] ?? "")]),
  );
}

function parse(property: Property | undefined, value: string): unknown {
  if (property?.kind === "flag") return value === "true";
  return property?.kind === "number" ? Number(value) : value;
}
