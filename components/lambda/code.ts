// The code of a function: one module with everything it imports, but for the AWS SDK, which Lambda's Node runtimes have.
import { basename, dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { build } from "esbuild";

/** Dependencies published as CommonJS call `require` for Node's own modules; an ES module has none. */
export const REQUIRE_BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

/** Name of the module in the archive, without its ending: what a handler begins with. */
export const MODULE = "index";

/**
 * Bundles a function. The outcome depends on the sources alone.
 *
 * @param entry absolute path of the module that exports the handler
 * @param external packages that a layer brings, besides the SDK
 * @throws with esbuild's own message when a module does not compile or an import is not found
 */
export async function bundleFunction(entry: string, external: readonly string[] = []): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: dirname(entry),
    entryPoints: [basename(entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    external: ["@aws-sdk/*", "@smithy/*", ...external.flatMap((name) => [name, `${name}/*`])],
    banner: { js: REQUIRE_BANNER },
    legalComments: "none",
    tsconfigRaw: { compilerOptions: { target: "es2023", verbatimModuleSyntax: true } },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** The archive that Lambda is given. */
export function functionArchive(entry: string, external?: readonly string[]): Promise<pulumi.asset.Archive> {
  return bundleFunction(entry, external).then(
    (text) => new pulumi.asset.AssetArchive({ [`${MODULE}.mjs`]: new pulumi.asset.StringAsset(text) }),
  );
}
