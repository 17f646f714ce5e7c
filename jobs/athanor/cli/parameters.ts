// A workflow's parameters as options of the CLI: read from its schema, so that there is no second list of them.
import type { Options } from "yargs";
import { z } from "zod";
import type { Workflow } from "../workflow.js";

interface Property {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  items?: Property;
}

/** `hhDate` → `hh-date` */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function properties(workflow: Workflow): { shape: Record<string, Property>; required: string[] } {
  const schema = z.toJSONSchema(workflow.parameters, { io: "input", unrepresentable: "any" });
  return { shape: (schema.properties ?? {}) as Record<string, Property>, required: schema.required ?? [] };
}

/** Options by kebab-case name. Values are taken as text, so that what is wrong is said by the schema. */
export function parameterOptions(workflow: Workflow): Record<string, Options> {
  const { shape, required } = properties(workflow);
  const options = Object.entries(shape).map(([name, property]): [string, Options] => {
    const notes = [
      property.enum ? `one of ${property.enum.join(", ")}` : undefined,
      property.type === "array" ? "a list with commas" : undefined,
      required.includes(name) ? "required" : undefined,
      property.default === undefined ? undefined : `default: ${JSON.stringify(property.default)}`,
    ].filter((note) => note !== undefined);
    const describe = [property.description ?? name, ...(notes.length > 0 ? [`[${notes.join("; ")}]`] : [])].join(" ");
    const common = { describe, group: "Parameters:" };
    return [
      kebab(name),
      property.type === "boolean" ? { ...common, type: "boolean" } : { ...common, type: "string", requiresArg: true },
    ];
  });
  return Object.fromEntries(options);
}

/** The run's input in what yargs has parsed: only what was given. */
export function givenParameters(workflow: Workflow, parsed: Record<string, unknown>): Record<string, unknown> {
  const { shape } = properties(workflow);
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, property]) => {
      const value = parsed[kebab(name)];
      if (value === undefined) return [];
      // The same option twice: for a list both count, of anything else the last one does.
      const texts = Array.isArray(value) ? value : [value];
      if (property.type !== "array") return [[name, converted(texts.at(-1), property)]];
      const items = texts.flatMap((text) => String(text).split(","));
      return [
        [
          name,
          items
            .map((item) => item.trim())
            .filter(Boolean)
            .map((item) => converted(item, property.items ?? {})),
        ],
      ];
    }),
  );
}

function converted(value: unknown, property: Property): unknown {
  const isNumber = property.type === "number" || property.type === "integer";
  return isNumber && typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
