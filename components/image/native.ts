// The closure of npm packages that cannot be bundled (native modules): which folders an image needs below node_modules.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { z } from "zod";
import type { LayerFile } from "./layer.js";

/** Operating system and processor in Node's names (`linux`, `x64`). */
export interface Platform {
  os: string;
  cpu: string;
  /** Only on Linux. */
  libc?: "glibc" | "musl";
}

/** A package of the closure. */
export interface NativePackage {
  name: string;
  version: string;
  /** Absolute folder. */
  folder: string;
  /** Built for one platform: in the layer, but not in the image's identity, which is the same for every platform. */
  platformSpecific: boolean;
}

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
});

/** The platform of this process. */
export function hostPlatform(): Platform {
  if (process.platform !== "linux") return { os: process.platform, cpu: process.arch };
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return { os: "linux", cpu: process.arch, libc: report.header.glibcVersionRuntime ? "glibc" : "musl" };
}

/**
 * The packages and all that they depend on, as installed for `from`; of optional dependencies only those for the platform.
 * @param from a folder of the project whose node_modules is searched, upwards, as Node does
 * @throws when a package is not installed, or has optional builds but none for the platform
 */
export function nativeClosure(names: readonly string[], from: string, platform: Platform): NativePackage[] {
  const found = new Map<string, NativePackage>();
  const visit = (name: string, near: string, neededBy: string) => {
    const folder = findPackage(name, near);
    if (!folder) throw new Error(`${name}, needed by ${neededBy}, is not installed: run npm ci`);
    const manifest = readManifest(folder);
    const known = found.get(name);
    if (known && known.folder !== folder)
      throw new Error(`${name} is installed twice (${known.folder}, ${folder}), and an image can hold only one`);
    if (known) return;
    found.set(name, {
      name,
      version: manifest.version,
      folder,
      platformSpecific: Boolean(manifest.os ?? manifest.cpu),
    });
    for (const dependency of Object.keys(manifest.dependencies).sort()) visit(dependency, folder, name);
    const optional = Object.keys(manifest.optionalDependencies).sort();
    const built = optional.filter((dependency) => {
      const at = findPackage(dependency, folder);
      return at !== undefined && isFor(readManifest(at), platform);
    });
    if (optional.length > 0 && built.length === 0)
      throw new Error(
        `No build of ${name} for ${platform.os}/${platform.cpu}${platform.libc ? ` (${platform.libc})` : ""} is installed: ` +
          `run npm ci --os=${platform.os} --cpu=${platform.cpu}`,
      );
    for (const dependency of built) visit(dependency, folder, name);
  };
  for (const name of names) visit(name, from, "image.json");
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every file of a package but nested node_modules, declarations and source maps, put below `<workdir>/node_modules`. */
export function packageFiles(pkg: NativePackage, workdir: string): LayerFile[] {
  return walk(pkg.folder)
    .filter((path) => !/\.(d\.[cm]?ts|map)$/.test(path))
    .map((path) => ({
      path: posix.join(workdir, "node_modules", pkg.name, path),
      content: { file: join(pkg.folder, path) },
    }));
}

function walk(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    const path = posix.join(below, entry.name);
    return entry.isDirectory() ? walk(folder, path) : entry.isFile() ? [path] : [];
  });
}

function readManifest(folder: string): z.infer<typeof manifestSchema> {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
}

function findPackage(name: string, near: string): string | undefined {
  for (let at = near; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(at) === at) return undefined;
  }
}

function isFor(manifest: z.infer<typeof manifestSchema>, platform: Platform): boolean {
  const allows = (list: string[] | undefined, value: string | undefined) =>
    list === undefined || value === undefined || (list.includes(value) && !list.includes(`!${value}`));
  return allows(manifest.os, platform.os) && allows(manifest.cpu, platform.cpu) && allows(manifest.libc, platform.libc);
}
