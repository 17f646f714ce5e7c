// How fast households are scored, and in how much memory, as their number grows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { runProgram } from "../jobs/lib/program.js";

const measured = z.object({
  households: z.number(),
  seconds: z.number(),
  /** Highest resident memory of the step's own process, MiB. */
  memoryMiB: z.number(),
  /** Highest resident memory of the Python process that it runs, MiB. */
  pythonMiB: z.number(),
});

/** Scoring at one scale; each of the two in a process of its own. */
export interface ScoreFigures {
  /** Copies of each of the 2,469 households. */
  scale: number;
  prepareSeconds: number;
  /** ScoreSelect: the features of all households. */
  select: z.output<typeof measured>;
  /** Score: four partitions one after the other, and their merge. */
  score: z.output<typeof measured>;
}

/**
 * Prepares the co-operative's data at each scale, in a folder that is gone afterwards, and scores all households with the committed model.
 * At scale 100 the data are about 2 GB.
 */
export async function scoreFigures(scales: readonly number[] = [1, 10, 100]): Promise<ScoreFigures[]> {
  const all: ScoreFigures[] = [];
  for (const scale of scales) {
    const dataRoot = mkdtempSync(join(tmpdir(), "bench-score-"));
    try {
      const startedAt = performance.now();
      await node("../jobs/backend/main.js", [
        "prepare",
        "--no-publish",
        "--data-root",
        dataRoot,
        "--scale",
        `${scale}`,
      ]);
      const prepareSeconds = (performance.now() - startedAt) / 1000;
      const figures = async (what: string) =>
        measured.parse(JSON.parse(await node("./scoring.js", [what, dataRoot, join(dataRoot, "score")])));
      const select = await figures("select");
      all.push({ scale, prepareSeconds, select, score: await figures("score") });
    } finally {
      rmSync(dataRoot, { recursive: true, force: true });
    }
  }
  return all;
}

/** Runs a compiled module with the project's Python. @returns the last line of its output */
async function node(module: string, args: string[]): Promise<string> {
  let last = "";
  const python = fileURLToPath(new URL("../../.venv/bin", import.meta.url));
  await runProgram({
    command: process.execPath,
    args: [fileURLToPath(new URL(module, import.meta.url)), ...args],
    env: { PATH: [python, process.env.PATH].join(delimiter) },
    onLine: (line) => {
      last = line;
    },
  });
  return last;
}
