// How each unit is deployed. Loaded when it is wanted only, with all the resource types that it uses.
import type * as pulumi from "@pulumi/pulumi";
import { backendUnits } from "./backend/units.js";
import type { StackContext } from "./context.js";

/** Makes a unit's resources and gives the stack outputs that it adds. */
export type Deploy = (context: StackContext) => Outputs | Promise<Outputs>;

type Outputs = Record<string, pulumi.Output<unknown>>;

export const deployments: Record<string, () => Promise<Deploy>> = {
  sanders: async () => (await import("./sanders/index.js")).deploySanders,
  preprocessing: async () => (await import("./preprocessing/index.js")).deployPreprocessing,
  "cat-normalize": async () => (await import("./cat/normalize/index.js")).deployNormalize,
  "cat-etl": async () => (await import("./cat/etl/index.js")).deployEtl,
  ...Object.fromEntries(backendUnits.map(({ name }) => [name, () => deployBackend(name)])),
};

async function deployBackend(unit: string): Promise<Deploy> {
  const deploy = (await import("./backend/index.js")).backendDeployments[unit];
  if (!deploy)
    throw new Error(`The unit '${unit}' is in stacks/backend/units.ts, but stacks/backend/index.ts does not deploy it`);
  return deploy;
}
