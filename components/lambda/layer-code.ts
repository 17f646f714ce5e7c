// What a layer for Node functions holds: packages, each bundled to one module, with what they share in chunks beside them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { MODULE, REQUIRE_BANNER } from "./code.js";

/** Where Node functions look for packages of layers ("Packaging your layer content", AWS Lambda Developer Guide). */
const PACKAGES = "nodejs/node_modules";
/** Folder of what several packages share. Its name cannot be a package's. */
const SHARED = "_shared";

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
export async function bundleLayer(packages: readonly string[], from: string): Promise<Map<string, string>> {
  const names = [...packages].sort();
  const versions = new Map(names.map((name) => [name, versionOf(name, from)]));
  const { outputFiles } = await build({
    absWorkingDir: from,
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/${MODULE}`, name])),
    bundle: true,
    splitting: true,
    write: false,
    outdir: join(from, PACKAGES),
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
  for (const [name, version] of versions)
    files.set(
      `${PACKAGES}/${name}/package.json`,
      JSON.stringify({ name, version, type: "module", exports: `./${MODULE}.mjs` }),
    );
  for (const { path, text } of outputFiles) files.set(path.slice(from.length + 1).replaceAll("\\", "/"), text);
  return new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function versionOf(name: string, from: string): string {
  const require = createRequire(join(from, "index.js"));
  for (const folder of require.resolve.paths(name) ?? [])
    try {
      return (JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")) as { version: string }).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  throw new Error(`${name}, which the layer is to bring, is not installed: run npm ci`);
}
