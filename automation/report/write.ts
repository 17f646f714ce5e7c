// Writes the report of a run in all its formats.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reportFolder } from "../home.js";
import { renderHtml } from "./html.js";
import { renderJunit } from "./junit.js";
import { renderBook } from "./markdown.js";
import type { RunReport } from "./model.js";

export interface WrittenReport {
  folder: string;
  /** The page for people. */
  html: string;
}

/** Secrets were replaced in the tests' reports when they were made. */
export async function writeReport(report: RunReport): Promise<WrittenReport> {
  const folder = reportFolder(report.run);
  const files: Record<string, string> = {
    "report.json": `${JSON.stringify(report, null, 2)}\n`,
    "junit.xml": renderJunit(report),
    "index.html": renderHtml(report),
    ...renderBook(report),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, html: join(folder, "index.html") };
}
