// The units of the program, as far as the driver has to know them.
import type { Unit } from "../../stacks/unit.js";
import { UsageError } from "../errors.js";

export type { Unit };

/** Loads the registry of the project's own program. */
export async function loadUnits(): Promise<Unit[]> {
  return (await import("../../stacks/units.js")).units;
}

/**
 * The units named, with all that they depend on: what is depended on comes first.
 *
 * @throws UsageError naming the units that there are
 */
export function resolveUnits(all: readonly Unit[], names: readonly string[]): Unit[] {
  const byName = new Map(all.map((unit) => [unit.name, unit]));
  const resolved = new Set<Unit>();
  const visit = (name: string, path: readonly string[]): void => {
    const unit = byName.get(name);
    if (!unit)
      throw new UsageError(`There is no unit named ${name}. There are: ${[...byName.keys()].sort().join(", ")}.`);
    if (path.includes(name)) throw new Error(`Units depend on each other in a circle: ${[...path, name].join(" → ")}`);
    for (const dependency of unit.dependsOn) visit(dependency, [...path, name]);
    resolved.add(unit);
  };
  for (const name of names) visit(name, []);
  return [...resolved];
}

/** ARNs of the workflows of the units, from the stack's outputs. */
export function workflowArns(units: readonly Unit[], outputs: Record<string, unknown>): Record<string, string> {
  const arns: Record<string, string> = {};
  for (const unit of units)
    for (const [workflow, output] of Object.entries(unit.workflows)) {
      const arn = outputs[output];
      if (typeof arn === "string") arns[workflow] = arn;
    }
  return arns;
}
