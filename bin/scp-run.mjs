#!/usr/bin/env node
// Runs a Sanders job outside the cloud, compiled by `npm run build` (which set-up runs).
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/jobs/sanders/cli.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("scp-run: not set up yet. Run `npm run setup` once in the checkout.");
  process.exit(1);
}
// A job's Python part needs the packages that set-up installed for it.
const python = fileURLToPath(
  new URL(process.platform === "win32" ? "../.venv/Scripts" : "../.venv/bin", import.meta.url),
);
if (existsSync(python)) process.env.PATH = [python, process.env.PATH].filter(Boolean).join(delimiter);
// Which Node the AWS SDK will want next year is no part of a job's log.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await import(main.href);
