// The orchestrator on the whole sample: features, quarantine, quality profile and model, as data.
import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { query, readItems, readParquet, selectColumns, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { fetchObject, SAMPLE, SAMPLE_ROWS, sandersOf, seedTrips } from "./sanders.js";

const DATE = "2026-02-07";
const TRIPS: Record<string, number> = { "1": 70_597, "2": 123_438, "4": 398 };
const QUARANTINED = 5_567;

const Profile = z.object({
  date: z.string(),
  rows: z.number(),
  columns: z.array(z.object({ name: z.string() })),
  checks: z.array(z.object({ name: z.string(), rows: z.number() })),
});

const Metrics = z.object({ mae: z.number().positive(), baseline: z.object({ mae: z.number().positive() }) });

export const sandersDaily = defineTest({
  name: "sanders-daily",
  suites: ["smoke"],
  description:
    "The orchestrator computes the daily features of 200,000 trips, quarantines what cannot be used, profiles the input and trains the fare model",
  units: ["sanders"],
  seed: seedTrips,
  run: ({ run }) => run("orchestrator", { environment: { FEATURE_DATE: DATE } }),
  async verify({ env, evidence, check }, execution) {
    check.equal("the execution's status", execution.status, "SUCCEEDED");
    if (execution.status !== "SUCCEEDED") return [];

    const fetch = (key: string) => fetchObject(env, evidence, key);
    const features = await readParquet("features", await fetch(`features/daily/date=${DATE}/features.parquet`), [
      "customer_id",
    ]);
    const counts = Object.fromEntries(features.rows.map((row) => [row.customer_id, row.trip_count_1d]));
    check.equal("trips by vendor, in S3", counts, TRIPS);

    const columns = ["customer_id", "date", "trip_count_1d", "avg_fare_1d", "avg_distance_1d", "dataset_size"];
    const all = await readItems(env.aws(DynamoDBClient), "items", sandersOf(env).table, ["customer_id"]);
    const items = selectColumns(all, columns);
    check.equal(
      "DynamoDB has the same features",
      items.rows,
      features.rows.map((row) => ({
        ...Object.fromEntries(columns.map((column) => [column, row[column]])),
        date: DATE,
      })),
    );

    // Computed here, from the sample itself, without the job's code.
    const independent = await query(
      "independent",
      `SELECT VendorID::BIGINT::VARCHAR AS customer_id, count(*) AS trips, avg(fare_amount) AS fare, avg(trip_distance) AS distance
       FROM read_parquet(${sqlText(SAMPLE)}) WHERE VendorID IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    for (const expected of independent.rows) {
      const row = features.rows.find(({ customer_id }) => customer_id === expected.customer_id) ?? {};
      check.close(
        `average fare of vendor ${expected.customer_id}`,
        Number(row.avg_fare_1d),
        Number(expected.fare),
        1e-6,
      );
      check.close(
        `average distance of vendor ${expected.customer_id}`,
        Number(row.avg_distance_1d),
        Number(expected.distance),
        1e-6,
      );
    }

    const quarantinePath = await fetch(`quarantine/date=${DATE}/trips.parquet`);
    const quarantine = await query(
      "quarantine",
      `SELECT reason, count(*) AS rows FROM read_parquet(${sqlText(quarantinePath)}) GROUP BY reason ORDER BY reason`,
    );
    const quarantined = quarantine.rows.reduce((sum, row) => sum + Number(row.rows), 0);
    check.equal("quarantined trips", quarantined, QUARANTINED);
    check.equal(
      "every trip is somewhere",
      Object.values(TRIPS).reduce((sum, n) => sum + n, quarantined),
      SAMPLE_ROWS,
    );

    const profile = Profile.parse(JSON.parse(await readFile(await fetch(`quality/date=${DATE}/profile.json`), "utf8")));
    check.equal("rows of the quality profile", profile.rows, SAMPLE_ROWS);
    check.equal(
      "the profile knows of trips without vendor",
      profile.checks.find(({ name }) => name === "no_vendor")?.rows,
      QUARANTINED,
    );
    check.that("the profile has every column", profile.columns.length === 18, profile.columns.length, "18 columns");

    const metrics = Metrics.parse(
      JSON.parse(await readFile(await fetch(`models/fare/date=${DATE}/metrics.json`), "utf8")),
    );
    check.that(
      "the model beats the mean",
      metrics.mae <= metrics.baseline.mae / 2,
      `MAE ${metrics.mae} against ${metrics.baseline.mae}`,
      "at most half of the mean baseline's MAE on the held-out time",
    );
    const model = JSON.parse(await readFile(await fetch(`models/fare/date=${DATE}/model.json`), "utf8")) as object;
    check.that("the model is XGBoost's", "learner" in model, Object.keys(model), "a member `learner`");

    return [
      { table: features, key: ["customer_id"], tolerance: { avg_fare_1d: 1e-6, avg_distance_1d: 1e-6 } },
      { table: items, key: ["customer_id", "date"], tolerance: { avg_fare_1d: 1e-6, avg_distance_1d: 1e-6 } },
      { table: quarantine, key: ["reason"] },
    ];
  },
});
