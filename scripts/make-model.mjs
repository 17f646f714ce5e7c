#!/usr/bin/env node
// Makes the small model that the repository carries, data/models/<title>/, for hotline runs that have no training before them: prepares the
// co-operative's data, runs P2A3XGB and keeps what it published. The same versions of Python's packages give the same files.
//   node scripts/make-model.mjs [TITLE] [HH_DATE]
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [title = "SALAD BAR", hhDate = "2017-11-04"] = process.argv.slice(2);

execFileSync(process.execPath, [join(root, "scripts", "build.mjs")], { stdio: "inherit" });
const dataRoot = mkdtempSync(join(tmpdir(), "make-model-"));
try {
  const env = {
    ...process.env,
    DATA_ROOT: dataRoot,
    PATH: [join(root, ".venv", "bin"), process.env.PATH].join(delimiter),
  };
  const node = (...args) => execFileSync(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  node(join(root, "dist", "jobs", "backend", "main.js"), "prepare", "--no-publish");
  node(join(root, "bin", "ath.mjs"), "create", "p2a3xgb", "--title", title, "--hh-date", hhDate);
  const [folder] = readdirSync(join(dataRoot, "prod")).filter((name) => name !== "coop" && !name.startsWith("."));
  const target = join(root, "data", "models", folder);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(join(dataRoot, "prod", folder, "models"), target, { recursive: true });
  console.log(`${title}: ${target}`);
} finally {
  rmSync(dataRoot, { recursive: true, force: true });
}
