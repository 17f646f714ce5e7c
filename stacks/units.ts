// The registry of units. A new one is one entry here and one in `deploy.ts`. It needs no Pulumi, so that choosing units is quick.
import { backendUnits } from "./backend/units.js";
import { catUnits } from "./cat/units.js";
import type { Unit } from "./unit.js";

export const units: Unit[] = [
  {
    name: "sanders",
    system: "sanders",
    description: "Sanders customer platform: daily customer features from taxi trips, on Batch Fargate",
    dependsOn: [],
    defaultRegion: "eu-central-1",
    workflows: { orchestrator: "StepFunctionsStateMachineARN" },
  },
  ...backendUnits,
  {
    name: "preprocessing",
    system: "preprocessing",
    description: "A user's script on CSV files, run by itself in a container on ECS Fargate",
    dependsOn: [],
    defaultRegion: "ap-southeast-1",
    workflows: { preprocessing: "PreprocessingStateMachineARN" },
  },
  ...catUnits,
];

/**
 * The units as a stack's settings have them: without the dependencies that a setting takes the place of.
 *
 * @param systems system → its settings as they were given
 */
export function unitsFor(systems: Record<string, Record<string, unknown>>, registry: readonly Unit[] = units): Unit[] {
  const isGiven = (system: string, path: string): boolean =>
    path
      .split(".")
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], systems[system]) !==
    undefined;
  return registry.map((unit) => ({
    ...unit,
    dependsOn: unit.dependsOn.filter((name) => {
      const setting = unit.instead?.[name];
      return setting === undefined || !isGiven(unit.system, setting);
    }),
  }));
}

/**
 * The units that a choice amounts to: the named ones and all that they depend on, each after what it depends on.
 *
 * @param names what was chosen; absent for all
 * @param isElsewhere units of other stacks, which are left out with what only they depend on
 * @throws naming an unknown unit and those that there are, or a circle of dependencies
 */
export function selectUnits(
  names: readonly string[] | undefined,
  registry: readonly Unit[] = units,
  isElsewhere: (name: string) => boolean = () => false,
): Unit[] {
  const byName = new Map(registry.map((unit) => [unit.name, unit]));
  const selected = new Set<Unit>();
  const add = (name: string, path: readonly string[]): void => {
    const unit = byName.get(name);
    if (!unit) throw new Error(`There is no unit '${name}'${asked(path)}; there are ${[...byName.keys()].join(", ")}`);
    if (path.includes(name)) throw new Error(`Units depend on each other in a circle: ${[...path, name].join(" → ")}`);
    for (const dependency of unit.dependsOn) if (!isElsewhere(dependency)) add(dependency, [...path, name]);
    selected.add(unit);
  };
  for (const name of names ?? [...byName.keys()].filter((each) => !isElsewhere(each))) add(name, []);
  return [...selected];
}

function asked(path: readonly string[]): string {
  return path.length === 0 ? "" : ` (needed by ${path.at(-1)})`;
}
