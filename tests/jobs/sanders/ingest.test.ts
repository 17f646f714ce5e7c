import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FolderPlatform, query, RAW, SMALL, writeParquet } from "./support.js";

describe("ingest_tlc_sample", () => {
  let platform: FolderPlatform;
  beforeEach(() => {
    platform = new FolderPlatform();
  });
  afterEach(() => platform.remove());

  it("keeps a whole file byte for byte", async () => {
    const { code, metrics } = await platform.run("jobs/ingest_tlc_sample", { TLC_DATA_PATH: SMALL });
    assert.equal(code, 0);
    assert.equal(metrics.rowsIn, 2000);
    assert.ok(readFileSync(join(platform.bucket, "raw/nyc_tlc/tlc_small.parquet")).equals(readFileSync(SMALL)));
  });

  it("keeps the first rows, all columns, under a name of one's choice", async () => {
    const env = { TLC_DATA_PATH: RAW, ROWS: "1234", TLC_FILE_NAME: "yellow_tripdata_2024-01.parquet" };
    const { metrics } = await platform.run("ingest_tlc_sample", env);
    assert.equal(metrics.rowsOut, 1234);
    const kept = join(platform.bucket, "raw/nyc_tlc/yellow_tripdata_2024-01.parquet");
    const [difference] = await query<{ rows: number }>(
      `SELECT count(*) AS rows FROM (
         (SELECT * FROM '${kept}' EXCEPT ALL SELECT * FROM (SELECT * FROM '${RAW}' LIMIT 1234)) UNION ALL
         (SELECT * FROM (SELECT * FROM '${RAW}' LIMIT 1234) EXCEPT ALL SELECT * FROM '${kept}'))`,
    );
    assert.equal(difference?.rows, 0);
  });

  it("feeds the other jobs: what was ingested is their default input", async () => {
    await platform.run("ingest_tlc_sample", { TLC_DATA_PATH: SMALL, TLC_FILE_NAME: "yellow_tripdata_2024-01.parquet" });
    const location = `s3://sanders-customer-platform-test/raw/nyc_tlc/yellow_tripdata_2024-01.parquet`;
    const { lines, metrics } = await platform.run("daily_features_tlc", { TLC_DATA_PATH: "" });
    assert.equal(lines.find((line) => line.message === "started")?.dataPath, location);
    assert.equal(metrics.rowsIn, 2000);
  });

  it("puts nothing that is no TLC trip file", async () => {
    const path = await writeParquet(join(platform.folder, "fhv.parquet"), "SELECT 'B00001' AS dispatching_base_num");
    const { code, error } = await platform.run("ingest_tlc_sample", { TLC_DATA_PATH: path });
    assert.equal(code, 1);
    assert.match(error, /fhv\.parquet: Not a TLC trip file: it has no column VendorID or vendor_id or vendor_name;/);
    assert.equal(existsSync(platform.bucket), false);
  });

  it("asks for an input, and refuses to read what it would write", async () => {
    assert.equal((await platform.run("ingest_tlc_sample", { TLC_DATA_PATH: "" })).code, 2);
    const own = "s3://sanders-customer-platform-test/raw/nyc_tlc/a.parquet";
    const { code, error } = await platform.run("ingest_tlc_sample", { TLC_DATA_PATH: own });
    assert.equal(code, 2);
    assert.match(error, /is where the result would go; set TLC_FILE_NAME/);
  });
});
