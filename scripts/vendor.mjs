// Bundles the AWS SDK that the project uses to dist/vendor/, one entry per package with shared chunks: loading a dozen clients from
// a few files takes half the time that it takes from the hundreds of files they are installed as. Made again when the lock changes.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";

const BUNDLED = /^@aws-sdk\//;

/** @param root of the project @param out its dist folder */
export async function vendor(root, out) {
  const folder = join(out, "vendor");
  const lock = readFileSync(join(root, "package-lock.json"));
  const stamp = createHash("sha256")
    .update(lock)
    .update(readFileSync(new URL(import.meta.url)))
    .digest("hex");
  const stampFile = join(folder, "stamp");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const packages = Object.keys(dependencies).filter((name) => BUNDLED.test(name));
  const making = `${folder}.${process.pid}`;
  await build({
    entryPoints: Object.fromEntries(packages.map((name) => [name, name])),
    absWorkingDir: root,
    outdir: making,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    // Classes are told apart by their names.
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    banner: {
      js: 'import{createRequire as crucibleRequire}from"node:module";const require=crucibleRequire(import.meta.url);',
    },
  });
  writeFileSync(join(making, "stamp"), stamp);
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
}

/** Has compiled files import the bundles. @param out the dist folder */
export const vendored = (out) => ({
  name: "vendored",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, importer, kind, resolveDir }) => {
      if (kind === "entry-point") return undefined;
      if (!BUNDLED.test(path)) return { path, external: true };
      const from = join(out, relative(dirname(out), resolveDir));
      if (!importer) return undefined;
      const to = relative(from, join(out, "vendor", `${path}.js`)).replaceAll("\\", "/");
      return { path: to.startsWith(".") ? to : `./${to}`, external: true };
    });
  },
});
