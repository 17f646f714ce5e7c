import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY, FolderPlatform, query, RAW, SMALL, TABLE, writeParquet } from "./support.js";

const FEATURES = `features/daily/date=${DAY}`;
const QUARANTINE = `quarantine/date=${DAY}`;

describe("daily_features_tlc", () => {
  let platform: FolderPlatform;
  beforeEach(() => {
    platform = new FolderPlatform();
  });
  afterEach(() => platform.remove());

  it("counts every usable trip of the sample for its vendor, and quarantines the others", async () => {
    const { code, metrics } = await platform.run("jobs/daily_features_tlc");
    assert.equal(code, 0);
    assert.deepEqual(metrics.tripCounts, { 1: 70597, 2: 123438, 4: 398 });
    assert.equal(metrics.rowsQuarantined, 5567);
    const rows = await platform.parquet(`${FEATURES}/features.parquet`);
    const [expected] = await query<{ trips: number; fare: number; distance: number }>(
      `SELECT count(*) AS trips, avg(fare_amount) AS fare, avg(trip_distance) AS distance FROM '${RAW}' WHERE VendorID = 4`,
    );
    assert.deepEqual(
      rows.map((row) => [row.customer_id, row.trip_count_1d, row.dataset_size]),
      [
        ["1", 70597, 200000],
        ["2", 123438, 200000],
        ["4", 398, 200000],
      ],
    );
    assert.equal(expected?.trips, 398);
    assert.ok(Math.abs((rows[2]?.avg_fare_1d as number) - (expected?.fare as number)) < 1e-6);
    assert.ok(Math.abs((rows[2]?.avg_distance_1d as number) - (expected?.distance as number)) < 1e-6);
  });

  it("writes the same features to the feature store as to the lake", async () => {
    await platform.run("daily_features_tlc");
    const lake = await platform.parquet(`${FEATURES}/features.parquet`);
    const items = await platform.items();
    assert.deepEqual(
      items.map(({ date, source, updated_at, variant, ...features }) => features),
      lake,
    );
    assert.deepEqual(
      items.map((item) => [item.date, item.variant, item.source]),
      items.map(() => [DAY, "full", RAW]),
    );
  });

  it("keeps quarantined rows whole, with their number in the file and the reason", async () => {
    await platform.run("daily_features_tlc");
    const rows = await platform.parquet(`${QUARANTINE}/trips.parquet`);
    assert.equal(rows.length, 5567);
    const [first] = await query<Record<string, unknown>>(
      `SELECT * EXCLUDE (file_row_number), file_row_number AS source_row, 'no_vendor' AS reason
       FROM read_parquet('${RAW}', file_row_number = true) WHERE VendorID IS NULL ORDER BY file_row_number LIMIT 1`,
    );
    assert.deepEqual(rows[0], first);
  });

  for (const [variant, size] of [
    ["small", 500],
    ["medium", 1000],
    ["large", 2000],
  ] as const)
    it(`takes the first ${size} trips in the variant ${variant}`, async () => {
      const { code, metrics } = await platform.run(`jobs/daily_features_tlc_${variant}.py`);
      assert.equal(code, 0);
      assert.equal(metrics.rowsIn, size);
      const expected = await query<{ id: string; trips: number }>(
        `SELECT VendorID::VARCHAR AS id, count(*) AS trips FROM (SELECT * FROM '${RAW}' LIMIT ${size}) GROUP BY 1 ORDER BY 1`,
      );
      const rows = await platform.parquet(`${FEATURES}/features_${variant}.parquet`);
      assert.deepEqual(
        rows.map((row) => [row.customer_id, row.trip_count_1d, row.dataset_size]),
        expected.map(({ id, trips }) => [id, trips, size]),
      );
    });

  it("replaces a date when it is run again: the same bytes, the same items, nothing more", async () => {
    const now = () => new Date("2026-02-08T02:00:00Z");
    const bytes = () => readFileSync(join(platform.bucket, `${FEATURES}/features.parquet`));
    await platform.run("daily_features_tlc", {}, now);
    const before = { bytes: bytes(), items: await platform.items() };
    await platform.run("daily_features_tlc", {}, now);
    assert.deepEqual({ bytes: bytes(), items: await platform.items() }, before);
  });

  it("removes customers that the new input of a date no longer has, and empties a quarantine that has nothing to say", async () => {
    await platform.run("daily_features_tlc", { TLC_DATA_PATH: SMALL });
    const without = await writeParquet(
      join(platform.folder, "without.parquet"),
      `SELECT * FROM '${SMALL}' WHERE VendorID IN (1, 2)`,
    );
    const { metrics } = await platform.run("daily_features_tlc", { TLC_DATA_PATH: without });
    assert.equal(metrics.itemsRemoved, 1);
    assert.deepEqual(
      (await platform.items()).map((item) => item.customer_id),
      ["1", "2"],
    );
    assert.deepEqual(await platform.parquet(`${QUARANTINE}/trips.parquet`), []);
  });

  it("removes them as well when the run before was interrupted between lake and table", async () => {
    await platform.run("daily_features_tlc_small", { TLC_DATA_PATH: SMALL });
    const items = await platform.items();
    const only = await writeParquet(
      join(platform.folder, "only.parquet"),
      `SELECT * FROM '${SMALL}' WHERE VendorID = 1`,
    );
    // The lake's file names all customers, the table has a part of them: what an interruption leaves.
    writeFileSync(join(platform.folder, "tables", `${TABLE}.json`), JSON.stringify(items.slice(1)));
    await platform.run("daily_features_tlc_small", { TLC_DATA_PATH: only });
    assert.deepEqual(
      (await platform.items()).map((item) => item.customer_id),
      ["1"],
    );
  });

  it("leaves what another variant wrote", async () => {
    await platform.run("daily_features_tlc_large");
    const only = await writeParquet(
      join(platform.folder, "only.parquet"),
      `SELECT * FROM '${RAW}' WHERE VendorID = 1 LIMIT 600`,
    );
    await platform.run("daily_features_tlc_small");
    const { metrics } = await platform.run("daily_features_tlc_small", { TLC_DATA_PATH: only });
    assert.equal(metrics.itemsRemoved, 0);
    assert.deepEqual(
      (await platform.items()).map((item) => [item.customer_id, item.dataset_size]),
      [
        ["1", 2000],
        ["2", 2000],
        ["4", 2000],
      ],
    );
  });

  it("takes today in UTC when no date is given", async () => {
    const { metrics } = await platform.run(
      "daily_features_tlc_small",
      { FEATURE_DATE: "" },
      () => new Date("2026-03-01T00:30:00+02:00"),
    );
    assert.match(String(metrics.written), /date=2026-02-28\/features_small\.parquet/);
  });

  describe("with backfill", () => {
    it("writes one partition per pickup date, and leaves no trip out", async () => {
      const { code, metrics } = await platform.run("daily_features_tlc", { TLC_DATA_PATH: SMALL, BACKFILL: "true" });
      assert.equal(code, 0);
      const source = await query<{ date: string; customer_id: string; trips: number }>(
        `SELECT tpep_pickup_datetime::DATE::VARCHAR AS date, VendorID::VARCHAR AS customer_id, count(*) AS trips
         FROM '${SMALL}' WHERE VendorID IS NOT NULL GROUP BY ALL ORDER BY ALL`,
      );
      const files = join(platform.bucket, "features/daily/*/features.parquet");
      const lake = await query<{ date: string; customer_id: string; trips: number }>(
        `SELECT date::VARCHAR AS date, customer_id, trip_count_1d AS trips
         FROM read_parquet('${files}', hive_partitioning = true) ORDER BY ALL`,
      );
      assert.deepEqual(lake, source);
      assert.equal(metrics.days, new Set(source.map((row) => row.date)).size);
      const key = (row: Record<string, unknown>) => `${row.date} ${row.customer_id}`;
      assert.deepEqual((await platform.items()).map(key).sort(), source.map(key).sort());
      const quarantined = await query<{ day: string; pickup: string; rows: number }>(
        `SELECT regexp_extract(filename, 'date=([0-9-]+)', 1) AS day, tpep_pickup_datetime::DATE::VARCHAR AS pickup, count(*) AS rows
         FROM read_parquet('${join(platform.bucket, "quarantine/*/trips.parquet")}', filename = true) GROUP BY ALL`,
      );
      assert.equal(
        quarantined.reduce((sum, row) => sum + row.rows, 0),
        53,
      );
      assert.ok(quarantined.every((row) => row.day === row.pickup));
    });

    it("is repeatable, and removes customers that vanished from a day", async () => {
      const backfill = { TLC_DATA_PATH: SMALL, BACKFILL: "true" };
      await platform.run("daily_features_tlc", backfill);
      const before = (await platform.items()).length;
      const without = await writeParquet(
        join(platform.folder, "without.parquet"),
        `SELECT * FROM '${SMALL}' WHERE VendorID IS DISTINCT FROM 4`,
      );
      const { metrics } = await platform.run("daily_features_tlc", { ...backfill, TLC_DATA_PATH: without });
      const [lone] = await query<{ rows: number }>(
        `SELECT count(*) AS rows FROM (SELECT tpep_pickup_datetime::DATE AS day FROM '${SMALL}' WHERE VendorID = 4 GROUP BY 1)
         WHERE day IN (SELECT tpep_pickup_datetime::DATE FROM '${SMALL}' WHERE VendorID IN (1, 2))`,
      );
      assert.equal(metrics.itemsRemoved, lone?.rows);
      assert.equal((await platform.items()).length, before - (lone?.rows as number));
    });
  });

  it("refuses an input of which nothing can be used, keeps it in quarantine, and leaves the features as they are", async () => {
    await platform.run("daily_features_tlc", { TLC_DATA_PATH: SMALL });
    const items = await platform.items();
    const unusable = await writeParquet(
      join(platform.folder, "unusable.parquet"),
      `SELECT * FROM '${RAW}' WHERE VendorID IS NULL LIMIT 7`,
    );
    const { code, error } = await platform.run("daily_features_tlc", { TLC_DATA_PATH: unusable });
    assert.equal(code, 1);
    assert.match(error, /None of the 7 rows .*"no_vendor":7/);
    assert.deepEqual(await platform.items(), items);
    assert.equal((await platform.parquet(`${QUARANTINE}/trips.parquet`)).length, 7);
  });

  it("works within the memory of the smallest job definition", async () => {
    const { code, lines } = await platform.run("daily_features_tlc", { MEMORY_LIMIT_MIB: "512", VCPUS: "0.5" });
    assert.equal(code, 0);
    const started = lines.find((line) => line.message === "started");
    assert.deepEqual([started?.memoryMiB, started?.threads], [512, 1]);
  });
});
