// HotlineSiteVisitorProspects: who has visited lately and does not buy, checked against visits, purchases and opt-outs.
import { createReadStream, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { query, readParquet, sqlText } from "../../evidence/tables.js";
import { defineTest, type TestContext } from "../test.js";
import { backendOf, pathIn, resultsOf, runCommand, sharedData, sourceFile } from "./backend.js";
import { FOLDER, HH_DATE, TITLE } from "./p2a3.js";

/** A model of the title that the repository brings along, as `models/` of a title's folder has it. */
const MODELS = join(projectRoot, "data", "models", "salad-bar");
/** Nobody has trained a model of it. */
const NO_MODEL = "FLORAL";

/** Copies of tables that the result is checked against. */
const VISITS = "hotline-visits";
const OPT_OUTS = "hotline-opt-outs";

const Counts = z.object({
  visitors: z.number(),
  buyers: z.number(),
  prospects: z.number(),
  suppressed: z.object({ optOuts: z.number(), recentBuyers: z.number() }),
  delivered: z.number(),
});

export const hotline = defineTest({
  name: "hotline",
  suites: ["core", "quick"],
  description:
    "The hotline delivers recent site visitors who have never bought from the title, scored by its latest model",
  units: ["hotline-site-visitor-prospects"],
  dependsOn: ["coop-data"],
  follows: ["p2a3all"],
  async seed(context) {
    // Where P2A3XGB is deployed, its test has trained a model.
    if (!("p2a3xgb" in context.env.workflows)) await bringModel(context);
  },
  run: async ({ run }) => ({
    own: await run("hotline-site-visitor-prospects", { title: TITLE, hhDate: HH_DATE }),
    without: await run("hotline-site-visitor-prospects", { title: NO_MODEL, hhDate: HH_DATE }),
  }),
  capture: ({ own }) => [
    ...resultsOf(`${FOLDER}/hotline`, own),
    sharedData("prod/coop/site_visits", VISITS),
    sharedData("prod/coop/opt_outs.parquet", OPT_OUTS),
  ],
  async verify({ check }, { own, without }, captured) {
    check.equal("how the executions ended", [own.status, without.status], ["SUCCEEDED", "FAILED"]);
    check.that(
      "a missing model is named",
      /no model of 'FLORAL'/.test(without.cause ?? ""),
      without.cause,
      "There is no model of 'FLORAL'",
    );
    if (own.status !== "SUCCEEDED") return [];
    const files = captured(own.name);
    const counts = Counts.parse(JSON.parse(await readFile(pathIn(files, "counts.json"), "utf8")));
    const { optOuts, recentBuyers } = counts.suppressed;
    check.equal("prospects are visitors who are not buyers", counts.prospects, counts.visitors - counts.buyers);
    check.equal("delivered is what was not suppressed", counts.delivered, counts.prospects - optOuts - recentBuyers);
    check.that("there are prospects", counts.delivered > 0, counts.delivered, "some");

    const path = pathIn(files, "prospects.parquet");
    const [ranks] = (
      await query(
        "ranks",
        `SELECT count(*) AS rows, count(DISTINCT household_id) AS households, min(rank) AS first, max(rank) AS last,
           bool_and(score <= before) AS falling, min(score) >= 0 AND max(score) <= 1 AS bounded
         FROM (SELECT *, lag(score, 1, 1) OVER (ORDER BY rank) AS before FROM read_parquet(${sqlText(path)}))`,
      )
    ).rows;
    const n = counts.delivered;
    check.equal("ranked by falling score, each household once", ranks, {
      rows: n,
      households: n,
      first: 1,
      last: n,
      falling: true,
      bounded: true,
    });

    const visits = captured(VISITS);
    const optedOut = pathIn(captured(OPT_OUTS), "opt_outs.parquet");
    const before = (column: string) => `${column} < DATE ${sqlText(HH_DATE)}`;
    const visitors = `SELECT DISTINCT household_id FROM read_parquet([${[...visits.values()].map(sqlText).join(", ")}], hive_partitioning = false)
      WHERE title = ${sqlText(TITLE)} AND kind = 'visit' AND visited_at >= DATE ${sqlText(HH_DATE)} - 28 AND ${before("visited_at")}`;
    // Whoever has ever bought from the title is a buyer of it.
    const buyers = `SELECT household_id::BIGINT AS household_id FROM read_parquet(${sqlText(sourceFile("transactions"))})
      JOIN read_parquet(${sqlText(sourceFile("products"))}) USING (product_id)
      WHERE department = ${sqlText(TITLE)} AND ${before("transaction_timestamp")}`;
    const optOutList = `SELECT household_id FROM read_parquet(${sqlText(optedOut)}) WHERE since <= DATE ${sqlText(HH_DATE)}`;
    const differences = await query(
      "differences",
      `WITH expected AS (SELECT * FROM (${visitors}) ANTI JOIN (${buyers}) USING (household_id) ANTI JOIN (${optOutList}) USING (household_id)),
       found AS (SELECT household_id FROM read_parquet(${sqlText(path)}))
       SELECT (SELECT count(*) FROM expected ANTI JOIN found USING (household_id)) AS missing,
              (SELECT count(*) FROM found ANTI JOIN expected USING (household_id)) AS too_many`,
    );
    check.equal("the prospects that there should be", differences.rows, [{ missing: 0, too_many: 0 }]);

    const table = await readParquet("prospects", path, ["household_id"]);
    const kept = ["household_id", "state", "visits", "pages", "last_visit"];
    return [
      {
        // Scores are those of the model at hand, and are not compared.
        table: {
          ...table,
          columns: table.columns.filter(({ name }) => kept.includes(name)),
          rows: table.rows.map((row) => Object.fromEntries(kept.map((name) => [name, row[name] ?? null]))),
        },
        key: ["household_id"],
      },
    ];
  },
});

/** Puts the repository's model where the title's models are. */
async function bringModel(context: TestContext): Promise<void> {
  const { env, note } = context;
  note("bringing the title's model");
  const { bucket: Bucket } = backendOf(env);
  const entries = readdirSync(MODELS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const Key = `imports/model/${path.slice(MODELS.length + 1).replaceAll("\\", "/")}`;
      const body = { Body: createReadStream(path), ContentLength: statSync(path).size };
      await env.aws(S3Client).send(new PutObjectCommand({ Bucket, Key, ...body }));
    }),
  );
  await runCommand(context, ["import", `${FOLDER}/models`, "model"]);
}
