// Bundles the AWS SDK that the project uses to dist/vendor/, one entry per package with shared chunks: loading a dozen clients from
// a few files takes half the time that it takes from the hundreds of files they are installed as. What the project names of a package
// makes a bundle of its own, without the rest: EC2's client alone has a megabyte of schemas, which takes a quarter of a second to load.
// Who imports a package as a whole gets the whole one. Made again when the lock or those names change.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";

const BUNDLED = /^@aws-sdk\//;
/** Names of a package, imported at the head of a file or when they are needed. */
const NAMED = /(?:import\s*\{([^}]*)\}\s*from\s*|const\s*\{([^}]*)\}\s*=\s*await\s+import\()"(@aws-sdk\/[^"]+)"/g;
/** Any other way to it. */
const WHOLE = /(?:\*\s*as\s+\w+\s+from\s*|(?<!typeof\s)\bimport\()"@aws-sdk\//;
/** What the files name of each package, and the files that take a package whole. */
function uses(root, files) {
  const names = new Map();
  const whole = new Set();
  for (const path of files) {
    if (!path.endsWith(".ts")) continue;
    const text = readFileSync(join(root, path), "utf8");
    if (WHOLE.test(text.replace(NAMED, ""))) whole.add(join(root, path));
    else
      for (const [, early, late, name] of text.matchAll(NAMED)) {
        const known = names.get(name) ?? new Set();
        names.set(name, known);
        for (const part of (early ?? late).split(",")) {
          const [imported] = part.trim().split(/\s*(?:\bas\b|:)\s*/);
          if (imported && !imported.startsWith("type ")) known.add(imported);
        }
      }
  }
  return { names: [...names].map(([name, known]) => [name, [...known].sort()]).sort(), whole };
}

/** A schema is a literal with computed keys: for all that esbuild knows, making it does something. */
const schemasDoNothing = {
  name: "schemas-do-nothing",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /^((?:export )?var [\w$]+ = )(\[[\s\S]*?\]);$/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
    }));
  },
};

/** Entries that export some names of each package. */
const entries = (root, names) => ({
  name: "entries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^used:/ }, ({ path }) => ({ path: path.slice("used:".length), namespace: "used" }));
    onLoad({ filter: /.*/, namespace: "used" }, ({ path }) => ({
      contents: `export { ${names.find(([name]) => name === path)[1].join(", ")} } from ${JSON.stringify(path)};`,
      resolveDir: root,
    }));
  },
});

/**
 * @param root of the project
 * @param out its dist folder
 * @param files of the project's sources, from its root
 * @returns a plugin that has compiled files import the bundles
 */
export async function vendor(root, out, files) {
  const folder = join(out, "vendor");
  const { names, whole } = uses(root, files);
  const stamp = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(readFileSync(new URL(import.meta.url)))
    .update(JSON.stringify(names))
    .digest("hex");
  const stampFile = join(folder, "stamp");
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const packages = Object.keys(dependencies).filter((name) => BUNDLED.test(name));
    const making = `${folder}.${process.pid}`;
    const options = {
      absWorkingDir: root,
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
    };
    await Promise.all([
      build({
        ...options,
        entryPoints: Object.fromEntries(names.map(([name]) => [name, `used:${name}`])),
        outdir: making,
        plugins: [schemasDoNothing, entries(root, names)],
      }),
      build({
        ...options,
        entryPoints: Object.fromEntries(packages.map((name) => [name, name])),
        outdir: join(making, "whole"),
      }),
    ]);
    writeFileSync(join(making, "stamp"), stamp);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
  }
  return vendored(out, whole);
}

const vendored = (out, whole) => ({
  name: "vendored",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, importer, kind, resolveDir }) => {
      if (kind === "entry-point") return undefined;
      if (!BUNDLED.test(path)) return { path, external: true };
      const from = join(out, relative(dirname(out), resolveDir));
      if (!importer) return undefined;
      const to = relative(from, join(out, "vendor", whole.has(importer) ? "whole" : "", `${path}.js`)).replaceAll(
        "\\",
        "/",
      );
      return { path: to.startsWith(".") ? to : `./${to}`, external: true };
    });
  },
});
