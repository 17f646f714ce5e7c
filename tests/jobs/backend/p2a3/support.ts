// Running the P2A3 steps' functions in this process, one after the other, without Athanor: folders in, folders out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { finalize } from "../../../../jobs/backend/p2a3/finalization.js";
import { initialize, type Request } from "../../../../jobs/backend/p2a3/initialize.js";
import { sampleNegatives } from "../../../../jobs/backend/p2a3/mcmc/negatives.js";
import { sampleTarget } from "../../../../jobs/backend/p2a3/mcmc/target.js";
import { reports } from "../../../../jobs/backend/p2a3/reports.js";
import { reportsSelect } from "../../../../jobs/backend/p2a3/reportsselect.js";
import { mergeScores, scorePartition } from "../../../../jobs/backend/p2a3/score.js";
import { scoreSelect } from "../../../../jobs/backend/p2a3/scoreselect.js";
import { FILES } from "../../../../jobs/backend/p2a3/steps/files.js";
import type { Tools } from "../../../../jobs/backend/p2a3/tools.js";
import { train } from "../../../../jobs/backend/p2a3/train.js";
import { trainSelect } from "../../../../jobs/backend/p2a3/trainselect.js";
import { Database } from "../../../../jobs/lib/duckdb.js";
import { createLogger } from "../../../../jobs/lib/log.js";
import { withWorkFolder } from "../../../../jobs/lib/work.js";
import { temporaryFolder } from "../data/support.js";

export const root = fileURLToPath(new URL("../../../../../", import.meta.url));
// The job's Python is the project's.
process.env.PATH = [join(root, ".venv", "bin"), process.env.PATH].join(delimiter);

export const ASSETS = new URL("../../../../jobs/backend/", import.meta.url);
export const HH_DATE = "2017-11-04";
export const SEED = 20171104;

/** Runs `work` with a step's tools and a work folder of its own. */
export function withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T> {
  const quiet = createLogger({ job: "test", out: () => undefined, err: () => undefined });
  return withWorkFolder("p2a3-test", (workFolder) =>
    work({
      log: quiet,
      limits: { memoryMiB: 2048, threads: 2 },
      workFolder,
      assets: ASSETS,
      signal: new AbortController().signal,
    }),
  );
}

export interface Ran {
  /** The run's folder. */
  folder: string;
  file(name: keyof typeof FILES, ...rest: string[]): string;
  json<T>(name: keyof typeof FILES, ...rest: string[]): T;
}

/** Runs P2A3XGB (or its MCMC variant) for a title. @param folder where to write @default a temporary folder */
export async function runPipeline(
  dataRoot: string,
  request: Partial<Request> & { title: string },
  options: { sampled?: boolean; folder?: string } = {},
): Promise<Ran> {
  const { sampled = false, folder = temporaryFolder() } = options;
  const file = (name: keyof typeof FILES, ...rest: string[]) => join(folder, FILES[name], ...rest);
  const output = (name: keyof typeof FILES) => {
    mkdirSync(dirname(file(name)), { recursive: true });
    return file(name);
  };
  const order = await withTools((tools) =>
    initialize(
      tools,
      dataRoot,
      { hhDate: HH_DATE, windowDays: 28, seed: SEED, partitions: 3, ...request },
      output("order"),
    ),
  );
  if (sampled) {
    await withTools((tools) =>
      sampleTarget(tools, dataRoot, order, { target: output("target"), candidates: output("candidates") }),
    );
    const outputs = { chosen: output("chosen"), diagnostics: output("sampling") };
    await withTools((tools) =>
      sampleNegatives(tools, { target: file("target"), candidates: file("candidates") }, order.seed, outputs),
    );
  }
  await withTools((tools) =>
    trainSelect(
      tools,
      { dataRoot, ...order, ...(sampled ? { sample: file("chosen") } : {}) },
      { training: output("training"), features: output("features"), summary: output("trainingSummary") },
    ),
  );
  await withTools((tools) =>
    train(tools, { training: file("training"), features: file("features") }, order.seed, {
      model: output("model"),
      heldOut: output("heldOut"),
    }),
  );
  await withTools((tools) =>
    scoreSelect(tools, dataRoot, order, file("features"), { selection: output("selection"), plan: output("plan") }),
  );
  const parts: string[] = [];
  for (let index = 0; index < order.partitions; index += 1) {
    const part = join(folder, `part-${index}.parquet`);
    const model = { model: file("model", "model.json"), features: file("model", "features.json") };
    await withTools((tools) =>
      scorePartition(tools, { ...model, selection: file("selection"), plan: file("plan") }, index, part),
    );
    parts.push(part);
  }
  await withTools((tools) => mergeScores(tools, file("plan"), parts, output("scores")));
  await withTools((tools) =>
    reportsSelect(
      tools,
      dataRoot,
      order,
      { scores: file("scores"), heldOut: file("heldOut") },
      { evaluation: output("evaluation"), summary: output("evaluationSummary") },
    ),
  );
  await withTools((tools) =>
    reports(
      tools,
      order,
      {
        scores: file("scores"),
        evaluation: file("evaluation"),
        evaluationSummary: file("evaluationSummary"),
        metrics: file("model", "metrics.json"),
        ...(sampled ? { sampling: file("sampling") } : {}),
      },
      output("reports"),
    ),
  );
  await withTools((tools) =>
    finalize(
      tools,
      dataRoot,
      order,
      { scores: file("scores"), model: file("model"), reports: file("reports") },
      output("results"),
    ),
  );
  return { folder, file, json: (name, ...rest) => JSON.parse(readFileSync(file(name, ...rest), "utf8")) };
}

const runs = new Map<string, Promise<Ran>>();

/** The run of a title with the defaults, once per mocha process. */
export function runOf(dataRoot: string, title: string, sampled = false): Promise<Ran> {
  const key = `${title} ${sampled}`;
  const run = runs.get(key) ?? runPipeline(dataRoot, { title }, { sampled });
  runs.set(key, run);
  return run;
}

/** Rows of the last of some statements, on a database of its own. */
export async function query<Row extends Record<string, unknown>>(...statements: string[]): Promise<Row[]> {
  const spill = mkdtempSync(join(tmpdir(), "p2a3-query-"));
  const db = await Database.open({ memoryMiB: 2048, threads: 2 }, spill);
  try {
    for (const statement of statements.slice(0, -1)) await db.run(statement);
    return await db.rows<Row>(statements.at(-1) as string);
  } finally {
    db.close();
    rmSync(spill, { recursive: true, force: true });
  }
}
