// The code of an image: its modules bundled by esbuild, its Python files as they are.
import { statSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { build } from "esbuild";
import type { LayerFile } from "./layer.js";
import { expandPattern, type ImageSpec } from "./spec.js";

// Dependencies published as CommonJS call `require` for Node's own modules; an ES module has none.
const BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

/** What bundling gives: the files to put in the image, and the files that they were made of. */
export interface BundledCode {
  files: LayerFile[];
  /** Absolute paths. */
  inputs: string[];
}

/**
 * Bundles the entry point and the jobs of an image (shared chunks, ES modules for Node 20) and takes its Python files.
 * The outcome depends on the sources alone: paths are relative to the image's folder, and no other configuration is read.
 * @param external packages that are not bundled
 * @throws with esbuild's own message when a module does not compile or an import is not found
 */
export async function bundleCode(folder: string, spec: ImageSpec, external: readonly string[]): Promise<BundledCode> {
  const modules = [...(spec.main ? [spec.main] : []), ...(spec.jobs ? expandPattern(folder, spec.jobs) : [])];
  const bundled = modules.length > 0 ? await bundleModules(folder, modules, external) : { files: [], inputs: [] };
  const python = spec.python ? expandPattern(folder, spec.python) : [];
  return {
    files: [
      ...bundled.files.map(({ path, contents }) => ({
        path: posix.join(spec.workdir, path),
        content: contents,
      })),
      ...python.map((path) => ({ path: posix.join(spec.workdir, path), content: { file: join(folder, path) } })),
    ],
    inputs: [...bundled.inputs, ...python.map((path) => join(folder, path))],
  };
}

/** @returns paths from the folder */
async function bundleModules(folder: string, modules: readonly string[], external: readonly string[]) {
  const result = await build({
    absWorkingDir: folder,
    entryPoints: modules.map((path) => ({ in: `./${path}`, out: path.replace(/\.[cm]?[jt]s$/, "") })),
    outdir: ".",
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    external: external.flatMap((name) => [name, `${name}/*`]),
    banner: { js: BANNER },
    legalComments: "none",
    tsconfigRaw: { compilerOptions: { target: "es2023", verbatimModuleSyntax: true } },
    // Errors are thrown with their place; printing them as well would say everything twice.
    logLevel: "silent",
  });
  const inputs = Object.keys(result.metafile.inputs)
    .map((path) => resolve(folder, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return {
    files: result.outputFiles.map(({ path, contents }) => ({ path: path.slice(folder.length), contents })),
    inputs,
  };
}
