// P2A3-CountsOnly: households by segment, state and recency, counted here once more from the source.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { query, readParquet, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { pathIn, resultsOf, sourceFile } from "./backend.js";
import { FOLDER, HH_DATE, HOUSEHOLDS, TITLE } from "./p2a3.js";

const Counts = z.object({
  households: z.number(),
  mailable: z.number(),
  segments: z.record(z.string(), z.number()),
  recencies: z.record(z.string(), z.number()),
  states: z.record(z.string(), z.number()),
});

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, n) => total + n, 0);

export const p2a3counts = defineTest({
  name: "p2a3counts",
  suites: ["core", "quick"],
  description: "P2A3-CountsOnly counts every household once, by segment, state and recency, in seconds",
  units: ["p2a3xgb-counts-only"],
  dependsOn: ["coop-data"],
  run: async ({ run }) => ({
    all: await run("p2a3-counts-only", { title: TITLE, hhDate: HH_DATE }),
    some: await run("p2a3-counts-only", { title: TITLE, hhDate: HH_DATE, states: ["ca", "ny", "tx"] }),
    bad: await run("p2a3-counts-only", { title: TITLE, hhDate: "2017-13-04", states: ["California"] }),
  }),
  capture: ({ all, some }) => resultsOf(`${FOLDER}/counts`, all, some),
  async verify({ check }, { all, some, bad }, captured) {
    check.equal(
      "how the executions ended",
      [all.status, some.status, bad.status],
      ["SUCCEEDED", "SUCCEEDED", "FAILED"],
    );
    check.that(
      "bad input is refused with field and value",
      bad.error === "InvalidInput" && /hhDate.*2017-13-04/s.test(bad.cause ?? "") && /California/.test(bad.cause ?? ""),
      [bad.error, bad.cause],
      "InvalidInput, naming hhDate 2017-13-04 and California",
    );
    if (all.status !== "SUCCEEDED" || some.status !== "SUCCEEDED") return [];
    const files = captured(all.name);
    const counts = Counts.parse(JSON.parse(await readFile(pathIn(files, "counts.json"), "utf8")));
    check.equal(
      "every household is counted once, in each way",
      [counts.households, sum(counts.segments), sum(counts.recencies), sum(counts.states)],
      [HOUSEHOLDS, HOUSEHOLDS, HOUSEHOLDS, HOUSEHOLDS],
    );
    check.that("some want no mail", counts.mailable < HOUSEHOLDS && counts.mailable > 0, counts.mailable, "a part");

    const day = `DATE ${sqlText(HH_DATE)}`;
    const own = await query(
      "own",
      `WITH last AS (
         SELECT household_id, min(${day} - transaction_timestamp::DATE) FILTER (WHERE department = ${sqlText(TITLE)}) AS title_ago
         FROM read_parquet(${sqlText(sourceFile("transactions"))}) JOIN read_parquet(${sqlText(sourceFile("products"))}) USING (product_id)
         WHERE transaction_timestamp < ${day} GROUP BY household_id)
       SELECT count(*) FILTER (title_ago <= 28) AS active, count(*) FILTER (title_ago > 28 AND title_ago <= 84) AS recent,
         count(*) FILTER (title_ago > 84 AND title_ago <= 168) AS lapsing, count(*) FILTER (title_ago > 168) AS lapsed FROM last`,
    );
    const { active, recent, lapsing, lapsed } = counts.segments;
    check.equal(
      "buyers by the time since they last bought, from the source",
      [{ active, recent, lapsing, lapsed }],
      own.rows,
    );

    const chosen = Counts.parse(JSON.parse(await readFile(pathIn(captured(some.name), "counts.json"), "utf8")));
    const { ca, ny, tx } = counts.states;
    check.equal("three states alone count as they do among all", chosen.states, { ca, ny, tx });

    const table = await readParquet("counts", pathIn(files, "counts.parquet"), ["state", "segment", "recency"]);
    return [{ table, key: ["state", "segment", "recency"], tolerance: { title_spend: 1e-9 } }];
  },
});
