// Which Pulumi CLI runs the program: found, installed or built, in a fixed order.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";
import { SemVer } from "semver";
import {
  buildEngine,
  ENGINE_VERSION,
  engineFolder,
  intoCache,
  isCached,
  isInstallerReachable,
  languageHostFolder,
} from "#engine-build";

export { ENGINE_VERSION };

/** Where a CLI was found, in the order in which the places are tried. */
export type EngineSource = "PATH" | "~/.pulumi" | "cache" | "installer" | "build";

export interface Engine {
  /** What the Automation API runs. */
  readonly command: PulumiCommand;
  /** Absolute path of the executable. */
  readonly path: string;
  readonly source: EngineSource;
  /** e.g. `3.246.0`; never older than {@link ENGINE_VERSION}, and of the same major version. */
  readonly version: string;
  /** Folders for the PATH of a process that runs the CLI by hand: the CLI's own, then one with a Node language host for a CLI that has none. */
  readonly pathEntries: string[];
}

/** The effects of the search, passed in so that a test can replace them. */
export interface EngineEffects {
  /** The CLI of `root` (its `bin/pulumi`), or that of PATH; rejects when there is none or when it is too old. */
  get(root?: string): Promise<PulumiCommand>;
  /** Our cached CLI, whose version was checked when it was put there: running it once more to ask takes a fifth of a second. */
  cached(): PulumiCommand;
  exists(path: string): boolean;
  isCached(): boolean;
  isInstallerReachable(): Promise<boolean>;
  /** Runs Pulumi's own installer into the cache. */
  install(onProgress: (message: string) => void): Promise<void>;
  /** Builds the CLI from its Go modules into the cache. */
  build(onProgress: (message: string) => void): Promise<void>;
}

export interface EngineOptions {
  /** Called with a short message while something is installed or built. */
  onProgress?: (message: string) => void;
  effects?: EngineEffects;
}

const version = new SemVer(ENGINE_VERSION);

const realEffects: EngineEffects = {
  get: (root) => PulumiCommand.get({ version, ...(root ? { root } : {}) }),
  // What `get` answers with. Its constructor is the SDK's own.
  cached: () => Reflect.construct(PulumiCommand, [executable(engineFolder()), version]),
  exists: existsSync,
  isCached,
  isInstallerReachable,
  install: (onProgress) => intoCache(async (root) => void (await PulumiCommand.install({ version, root })), onProgress),
  build: buildEngine,
};

let found: Promise<Engine> | undefined;

/**
 * The Pulumi CLI to use: that of PATH; else `~/.pulumi`; else our cached copy; else one from Pulumi's installer; else one built from
 * the official Go modules that `tools/engine` pins. A CLI older than the SDK is passed over.
 *
 * The answer is kept for the life of the process.
 *
 * @throws Error that names what to install when neither the installer nor Go can be had.
 */
export function findEngine(options: EngineOptions = {}): Promise<Engine> {
  if (options.effects) return search(options.effects, options.onProgress ?? (() => {}));
  found ??= search(realEffects, options.onProgress ?? (() => {}));
  found.catch(() => {
    found = undefined;
  });
  return found;
}

async function search(effects: EngineEffects, onProgress: (message: string) => void): Promise<Engine> {
  const onPath = findOnPath(effects);
  const places: { source: EngineSource; root?: string; path: string; there: boolean }[] = [
    { source: "PATH", path: onPath ?? "", there: onPath !== undefined },
    fixedPlace("~/.pulumi", join(homedir(), ".pulumi"), effects),
    { ...fixedPlace("cache", engineFolder(), effects), there: effects.isCached() },
  ];
  for (const place of places.filter((candidate) => candidate.there)) {
    if (place.source === "cache") return describe(effects.cached(), place.path, place.source);
    const command = await effects.get(place.root).catch(() => undefined);
    if (command) return describe(command, place.path, place.source);
  }
  const source = await provide(effects, onProgress);
  return describe(await effects.get(engineFolder()), executable(engineFolder()), source);
}

/** Puts an engine into the cache; the installer's failure is not the end where Go can still build it. */
async function provide(effects: EngineEffects, onProgress: (message: string) => void): Promise<EngineSource> {
  if (await effects.isInstallerReachable()) {
    try {
      onProgress("running Pulumi's installer");
      await effects.install(onProgress);
      return "installer";
    } catch (error) {
      onProgress(`Pulumi's installer failed (${(error as Error).message}), building instead`);
    }
  }
  await effects.build(onProgress);
  return "build";
}

const executable = (root: string): string => join(root, "bin", process.platform === "win32" ? "pulumi.exe" : "pulumi");

const fixedPlace = (source: EngineSource, root: string, effects: EngineEffects) => ({
  source,
  root,
  path: executable(root),
  there: effects.exists(executable(root)),
});

function findOnPath(effects: EngineEffects): string | undefined {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => effects.exists(path));
}

function describe(command: PulumiCommand, path: string, source: EngineSource): Engine {
  return {
    command,
    path,
    source,
    version: String(command.version ?? ENGINE_VERSION),
    pathEntries: [dirname(path), languageHostFolder()],
  };
}
