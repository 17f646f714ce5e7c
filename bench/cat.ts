// A million messages through both halves of CAT: table → CSV → Parquet → crawler → Athena, counted at every stage.
import { GetJobRunsCommand, GlueClient } from "@aws-sdk/client-glue";
import { type Environment, withEnvironment } from "../automation/index.js";
import { ask } from "../automation/suites/cat/athena.js";
import { loaded, manifestKey } from "../automation/suites/cat/cat.js";
import { processTree } from "../tests/localcloud/server/process-tree.js";
import { NORMALIZE_SETTINGS, type NormalizeFigures, normalizeFigures } from "./cat-normalize.js";
import { residentMiB } from "./processes.js";

export interface CatFigures extends NormalizeFigures {
  /** The job's run: Spark's start, CSV to Parquet, all rows counted. */
  parquetSeconds: number;
  /** From the manifest to the crawled table: what is not the job's run. */
  aroundSeconds: number;
  /** A query that reads every message's text. */
  querySeconds: number;
  /** Messages that Athena counts. */
  counted: number;
  /** Most memory that all processes of the local cloud had at once while the job ran, MiB. */
  etlMiB: number;
}

const DATE = "2026-02-07";
const PER_CONVERSATION = 20;
/** As long as a slow machine may take. */
const LOAD_SECONDS = 3600;
const SAMPLE_MS = 500;

const SETTINGS = {
  cat: {
    ...NORMALIZE_SETTINGS.cat,
    // More than the least: Spark runs with all that Java has.
    etl: { glue: { numberOfWorkers: 5, timeoutMinutes: 60 }, workflow: { pollSeconds: 1 } },
  },
};

/**
 * Takes so many messages through an environment of its own.
 *
 * @throws when a stage has more or fewer than there were before
 */
export async function catFigures(messages = 1_000_000): Promise<CatFigures> {
  let figures: CatFigures | undefined;
  await withEnvironment(["cat-etl"], { environment: "dev", settings: SETTINGS }, async (env) => {
    figures = await measured(env, messages);
  });
  return figures as CatFigures;
}

async function measured(env: Environment, messages: number): Promise<CatFigures> {
  const until = new Date(`${DATE}T00:00:00Z`);
  const size = { from: PER_CONVERSATION, to: PER_CONVERSATION };
  const generator = { seed: 1, messages: size, until, days: 7 };
  const normalized = await normalizeFigures(env, messages / PER_CONVERSATION, generator, DATE);
  let etlMiB = 0;
  const sampling = setInterval(() => {
    etlMiB = Math.max(etlMiB, env.cloud ? residentOf(env.cloud.pid) : 0);
  }, SAMPLE_MS);
  const begin = performance.now();
  const context = { env, signal: new AbortController().signal, note: () => {} };
  const { load } = await loaded(context, DATE, [manifestKey(DATE)], LOAD_SECONDS).finally(() =>
    clearInterval(sampling),
  );
  const crawled = performance.now();
  if (load?.rows !== normalized.rows || load.quarantined !== 0)
    throw new Error(`${normalized.rows} rows were exported, ${load?.rows} loaded, ${load?.quarantined} kept out`);
  const { rows } = await ask(env, "count", "SELECT count(*) AS n, sum(length(text)) AS characters FROM messages");
  const querySeconds = (performance.now() - crawled) / 1000;
  const counted = Number(rows[0]?.n);
  if (counted !== normalized.rows) throw new Error(`${normalized.rows} rows were loaded, Athena counts ${counted}`);
  const runs = new GetJobRunsCommand({ JobName: String(env.outputs.CatGlueJobName) });
  const { JobRuns = [] } = await env.aws(GlueClient).send(runs);
  const parquetSeconds = JobRuns.reduce((sum, { ExecutionTime = 0 }) => sum + ExecutionTime, 0);
  const aroundSeconds = Math.max(0, (crawled - begin) / 1000 - parquetSeconds);
  return { ...normalized, parquetSeconds, aroundSeconds, querySeconds, counted, etlMiB };
}

function residentOf(pid: number): number {
  try {
    return residentMiB(processTree(pid));
  } catch {
    // A process has ended between being listed and being looked at.
    return 0;
  }
}
