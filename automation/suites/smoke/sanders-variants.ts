// Three jobs at once on the same day: the largest data set wins in the feature store, each has a file of its own in the lake.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { query, readItems, readParquet, selectColumns, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { fetchObject, listKeys, logOf, SAMPLE, sandersOf, seedTrips, submit } from "./sanders.js";

const DATE = "2026-02-07";
const VARIANTS = [
  { name: "small", rows: 500 },
  { name: "medium", rows: 1000 },
  { name: "large", rows: 2000 },
] as const;
const LARGEST = 2000;

export const sandersVariants = defineTest({
  name: "sanders-variants",
  suites: ["smoke"],
  description:
    "Three parallel Batch jobs of 500, 1,000 and 2,000 trips: three files, and the largest wins in the feature store",
  units: ["sanders"],
  seed: seedTrips,
  run: (context) =>
    submit(
      context,
      VARIANTS.map(({ name, rows }) => ({
        name: `${name}-${rows}`,
        job: `jobs/daily_features_tlc_${name}`,
        size: "2g",
        environment: { FEATURE_DATE: DATE },
      })),
    ),
  async verify({ env, evidence, check }, jobs) {
    for (const job of jobs) {
      check.equal(`${job.jobName} ended`, job.status, "SUCCEEDED");
      if (job.status !== "SUCCEEDED") await evidence.text(`${job.jobName}.log`, await logOf(env, job));
    }
    if (jobs.some(({ status }) => status !== "SUCCEEDED")) return [];

    const { bucket, table } = sandersOf(env);
    check.equal(
      "files of the day",
      await listKeys(env, bucket, "features/"),
      ["large", "medium", "small"].map((name) => `features/daily/date=${DATE}/features_${name}.parquet`),
    );
    const files = await Promise.all(
      VARIANTS.map(async ({ name }) =>
        readParquet(name, await fetchObject(env, evidence, `features/daily/date=${DATE}/features_${name}.parquet`), [
          "customer_id",
        ]),
      ),
    );
    for (const [index, { name, rows }] of VARIANTS.entries()) {
      const file = files[index]?.rows ?? [];
      const expected = await query(
        name,
        `SELECT VendorID::BIGINT::VARCHAR AS customer_id, count(*) AS trips
         FROM read_parquet(${sqlText(SAMPLE)}, file_row_number = true) WHERE file_row_number < ${rows} AND VendorID IS NOT NULL GROUP BY 1 ORDER BY 1`,
      );
      check.equal(
        `trips of the ${name} variant`,
        file.map(({ customer_id, trip_count_1d }) => [customer_id, trip_count_1d]),
        expected.rows.map(({ customer_id, trips }) => [customer_id, trips]),
      );
      check.that(
        `data set of the ${name} variant`,
        file.every((row) => row.dataset_size === rows),
        file.map((row) => row.dataset_size),
        `${rows} each`,
      );
    }

    const items = selectColumns(await readItems(env.aws(DynamoDBClient), "items", table, ["customer_id"]), [
      "customer_id",
      "date",
      "trip_count_1d",
      "dataset_size",
      "variant",
    ]);
    const large = files[2]?.rows ?? [];
    check.equal(
      "the feature store has the largest variant",
      items.rows.map(({ customer_id, trip_count_1d, dataset_size }) => [customer_id, trip_count_1d, dataset_size]),
      large.map(({ customer_id, trip_count_1d }) => [customer_id, trip_count_1d, LARGEST]),
    );
    const tolerance = { avg_fare_1d: 1e-6, avg_distance_1d: 1e-6 };
    return [
      ...files.map((file) => ({ table: file, key: ["customer_id"], tolerance })),
      { table: items, key: ["customer_id", "date"] },
    ];
  },
});
