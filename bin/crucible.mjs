#!/usr/bin/env node
// The command of the driver, compiled by `npm run build` (which set-up runs).
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/automation/cli/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("crucible: not set up yet. Run `npm run setup` once in the checkout.");
  process.exit(1);
}
await import(main.href);
