// What a layer for Node functions holds: packages, each bundled to one module, with what they share in chunks beside them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";
import { MODULE, REQUIRE_BANNER } from "./code.js";

/** Where Node functions look for packages of layers ("Packaging your layer content", AWS Lambda Developer Guide). */
const PACKAGES = "nodejs/node_modules";
/** Folder of what several packages share. Its name cannot be a package's. */
const SHARED = "_shared";

/** What was bundled: packages do not change while a program runs, and a stack may have several layers of the same. */
const bundled = new Map<string, Promise<Map<string, string>>>();

/**
 * Bundles packages for a layer. The outcome depends on the packages installed alone.
 *
 * Functions that are ES modules find packages of layers since Node 18 ("ES module resolution using NODE_PATH", AWS Compute Blog).
 *
 * @param packages names, e.g. `zod`; each has to have one entry for `import`
 * @param from folder from which they are looked for, upwards
 * @returns path in the layer → text
 * @throws when a package is not installed, or with esbuild's own message
 */
export function bundleLayer(packages: readonly string[], from: string): Promise<Map<string, string>> {
  const names = [...packages].sort();
  const key = JSON.stringify([from, names]);
  const made = bundled.get(key) ?? bundle(names, from);
  bundled.set(key, made);
  return made;
}

async function bundle(names: readonly string[], from: string): Promise<Map<string, string>> {
  const installed = new Map(names.map((name) => [name, installedPackage(name, from)]));
  // Names of chunks come of paths: seen from where the packages are, these are the same for every checkout.
  const root = dirname([...installed.values()][0]?.folder ?? from);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/${MODULE}`, name])),
    bundle: true,
    splitting: true,
    write: false,
    outdir: join(root, PACKAGES),
    outExtension: { ".js": ".mjs" },
    chunkNames: `${SHARED}/[hash]`,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    // Errors and clients are told apart by their names.
    keepNames: true,
    legalComments: "none",
    banner: { js: REQUIRE_BANNER },
    logLevel: "silent",
  });
  const files = new Map<string, string>();
  for (const [name, { version }] of installed)
    files.set(
      `${PACKAGES}/${name}/package.json`,
      JSON.stringify({ name, version, type: "module", exports: `./${MODULE}.mjs` }),
    );
  for (const { path, text } of outputFiles) files.set(relative(root, path).replaceAll("\\", "/"), text);
  return new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Version and `node_modules` folder of a package. */
function installedPackage(name: string, from: string): { version: string; folder: string } {
  const require = createRequire(join(from, "index.js"));
  for (const folder of require.resolve.paths(name) ?? [])
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")) as { version: string };
      return { version, folder };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  throw new Error(`${name}, which the layer is to bring, is not installed: run npm ci`);
}
