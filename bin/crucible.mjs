#!/usr/bin/env node
// The command of the driver, compiled by `npm run build` (which set-up runs).
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/automation/cli/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("crucible: not set up yet. Run `npm run setup` once in the checkout.");
  process.exit(1);
}
// The AWS SDK tells of the Node versions of its future in every process.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
await import(main.href);
