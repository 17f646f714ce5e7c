import assert from "node:assert/strict";
import { join } from "node:path";
import { query, readParquet, selectColumns, sortRows, sqlText } from "../../../automation/evidence/tables.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import { freshHome } from "../support.js";

describe("tables", () => {
  const home = freshHome();

  it("come from Parquet with types, exact counts and dates as text", async () => {
    const path = join(home.path(), "it's.parquet");
    await query(
      "write",
      `COPY (SELECT * FROM (VALUES (2::BIGINT, DATE '2026-02-07', 1.5), (1, NULL, 2.5)) t(id, day, fare)) TO ${sqlText(path)} (FORMAT parquet)`,
    );
    const table = await readParquet("t", path, ["id"]);
    assert.deepEqual(table.columns, [
      { name: "id", type: "BIGINT" },
      { name: "day", type: "DATE" },
      { name: "fare", type: "DECIMAL(2,1)" },
    ]);
    assert.deepEqual(table.rows, [
      { id: 1, day: null, fare: "2.5" },
      { id: 2, day: "2026-02-07", fare: "1.5" },
    ]);
  });

  it("count the sample's trips as the tests expect them", async () => {
    const path = join(projectRoot, "data", "tlc_raw.parquet");
    const { rows } = await query(
      "n",
      `SELECT VendorID AS v, count(*) AS n FROM read_parquet(${sqlText(path)}) GROUP BY 1 ORDER BY 1`,
    );
    assert.deepEqual(rows, [
      { v: 1, n: 70_597 },
      { v: 2, n: 123_438 },
      { v: 4, n: 398 },
      { v: null, n: 5_567 },
    ]);
  });

  it("keep a wide number as text where a double would lose digits", async () => {
    const { rows } = await query("n", "SELECT 9007199254740993::BIGINT AS a, 42::HUGEINT AS b");
    assert.deepEqual(rows, [{ a: "9007199254740993", b: 42 }]);
  });

  it("are sorted by number as numbers, and cut to columns", () => {
    const rows = [
      { a: 10, b: "x" },
      { a: 9, b: "y" },
    ];
    assert.deepEqual(
      sortRows(rows, ["a"]).map(({ a }) => a),
      [9, 10],
    );
    const table = {
      name: "t",
      columns: [
        { name: "a", type: "N" },
        { name: "b", type: "S" },
      ],
      rows,
    };
    assert.deepEqual(selectColumns(table, ["b"]), {
      name: "t",
      columns: [{ name: "b", type: "S" }],
      rows: [{ b: "x" }, { b: "y" }],
    });
  });
});
