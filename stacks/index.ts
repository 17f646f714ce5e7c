// WHAT is deployed: the registry of units, and the program that deploys those that the configuration names.
import type * as pulumi from "@pulumi/pulumi";
import { isElsewhere, type StackConfig } from "./config.js";
import { createContext } from "./context.js";
import { deployments } from "./deploy.js";
import { readConfig, withoutStackTrace } from "./read-config.js";
import { DeployedUnits } from "./unit-outputs.js";
import { selectUnits, unitsFor } from "./units.js";

export type { Unit } from "./unit.js";
export { selectUnits, units } from "./units.js";

/**
 * The Pulumi program: deploys the units of `crucible:units` (all by default) with what they depend on, but for units of other stacks.
 *
 * @returns the outputs of all units together
 * @throws when the configuration is wrong, the account is not the environment's, or two units have an output of one name
 */
export async function program(): Promise<Record<string, pulumi.Output<unknown>>> {
  const config = await readConfig();
  return await withoutStackTrace(() => deploy(config));
}

async function deploy(config: StackConfig): Promise<Record<string, pulumi.Output<unknown>>> {
  const selected = selectUnits(config.units, unitsFor(config.systems), (name) => isElsewhere(config, name));
  const deployed = new DeployedUnits(config);
  const needed = new Set(selected.flatMap(({ dependsOn }) => dependsOn));
  for (const name of needed) if (isElsewhere(config, name)) await deployed.load(name);
  const context = await createContext(config, (unit) => deployed.outputsOf(unit));
  for (const { name } of selected) {
    const deployUnit = await deployments[name]?.();
    if (!deployUnit) throw new Error(`The unit '${name}' is in the registry, but stacks/deploy.ts does not deploy it`);
    deployed.add(name, await deployUnit(context));
  }
  return deployed.all();
}

/** Loads what deploying the units needs, ahead of the program's run. */
export async function preload(names?: readonly string[]): Promise<void> {
  await Promise.all(selectUnits(names).map(({ name }) => deployments[name]?.()));
}
