import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../../jobs/lib/duckdb.js";
import { FEATURE_FIELDS, matchColumns, openTrips } from "../../../jobs/sanders/trips.js";
import { RAW, writeParquet } from "./support.js";

const columns = (...names: string[]) => names.map((name) => ({ name, type: "VARCHAR" }));

describe("trips of any era", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trips-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function open(sql: string, limit?: number): Promise<Record<string, unknown>[]> {
    const path = await writeParquet(join(folder, "trips.parquet"), sql);
    const db = await Database.open({ memoryMiB: 512, threads: 1 }, folder);
    try {
      await openTrips(db, path, FEATURE_FIELDS, limit);
      return await db.rows(
        `SELECT * EXCLUDE (pickup_missing, dropoff_missing)
         REPLACE (pickup::VARCHAR AS pickup, dropoff::VARCHAR AS dropoff) FROM trips ORDER BY source_row`,
      );
    } finally {
      db.close();
    }
  }

  const eras: Record<string, string[]> = {
    "yellow since 2015": ["VendorID", "tpep_pickup_datetime", "tpep_dropoff_datetime", "trip_distance", "fare_amount"],
    green: ["VendorID", "lpep_pickup_datetime", "lpep_dropoff_datetime", "trip_distance", "fare_amount"],
    "yellow of 2010 to 2014": ["vendor_id", "pickup_datetime", "dropoff_datetime", "trip_distance", "fare_amount"],
    "yellow of 2009": ["vendor_name", "Trip_Pickup_DateTime", "Trip_Dropoff_DateTime", "Trip_Distance", "Fare_Amt"],
  };
  for (const [era, names] of Object.entries(eras))
    it(`finds the columns of ${era}`, () => {
      const found = matchColumns(columns(...names), FEATURE_FIELDS);
      assert.deepEqual(
        FEATURE_FIELDS.map((field) => found[field]?.name),
        names,
      );
    });

  it("names every missing column with its spellings, and the columns that are there", () => {
    assert.throws(() => matchColumns(columns("VendorID", "tpep_pickup_datetime", "trip_distance"), FEATURE_FIELDS), {
      name: "InputError",
      message:
        "Not a TLC trip file: it has no column tpep_dropoff_datetime or lpep_dropoff_datetime or dropoff_datetime or " +
        "Trip_Dropoff_DateTime; no column fare_amount or Fare_Amt. Its columns: VendorID, tpep_pickup_datetime, trip_distance",
    });
  });

  it("reads times that are texts, vendors that are codes, and says of each row why it cannot be used", async () => {
    const rows = await open(`SELECT * FROM (VALUES
      ('CMT', '2009-01-04 02:52:00', '2009-01-04 03:02:00', 2.63, 8.9),
      ('  ', '2009-01-04 03:31:00', '2009-01-04 03:38:00', 4.55, 12.1),
      ('VTS', '2009-13-45', '2009-01-04 03:38:00', 1, 2),
      ('VTS', NULL, 'soon', 1, 2),
      (NULL, '2009-01-04 03:31:00', '', 1, 2)
    ) AS t(vendor_name, Trip_Pickup_DateTime, Trip_Dropoff_DateTime, Trip_Distance, Fare_Amt)`);
    assert.deepEqual(
      rows.map((row) => [row.vendor, row.pickup, row.reason]),
      [
        ["CMT", "2009-01-04 02:52:00", null],
        [null, "2009-01-04 03:31:00", "no_vendor"],
        ["VTS", null, "pickup_unparsable"],
        ["VTS", null, "pickup_missing, dropoff_unparsable"],
        [null, "2009-01-04 03:31:00", "no_vendor, dropoff_missing"],
      ],
    );
  });

  it("gives a vendor the same name whether its number is kept as an integer or as a float", async () => {
    const values =
      "TIMESTAMP '2024-01-01' AS tpep_pickup_datetime, TIMESTAMP '2024-01-01' AS tpep_dropoff_datetime, 1.0 AS trip_distance, 1.0 AS fare_amount";
    const rows = await open(`SELECT 2.0::DOUBLE AS VendorID, ${values} UNION ALL SELECT NULL, ${values}`);
    assert.deepEqual(
      rows.map((row) => row.vendor),
      ["2", null],
    );
  });

  it("keeps rows whose numbers cannot be used, without the numbers", async () => {
    const rows = await open(
      `SELECT 1 AS VendorID, TIMESTAMP '2024-01-01' AS tpep_pickup_datetime, TIMESTAMP '2024-01-01' AS tpep_dropoff_datetime,
         'NaN'::DOUBLE AS trip_distance, 'free' AS fare_amount`,
    );
    assert.deepEqual(
      rows.map((row) => [row.distance, row.fare, row.reason]),
      [[null, null, null]],
    );
  });

  it("takes the first rows of the file", async () => {
    const rows = await open(`SELECT * FROM '${RAW}'`, 3);
    assert.deepEqual(
      rows.map((row) => [row.source_row, row.pickup]),
      [
        [0, "2008-12-31 23:49:36"],
        [1, "2019-01-01 00:00:50"],
        [2, "2019-01-01 00:12:28"],
      ],
    );
  });

  it("refuses a column of a type that cannot hold its field, and a file that is not Parquet", async () => {
    await assert.rejects(
      open(
        "SELECT 1 AS VendorID, 5 AS tpep_pickup_datetime, now()::TIMESTAMP AS tpep_dropoff_datetime, 1 AS trip_distance, 1 AS fare_amount",
      ),
      { name: "InputError", message: "Column tpep_pickup_datetime is INTEGER; a time or a text was expected" },
    );
    const path = join(folder, "text.parquet");
    writeFileSync(path, "VendorID,fare_amount\n1,2\n");
    const db = await Database.open({ memoryMiB: 512, threads: 1 }, folder);
    await assert.rejects(openTrips(db, path), {
      name: "InputError",
      message: /text\.parquet cannot be read as Parquet/,
    });
    db.close();
  });
});
