#!/usr/bin/env node
// Athanor, the step runner, compiled by `npm run build` (which set-up runs).
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/jobs/athanor/program.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("ath: not set up yet. Run `npm run setup` once in the checkout.");
  process.exit(1);
}
// Python parts of steps need the packages that set-up installed for it.
const python = fileURLToPath(
  new URL(process.platform === "win32" ? "../.venv/Scripts" : "../.venv/bin", import.meta.url),
);
if (existsSync(python)) process.env.PATH = [python, process.env.PATH].filter(Boolean).join(delimiter);
// Which Node the AWS SDK will want next year is no part of a job's log.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await import(main.href);
