import assert from "node:assert/strict";
import { join } from "node:path";
import { namedMonth } from "../../../jobs/sanders/checks.js";
import type { Profile } from "../../../jobs/sanders/dataprocessing.js";
import { DAY, FolderPlatform, query, RAW, SMALL, writeParquet } from "./support.js";

const JSON_KEY = `quality/date=${DAY}/profile.json`;
const PARQUET_KEY = `quality/date=${DAY}/profile.parquet`;

describe("data_processing", () => {
  let platform: FolderPlatform;
  let profile: Profile;
  before(async () => {
    platform = new FolderPlatform();
    const { code } = await platform.run("jobs/data_processing");
    assert.equal(code, 0);
    profile = await platform.json<Profile>(JSON_KEY);
  });
  after(() => platform.remove());

  const checkOf = (name: string) => profile.checks.find((check) => check.name === name);

  it("profiles each column as the data is", async () => {
    const [expected] = await query<{
      nulls: number;
      different: number;
      min: number;
      max: number;
      mean: number;
      median: number;
    }>(
      `SELECT count(*) - count(fare_amount) AS nulls, count(DISTINCT fare_amount) AS different, min(fare_amount) AS min,
         max(fare_amount) AS max, avg(fare_amount) AS mean, median(fare_amount) AS median FROM '${RAW}'`,
    );
    const fare = profile.columns.find((column) => column.name === "fare_amount");
    assert.equal(fare?.nulls, expected?.nulls);
    assert.equal(fare?.distinct, expected?.different);
    assert.equal(fare?.numbers?.min, expected?.min);
    assert.equal(fare?.numbers?.max, expected?.max);
    assert.equal(fare?.numbers?.median, expected?.median);
    assert.ok(Math.abs((fare?.numbers?.mean ?? 0) - (expected?.mean ?? 0)) < 1e-6);
    assert.equal(profile.columns.length, 18);
  });

  it("names the most frequent values, the absent among them", () => {
    assert.deepEqual(profile.columns.find((column) => column.name === "VendorID")?.top, [
      { value: "2", rows: 123438 },
      { value: "1", rows: 70597 },
      { value: null, rows: 5567 },
      { value: "4", rows: 398 },
    ]);
  });

  it("reports odd rows that the features use, such as a negative fare, with examples", async () => {
    const [expected] = await query<{ rows: number; first: number }>(
      `SELECT count(*) AS rows, min(file_row_number) AS first FROM read_parquet('${RAW}', file_row_number = true)
       WHERE fare_amount < 0`,
    );
    const check = checkOf("fare_negative");
    assert.equal(check?.rows, expected?.rows);
    assert.equal(check?.examples[0]?.source_row, expected?.first);
    assert.ok((check?.examples ?? []).every((example) => (example.fare as number) < 0));
  });

  it("finds the period of the trips in the data, and the pickup of 2008 outside it", () => {
    assert.deepEqual(profile.period, { from: "2019-01-01", to: "2020-09-01" });
    const check = checkOf("pickup_outside_period");
    assert.equal(check?.rows, 1);
    assert.equal(check?.examples[0]?.pickup, "2008-12-31 23:49:36");
  });

  it("counts what the features quarantine, by the same reasons", () => {
    assert.deepEqual(profile.unusable, { no_vendor: 5567 });
    assert.equal(checkOf("no_vendor")?.rows, 5567);
  });

  it("writes the same facts as Parquet, one form for columns and checks", async () => {
    const facts = await platform.parquet(PARQUET_KEY);
    const find = (name: string, metric: string) => facts.find((fact) => fact.name === name && fact.metric === metric);
    assert.equal(find("fare_negative", "rows")?.number, checkOf("fare_negative")?.rows);
    assert.equal(find("VendorID", "nulls")?.number, 5567);
    assert.equal(find("tpep_pickup_datetime", "type")?.text, "TIMESTAMP");
    assert.deepEqual(Object.keys(facts[0] ?? {}), ["kind", "name", "metric", "number", "text"]);
  });

  it("counts rows equal to an earlier one, and says when a file's name does not fit its trips", async () => {
    const other = new FolderPlatform();
    try {
      const path = await writeParquet(
        join(other.folder, "yellow_tripdata_2024-01.parquet"),
        `SELECT * FROM '${SMALL}' UNION ALL (SELECT * FROM '${SMALL}' LIMIT 5)`,
      );
      await other.run("data_processing", { TLC_DATA_PATH: path });
      const { checks, rows } = await other.json<Profile>(JSON_KEY);
      const found = Object.fromEntries(checks.map((check) => [check.name, check.rows]));
      assert.equal(found.duplicate, 5);
      assert.equal(found.pickup_outside_named_month, rows);
    } finally {
      other.remove();
    }
  });

  it("reads a month in a file's name only where there is one", () => {
    assert.deepEqual(namedMonth("yellow_tripdata_2023-12.parquet"), { from: "2023-12-01", to: "2024-01-01" });
    assert.equal(namedMonth("tlc_raw.parquet"), undefined);
    assert.equal(namedMonth("part-12024-01-2.parquet"), undefined);
    assert.equal(namedMonth("trips_2024-13.parquet"), undefined);
  });
});
