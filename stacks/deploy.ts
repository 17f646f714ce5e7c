// How each unit is deployed. Loaded when it is wanted only, with all the resource types that it uses.
import type * as pulumi from "@pulumi/pulumi";
import type { StackContext } from "./context.js";

/** Makes a unit's resources and gives the stack outputs that it adds. */
export type Deploy = (context: StackContext) => Record<string, pulumi.Output<unknown>>;

export const deployments: Record<string, () => Promise<Deploy>> = {
  sanders: async () => (await import("./sanders/index.js")).deploySanders,
};
