// What a run under way tells others: who runs it, and how far each test is. The report takes its place when the run ends.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isAlive, thisProcess } from "../../localcloud/server/processes.js";
import { readJson, writeJson } from "../files.js";
import { reportFolder } from "../home.js";

const RunRecord = z.object({
  run: z.string(),
  asked: z.array(z.string()),
  startedAt: z.coerce.date(),
  process: z.object({ pid: z.number(), startedAt: z.string().nullable() }),
  tests: z.array(z.object({ name: z.string(), state: z.enum(["waiting", "running", "passed", "failed", "skipped"]) })),
});
export type RunRecord = z.infer<typeof RunRecord>;
export type TestState = RunRecord["tests"][number]["state"];

const pathOf = (run: string): string => join(reportFolder(run), "run.json");

/** Where a run in the background leaves what it prints. */
export const outputOf = (run: string): string => join(reportFolder(run), "output.log");

/** A run that is not reported yet. `isAlive` is false when its process ended before its time. */
export async function readRecord(run: string): Promise<(RunRecord & { isAlive: boolean }) | undefined> {
  const record = RunRecord.safeParse(await readJson(pathOf(run)).catch(() => undefined));
  return record.success ? { ...record.data, isAlive: isAlive(record.data.process) } : undefined;
}

/** @param run whose process has ended */
export const removeRecord = (run: string): Promise<void> => rm(pathOf(run), { force: true });

export interface RunRecorder {
  /** A test has got there. */
  set(test: string, state: TestState): void;
  /** Removes the record: the run has ended, and is reported. */
  remove(): Promise<void>;
}

/** Begins the record of a run of this process. */
export async function recordRun(run: string, asked: readonly string[], tests: readonly string[]): Promise<RunRecorder> {
  const record: RunRecord = {
    run,
    asked: [...asked],
    startedAt: new Date(),
    process: thisProcess(),
    tests: tests.map((name) => ({ name, state: "waiting" })),
  };
  let written = writeJson(pathOf(run), record);
  await written;
  return {
    set(test, state) {
      for (const one of record.tests) if (one.name === test) one.state = state;
      // One after the other: what others see only goes forward. A full disk is for the report to complain about.
      written = written.then(() => writeJson(pathOf(run), record)).catch(() => {});
    },
    async remove() {
      await written;
      await removeRecord(run);
    },
  };
}
