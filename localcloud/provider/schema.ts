// The package's Pulumi schema, from the descriptors: what `pulumi import`, `pulumi package get-schema` and YAML programs ask for.
import type { Properties, Property } from "./properties.js";
import { allServices } from "./registry.js";
import type { Values } from "./wire.js";

/** The schema of the resource types and functions that the local provider has. */
export async function packageSchema(version: string): Promise<Values> {
  const services = await allServices();
  const types: Values = {};
  const resources: Values = {};
  const functions: Values = {};
  for (const { resources: descriptors, functions: functionDescriptors } of services) {
    for (const { type, properties, global } of descriptors) {
      const all: Properties = global ? properties : { ...properties, region: { kind: "text", computed: true } };
      const inputs = Object.entries(all).filter(([, property]) => !property.output);
      resources[type] = {
        properties: propertySpecs(all, type, types),
        required: Object.keys(all).filter((name) => all[name]?.required || all[name]?.output),
        inputProperties: propertySpecs(Object.fromEntries(inputs), type, types),
        requiredInputs: inputs.filter(([, property]) => property.required).map(([name]) => name),
      };
    }
    for (const { token, properties } of functionDescriptors ?? []) {
      const entries = Object.entries(properties);
      const args = entries.filter(([, property]) => !property.output);
      functions[token] = {
        inputs: {
          type: "object",
          properties: propertySpecs(Object.fromEntries(args), token, types),
          required: args.filter(([, property]) => property.required).map(([name]) => name),
        },
        outputs: { type: "object", properties: propertySpecs(properties, token, types) },
      };
    }
  }
  return { name: "aws", version, resources, functions, types, provider: { type: "object" } };
}

function propertySpecs(properties: Properties, owner: string, types: Values): Values {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      { ...typeSpec(property, `${owner}${name[0]?.toUpperCase()}${name.slice(1)}`, types), secret: property.sensitive },
    ]),
  );
}

function typeSpec(property: Property, typeName: string, types: Values): Values {
  const item = () => (property.item ? typeSpec(property.item, typeName, types) : { $ref: "pulumi.json#/Any" });
  switch (property.kind) {
    case "text":
    case "json":
      return { type: "string" };
    case "number":
      return { type: property.integer ? "integer" : "number" };
    case "flag":
      return { type: "boolean" };
    case "list":
    case "set":
      return { type: "array", items: item() };
    case "map":
      return { type: "object", additionalProperties: item() };
    case "asset":
      return { $ref: "pulumi.json#/Asset" };
    case "any":
      return { $ref: "pulumi.json#/Any" };
    case "object": {
      const members = property.properties ?? {};
      types[typeName] = {
        type: "object",
        properties: propertySpecs(members, typeName, types),
        required: Object.keys(members).filter((name) => members[name]?.required),
      };
      return { $ref: `#/types/${typeName}` };
    }
  }
}
