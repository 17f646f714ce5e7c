// The co-operative's data, made by the deployed workflow: counted again from the source, without the job's code.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { query, readParquet, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { objectsBelow, pathIn, seedSource, sourceFile } from "./backend.js";

const Manifest = z.object({ scale: z.number(), tables: z.record(z.string(), z.object({ rows: z.number() })) });

/** Tables that are copied to the bucket, for other accounts. */
const PUBLISHED = ["households", "promotions", "responses", "titles"] as const;

/** Where they are, in the source bucket. */
const PUBLISHED_PREFIX = "coop/";

export const coopData = defineTest({
  name: "coop-data",
  suites: ["core"],
  description:
    "The co-operative's data is made of 2,469 real households, 1.47 million lines of receipts and 27 campaigns",
  units: ["coop-data"],
  memoryMiB: 4096,
  seed: seedSource,
  run: ({ run }) => run("prepare", {}),
  capture: ({ status }) => (status === "SUCCEEDED" ? [objectsBelow(PUBLISHED_PREFIX)] : []),
  async verify({ check }, execution, captured) {
    check.equal("the execution's status", execution.status, "SUCCEEDED");
    if (execution.status !== "SUCCEEDED") return [];

    const files = captured(PUBLISHED_PREFIX);
    const manifest = Manifest.parse(JSON.parse(await readFile(pathIn(files, "manifest.json"), "utf8")));
    check.equal("scale", manifest.scale, 1);
    const published = [...files.keys()]
      .map((name) => name.split(/[/.]/)[0] ?? "")
      .filter((name) => name !== "manifest");
    check.equal("tables in the bucket: nothing of people, nothing of the truth", [...new Set(published)].sort(), [
      ...PUBLISHED,
    ]);
    const listOf = (table: string) =>
      `[${[...files]
        .filter(([name]) => name.startsWith(`${table}/`) || name === `${table}.parquet`)
        .map(([, path]) => sqlText(path))
        .join(", ")}]`;
    for (const table of PUBLISHED) {
      const counted = await query(
        table,
        `SELECT count(*) AS n FROM read_parquet(${listOf(table)}, hive_partitioning = false)`,
      );
      check.equal(`rows of ${table}, as the manifest says`, counted.rows[0]?.n, manifest.tables[table]?.rows ?? null);
    }

    const [own] = (
      await query(
        "households",
        `SELECT count(*) AS households, count(*) FILTER (has_demographics) AS known, count(age) AS with_age
         FROM read_parquet(${listOf("households")}, hive_partitioning = false)`,
      )
    ).rows;
    const [source] = (
      await query(
        "source",
        `SELECT (SELECT count(DISTINCT household_id) FROM read_parquet(${sqlText(sourceFile("transactions"))})) AS households,
                (SELECT count(*) FROM read_parquet(${sqlText(sourceFile("demographics"))})) AS known`,
      )
    ).rows;
    check.equal("households", [own?.households, source?.households], [2_469, 2_469]);
    check.equal(
      "households with demographics; of the others nothing is made up",
      [own?.known, own?.with_age],
      [source?.known ?? null, source?.known ?? null],
    );

    const mailed = await query(
      "mailed",
      `SELECT c.campaign_id::BIGINT AS campaign_id, count(DISTINCT c.household_id) AS households
       FROM read_parquet(${sqlText(sourceFile("campaigns"))}) c GROUP BY 1 ORDER BY 1`,
    );
    const promoted = await query(
      "promoted",
      `SELECT campaign_id, count(DISTINCT household_id) AS households
       FROM read_parquet(${listOf("promotions")}, hive_partitioning = false) GROUP BY 1 ORDER BY 1`,
    );
    check.equal("households mailed, by campaign", promoted.rows, mailed.rows);
    const early = await query(
      "early",
      `SELECT count(*) AS n FROM read_parquet(${listOf("responses")}, hive_partitioning = false) r
       JOIN (SELECT DISTINCT promotion_id, mail_date, end_date FROM read_parquet(${listOf("promotions")}, hive_partitioning = false)) p
       USING (promotion_id) WHERE r.response_date NOT BETWEEN p.mail_date AND p.end_date`,
    );
    check.equal("responses outside of their mailing's time", early.rows[0]?.n, 0);

    const titles = await readParquet("titles", pathIn(files, "titles.parquet"), ["title"]);
    return [{ table: titles, key: ["title"], tolerance: { sales_value: 1e-9 } }];
  },
});
