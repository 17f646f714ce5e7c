// The build context of a container image: the same code that the bundle has, and the locked list of its native modules, for a
// Dockerfile that installs them for the platform of the image.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import type { ImageBundle } from "./bundle.js";
import { readImageSpec } from "./spec.js";

const lockEntry = z.looseObject({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockSchema = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), z.looseObject({})) });

/** package.json and package-lock.json for `npm ci`. */
export interface LockedModules {
  manifest: { name: string; private: true; dependencies: Record<string, string> };
  lock: Record<string, unknown>;
}

/**
 * The part of a project's package-lock.json that some packages need, for every platform, versions and hashes unchanged.
 * @param projectLock content of package-lock.json (version 3)
 * @throws when a package is not in the lock at its top level
 */
export function lockModules(name: string, packages: readonly string[], projectLock: unknown): LockedModules {
  const { packages: locked } = lockSchema.parse(projectLock);
  const taken: Record<string, unknown> = {};
  const take = (pkg: string): string => {
    const path = `node_modules/${pkg}`;
    const found = lockEntry.safeParse(locked[path]);
    if (!found.success) throw new Error(`package-lock.json has no ${path}`);
    if (taken[path]) return found.data.version;
    // In the project it may be a dependency of development or optional; here it is neither.
    const { dev: _dev, devOptional: _devOptional, peer: _peer, ...entry } = found.data as Record<string, unknown>;
    taken[path] = entry;
    for (const dependency of Object.keys({ ...found.data.dependencies, ...found.data.optionalDependencies }))
      take(dependency);
    return found.data.version;
  };
  const dependencies = Object.fromEntries(packages.map((pkg) => [pkg, take(pkg)]));
  const sorted = Object.fromEntries(Object.entries(taken).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    manifest: { name, private: true, dependencies },
    lock: { name, lockfileVersion: 3, requires: true, packages: { "": { name, dependencies }, ...sorted } },
  };
}

export interface BuildContext {
  /** The Dockerfile of the image. */
  dockerfile: string;
}

/**
 * Fills a folder with `code.tar.gz` and `native/` (see docker/) for a built image.
 * @param folder the jobs folder, whose image.json names its Dockerfile under `runtime`
 * @param target an empty folder
 * @throws when image.json names no Dockerfile, or the project has no package-lock.json
 */
export function writeBuildContext(folder: string, bundle: ImageBundle, target: string): BuildContext {
  const spec = readImageSpec(folder);
  const dockerfile = spec.runtime
    .map((path) => resolve(folder, path))
    .findLast((path) => basename(path) === "Dockerfile");
  if (!dockerfile)
    throw new Error(
      `${join(folder, "image.json")} names no Dockerfile under 'runtime', so no container image can be built of it`,
    );
  const code = bundle.layers.at(-1);
  if (!code) throw new Error(`The image '${bundle.name}' has no code`);
  copyFileSync(bundle.blobPath(code.digest), join(target, "code.tar.gz"));
  const projectLock: unknown = JSON.parse(readFileSync(findUp("package-lock.json", folder), "utf8"));
  const { manifest, lock } = lockModules(spec.name, spec.native, projectLock);
  mkdirSync(join(target, "native"));
  writeFileSync(join(target, "native", "package.json"), JSON.stringify(manifest, undefined, 2));
  writeFileSync(join(target, "native", "package-lock.json"), JSON.stringify(lock, undefined, 2));
  // What the Dockerfile installs from lies beside it in the context.
  for (const path of spec.runtime)
    if (basename(path) !== "Dockerfile") copyFileSync(resolve(folder, path), join(target, basename(path)));
  return { dockerfile };
}

function findUp(name: string, from: string): string {
  for (let at = from; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name);
    if (dirname(at) === at) throw new Error(`There is no ${name} in ${from} or above`);
  }
}
