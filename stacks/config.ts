// The stack's configuration (`crucible:*`), checked once. A wrong key or value is one error that names it. It needs no Pulumi: the
// driver checks settings with it before it makes anything.
import { z } from "zod";
import { LONGEST_SUFFIX } from "./names.js";
import { parseSettings, SettingsError, type SettingsSource } from "./parse-settings.js";
import { units } from "./units.js";

export { parseSettings, SettingsError };

export const ENVIRONMENTS = ["dev", "test", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

const NAMESPACE = "crucible";

/** A system's own settings; the system parses them. */
const systems = Object.fromEntries(
  [...new Set(units.map(({ system }) => system))].map((system) => [
    system,
    z.record(z.string(), z.unknown()).default({}),
  ]),
);

const unitNames = units.map(({ name }) => name) as [string, ...string[]];

const schema = z.strictObject({
  /** Which environment the stack is. */
  environment: z.enum(ENVIRONMENTS).default("dev"),
  /** Names of the units that the stack deploys. @default all */
  units: z.array(z.enum(unitNames)).optional(),
  /**
   * Every unit has a stack of its own: of what `units` depend on, the outputs are read from the stacks `<environment>-<unit>`, or
   * those that `stacks` names, in place of deploying it here.
   */
  separate: z.boolean().default(false),
  /** Unit → the stack that has it, e.g. `organization/crucible/dev-network`: its outputs are read there. */
  stacks: z.partialRecord(z.enum(unitNames), z.string().min(1)).default({}),
  /** What a throwaway's names end in. */
  suffix: z
    .string()
    .regex(/^[a-z0-9]+$/, "must be lower case letters and digits")
    .max(LONGEST_SUFFIX)
    .optional(),
  /** A stack that is soon gone: nothing of it is retained or protected. */
  throwaway: z.boolean().default(false),
  /** Every name gets the suffix, not only those that are global on AWS. */
  suffixAll: z.boolean().default(false),
  /** Who puts the job images into ECR; see `JobImage`. */
  image: z.enum(["bundle", "none"]).default("bundle"),
  ...systems,
});

/** The configuration of a stack. */
export interface StackConfig {
  environment: Environment;
  units?: string[];
  separate: boolean;
  stacks: Partial<Record<string, string>>;
  suffix?: string;
  throwaway: boolean;
  suffixAll: boolean;
  image: "bundle" | "none";
  /** System → its settings as they were given. */
  systems: Record<string, Record<string, unknown>>;
  /** Where all this was read, for errors. */
  source: string;
  /** What its keys are written behind there. */
  prefix: string;
}

/**
 * Checks a stack's configuration.
 *
 * @param given `<namespace>:<key>` → text, or JSON text, as Pulumi keeps them
 * @throws SettingsError naming every wrong key and value, and `source`
 */
export function parseConfig(given: Record<string, string>, source: string): StackConfig {
  const own = Object.entries(given).filter(([key]) => key.startsWith(`${NAMESPACE}:`));
  const values = Object.fromEntries(own.map(([key, text]) => [key.slice(NAMESPACE.length + 1), fromText(text)]));
  return parseValues(values, { prefix: `${NAMESPACE}:`, source });
}

/** The same for values by the key without its namespace. @throws SettingsError */
export function parseValues(values: Record<string, unknown>, from: SettingsSource): StackConfig {
  const { source, prefix } = from;
  const parsed = parseSettings(schema, values, from) as Record<string, unknown>;
  if (parsed.suffixAll && parsed.suffix === undefined)
    throw new SettingsError(`${source}: ${prefix}suffixAll needs ${prefix}suffix`);
  checkPlaces(parsed as Pick<StackConfig, "units" | "separate" | "stacks">, from);
  const byName = Object.fromEntries(Object.keys(systems).map((name) => [name, parsed[name]]));
  return { ...parsed, systems: byName, source, prefix } as unknown as StackConfig;
}

/** A unit is in one stack: here, or in another. */
function checkPlaces(
  { units: here, separate, stacks }: Pick<StackConfig, "units" | "separate" | "stacks">,
  { source, prefix }: SettingsSource,
) {
  if (separate && here === undefined)
    throw new SettingsError(`${source}: ${prefix}separate needs ${prefix}units, which say what this stack has`);
  const twice = here?.find((name) => name in stacks);
  if (twice !== undefined)
    throw new SettingsError(
      `${source}: ${prefix}units says that ${twice} is in this stack, ${prefix}stacks that it is in ${stacks[twice]}`,
    );
}

/** Whether a unit that is depended on is in another stack. */
export function isElsewhere({ units: here, separate, stacks }: StackConfig, unit: string): boolean {
  return unit in stacks || (separate && !here?.includes(unit));
}

/** Pulumi keeps objects, lists and booleans as JSON text. No top-level key is a number: a suffix of digits alone stays text. */
function fromText(text: string): unknown {
  if (!/^[[{]|^(true|false)$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
