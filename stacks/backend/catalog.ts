// All workflows of the backend: every file of `workflows/` is one.
import { readdirSync } from "node:fs";
import type { BackendWorkflow } from "./workflow.js";

const folder = new URL("./workflows/", import.meta.url);

const files = readdirSync(folder)
  .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith(".d.ts"))
  .sort();

export const workflows: readonly BackendWorkflow[] = await Promise.all(
  files.map(async (name) => ((await import(new URL(name, folder).href)) as { default: BackendWorkflow }).default),
);
