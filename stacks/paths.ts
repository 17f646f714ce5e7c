// Where things of the checkout are, whether this runs compiled or not.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout: the nearest folder above that has the project's `Pulumi.yaml`. */
export function projectRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  let folder = here;
  while (!existsSync(join(folder, "Pulumi.yaml"))) {
    if (folder === dirname(folder)) throw new Error(`There is no Pulumi.yaml in ${here} or above it`);
    folder = dirname(folder);
  }
  return folder;
}

/** Sources of a system's jobs, not their compiled copies: images are bundled from them. */
export function jobsFolder(system: string): string {
  return join(projectRoot(), "jobs", system);
}
