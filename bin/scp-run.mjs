#!/usr/bin/env node
// Runs a Sanders job outside the cloud, compiled by `npm run build` (which set-up runs).
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/jobs/sanders/cli.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("scp-run: not set up yet. Run `npm run setup` once in the checkout.");
  process.exit(1);
}
await import(main.href);
