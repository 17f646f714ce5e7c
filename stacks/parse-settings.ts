// Settings are parsed with strict schemas. What is wrong with them is said in one error: each key with its value, where it was given,
// and the key that was probably meant.
import { z } from "zod";
import { nearest } from "./nearest.js";

/** Settings that cannot be; the message says where they were given, which they are, and what could be meant. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Where settings came from, for errors. */
export interface SettingsSource {
  /** What keys are written behind, e.g. `crucible:sanders.`. */
  prefix: string;
  /** The file, or the option of a command line. */
  source: string;
}

/**
 * Parses settings with a strict schema.
 *
 * @throws SettingsError with a part for each wrong key or value: the key as it is written, the value, what is wrong, what was meant
 */
export function parseSettings<T extends z.ZodType>(schema: T, values: unknown, from: SettingsSource): z.output<T> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey(schema, values, [...issue.path, key], from.prefix))
      : [`${from.prefix}${issue.path.join(".")}: ${issue.message}, but it is ${written(values, issue.path)}`],
  );
  throw new SettingsError(`${from.source}: ${findings.join("; ")}`);
}

type Path = readonly PropertyKey[];

const written = (values: unknown, path: Path): string =>
  JSON.stringify(
    path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], values),
  ) ?? "not given";

function unknownKey(schema: z.ZodType, values: unknown, path: Path, prefix: string): string {
  const around = path.slice(0, -1);
  const key = String(path.at(-1));
  const siblings = Object.keys(shapeOf(within(schema, around)) ?? {});
  const beside = nearest(key, siblings);
  const meant =
    beside === undefined
      ? settingPaths(schema).find((each) => each.split(".").at(-1) === key)
      : [...around, beside].join(".");
  const advice = meant === undefined ? `there are ${siblings.join(", ")}` : `did you mean ${prefix}${meant}?`;
  return `${prefix}${path.join(".")} is not a setting (it is ${written(values, path)}); ${advice}`;
}

/** The schema of what is at a path; undefined where none says. */
function within(schema: z.ZodType, path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((inner, key) => inner && shapeOf(inner)?.[String(key)], schema);
}

/** The keys of an object's schema, whether it may be left out or not. */
function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return shapeOf(schema.unwrap() as z.ZodType);
  return undefined;
}

/** Every setting there is, e.g. `network.natGateways`. */
function settingPaths(schema: z.ZodType, before = ""): string[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, inner]) => [
    `${before}${key}`,
    ...settingPaths(inner, `${before}${key}.`),
  ]);
}
