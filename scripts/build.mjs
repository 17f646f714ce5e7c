#!/usr/bin/env node
// Compiles every TypeScript file of the project to dist/, file for file, with esbuild (types are checked by `npm run check`). The
// AWS SDK alone is bundled, see vendor.mjs.
// Files that are read at run time beside the code (Python, JSON) are copied. Only what changed is compiled again.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { vendor } from "./vendor.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "dist");
const SOURCE_FOLDERS = ["stacks", "components", "jobs", "automation", "localcloud", "tests", "bench"];
const ASSET = /\.(py|json|txt|html|css|scala)$/;

/** Files below `folder`, as paths from the project's root. */
function* walk(folder) {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "__pycache__") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const sources = SOURCE_FOLDERS.flatMap((folder) => [...walk(folder)]);
const target = (path) => join(out, path.replace(/\.ts$/, ".js"));
/** When the way of compiling last changed. */
const changedMs = Math.max(...["build.mjs", "vendor.mjs"].map((name) => statSync(join(root, "scripts", name)).mtimeMs));
const isStale = (path) =>
  !existsSync(target(path)) || statSync(target(path)).mtimeMs < Math.max(changedMs, statSync(join(root, path)).mtimeMs);

const wanted = new Set();
const scripts = [];
let copied = 0;
for (const path of sources) {
  if (path.endsWith(".d.ts")) continue;
  if (path.endsWith(".ts")) {
    wanted.add(target(path)).add(`${target(path)}.map`);
    if (isStale(path)) scripts.push(path);
  } else if (ASSET.test(path)) {
    wanted.add(target(path));
    if (!isStale(path)) continue;
    mkdirSync(dirname(target(path)), { recursive: true });
    copyFileSync(join(root, path), target(path));
    copied += 1;
  }
}

// What no longer has a source must not stay importable.
for (const folder of SOURCE_FOLDERS)
  for (const path of walk(join("dist", folder))) if (!wanted.has(join(root, path))) rmSync(join(root, path));

const vendored = await vendor(root, out, sources);
if (scripts.length > 0)
  await build({
    // Nothing is bundled but for the imports of what is.
    bundle: true,
    plugins: [vendored],
    entryPoints: scripts.map((path) => join(root, path)),
    outdir: out,
    outbase: root,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
mkdirSync(out, { recursive: true });
if (process.argv.includes("--verbose"))
  console.log(`build: ${scripts.length} compiled, ${copied} copied, ${relative(root, out)}/ is up to date`);
