// What the tests of P2A3 check of a run's results, computed again from the source where that can be.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ComparedTable } from "../../evidence/baseline.js";
import { query, readParquet, sqlText } from "../../evidence/tables.js";
import type { ExecutionResult } from "../../executions/execution.js";
import type { TestContext } from "../test.js";
import { pathIn, sourceFile } from "./backend.js";

/** One household in eleven buys from it in four weeks: enough to learn from, and not what everybody does. */
export const TITLE = "SALAD BAR";
/** Its folder below `/mnt/data/prod`. */
export const FOLDER = "prod/salad-bar";
export const HH_DATE = "2017-11-04";
export const WINDOW_DAYS = 28;
/** With a transaction before the day, all of them. */
export const HOUSEHOLDS = 2_469;

/** Chance is 0.5. */
const LEAST_AUC = 0.65;

const Manifest = z.object({
  title: z.string(),
  hhDate: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), rows: z.number().optional() })),
});

const Report = z.object({
  title: z.string(),
  scored: z.number(),
  evaluation: z.object({ kind: z.string(), from: z.string() }),
  measures: z.object({ households: z.number(), auc: z.number() }),
  topDecile: z.object({ lift: z.number() }),
  states: z.array(z.object({ state: z.string(), households: z.number(), deciles: z.array(z.number()) })),
});

/** Who bought from the title in the window, straight from the source. */
const buyers = () => `SELECT DISTINCT household_id::BIGINT AS household_id
  FROM read_parquet(${sqlText(sourceFile("transactions"))}) JOIN read_parquet(${sqlText(sourceFile("products"))}) USING (product_id)
  WHERE department = ${sqlText(TITLE)} AND transaction_timestamp >= DATE ${sqlText(HH_DATE)}
    AND transaction_timestamp < DATE ${sqlText(HH_DATE)} + ${WINDOW_DAYS}`;

/** Checks that states were entered, each once and in this order, whatever stands between them. */
export function checkSteps({ check }: TestContext, execution: ExecutionResult, steps: readonly string[]): void {
  const entered = execution.states.map(({ name }) => name).filter((name) => steps.includes(name));
  check.equal(`steps of ${execution.workflow}`, entered, [...steps]);
}

/** Checks what Finalization staged. @param files local paths of it @returns tables for the baseline */
export async function verifyResults(
  { check }: TestContext,
  execution: ExecutionResult,
  files: ReadonlyMap<string, string>,
): Promise<ComparedTable[]> {
  const about = (what: string) => `${execution.workflow}: ${what}`;
  const manifest = Manifest.parse(JSON.parse(await readFile(pathIn(files, "manifest.json"), "utf8")));
  check.equal(about("title and day of the manifest"), [manifest.title, manifest.hhDate], [TITLE, HH_DATE]);
  check.equal(
    about("files, as the manifest names them"),
    manifest.files.map(({ path }) => path).sort(),
    [...files.keys()].filter((name) => name !== "manifest.json").sort(),
  );
  const digests = await Promise.all(
    manifest.files.map(async ({ path }) =>
      createHash("sha256")
        .update(await readFile(pathIn(files, path)))
        .digest("hex"),
    ),
  );
  check.equal(
    about("digests of the files"),
    digests,
    manifest.files.map(({ sha256 }) => sha256.replace("sha256:", "")),
  );

  const scores = pathIn(files, "scores.parquet");
  const [scored] = (
    await query(
      "scored",
      `SELECT count(*) AS rows, count(DISTINCT household_id) AS households, min(score) >= 0 AND max(score) <= 1 AS bounded,
         (SELECT count(*) FROM (SELECT DISTINCT household_id FROM read_parquet(${sqlText(sourceFile("transactions"))})) s
          ANTI JOIN read_parquet(${sqlText(scores)}) USING (household_id)) AS missing
       FROM read_parquet(${sqlText(scores)})`,
    )
  ).rows;
  check.equal(
    about("every household has one score"),
    [scored?.rows, scored?.households, scored?.bounded, scored?.missing],
    [HOUSEHOLDS, HOUSEHOLDS, true, 0],
  );

  const report = Report.parse(JSON.parse(await readFile(pathIn(files, "reports/report.json"), "utf8")));
  check.equal(about("tested on the time after"), [report.evaluation.kind, report.evaluation.from], ["time", HH_DATE]);
  const own = await areaUnderCurve(scores);
  check.close(about("area under the curve, computed here from the source"), own, report.measures.auc, 0.01);
  check.that(about("better than chance"), own >= LEAST_AUC, own, `at least ${LEAST_AUC}`);
  check.that(about("lift of the top decile"), report.topDecile.lift > 1.2, report.topDecile.lift, "above 1.2");
  check.equal(
    about("households by state and decile"),
    [
      report.states.reduce((sum, { households }) => sum + households, 0),
      report.states.every(({ households, deciles }) => households === deciles.reduce((sum, n) => sum + n, 0)),
    ],
    [HOUSEHOLDS, true],
  );
  const page = await readFile(pathIn(files, "reports/report.html"), "utf8");
  check.that(
    about("the page stands on its own"),
    page.includes("<svg") && !/(src|href)="(?!#|data:)/.test(page),
    page.length,
    "charts, and nothing from elsewhere",
  );

  const gains = await readParquet(`${execution.workflow} gains`, pathIn(files, "reports/gains.parquet"), ["decile"]);
  const names = gains.columns.map(({ name }) => name).filter((name) => !["decile", "households"].includes(name));
  // Another processor adds up in another order, and a tree may fall the other way.
  return [{ table: gains, key: ["decile"], tolerance: Object.fromEntries(names.map((name) => [name, 0.1])) }];
}

/** Rank statistic of the scores against the purchases of the window. */
async function areaUnderCurve(scores: string): Promise<number> {
  const { rows } = await query(
    "auc",
    `WITH labelled AS (SELECT s.household_id, score, b.household_id IS NOT NULL AS bought
       FROM read_parquet(${sqlText(scores)}) s LEFT JOIN (${buyers()}) b ON b.household_id = s.household_id),
     ranked AS (SELECT bought, rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS place FROM labelled)
     SELECT ((sum(place) FILTER (bought) - n * (n + 1) / 2.0) / (n * (count(*) - n)))::DOUBLE AS auc
     FROM ranked, (SELECT count(*) FILTER (bought) AS n FROM ranked) GROUP BY n`,
  );
  return Number(rows[0]?.auc);
}
