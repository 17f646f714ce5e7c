// Runs, as their reports and records tell of them.
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../files.js";
import { reportsFolder } from "../home.js";
import { type RunRecord, readRecord, removeRecord } from "./run-record.js";

const Report = z.object({
  run: z.string(),
  startedAt: z.coerce.date(),
  finishedAt: z.coerce.date(),
  tests: z.array(
    z.object({ name: z.string(), verdict: z.enum(["passed", "failed", "skipped"]), leaks: z.array(z.string()) }),
  ),
});

export interface PastRun extends z.infer<typeof Report> {
  folder: string;
}

/** Runs whose process still works on them, and those whose process ended before it could report. Newest first. */
export async function unreportedRuns(): Promise<(RunRecord & { isAlive: boolean })[]> {
  const names = (await readdir(reportsFolder()).catch(() => [])).sort().reverse();
  const unreported = names.filter((name) => !existsSync(join(reportsFolder(), name, "report.json")));
  return (await Promise.all(unreported.map(readRecord))).flatMap((record) => record ?? []);
}

/** Removes the records of runs whose process ended before it could report. @returns their names */
export async function forgetDiedRuns(): Promise<string[]> {
  const died = (await unreportedRuns()).filter(({ isAlive }) => !isAlive).map(({ run }) => run);
  await Promise.all(died.map(removeRecord));
  return died;
}

/** Newest first. A folder whose report cannot be read is passed over. */
export async function pastRuns(limit: number): Promise<PastRun[]> {
  const names = (await readdir(reportsFolder()).catch(() => [])).sort().reverse();
  const runs: PastRun[] = [];
  for (const name of names) {
    if (runs.length >= limit) break;
    const folder = join(reportsFolder(), name);
    if (!(await stat(folder)).isDirectory()) continue;
    const report = Report.safeParse(await readJson(join(folder, "report.json")).catch(() => undefined));
    if (report.success) runs.push({ ...report.data, folder });
  }
  return runs;
}
