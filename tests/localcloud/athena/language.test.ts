import assert from "node:assert/strict";
import { type Athena, athena } from "./fixture.js";

describe("Athena: what tells of tables, and names", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
    await world.rows("CREATE DATABASE shop");
    await world.put("visits/day=2024-01-01/a.csv", "1,x\n2,y\n");
    await world.put("visits/day=2024-01-02/b.csv", "3,z\n");
    await world.rows(`CREATE EXTERNAL TABLE visits (id int, page string) PARTITIONED BY (day date)
      ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://${world.bucket}/visits/'`);
    await world.rows("MSCK REPAIR TABLE visits");
    await world.rows("CREATE VIEW pages AS SELECT page FROM visits");
  });

  it(`has a row's object as "$path"`, async () => {
    const rows = await world.rows(`SELECT id, "$path" FROM visits ORDER BY id`);
    const path = (key: string) => `s3://${world.bucket}/visits/${key}`;
    assert.deepEqual(rows, [
      ["1", path("day=2024-01-01/a.csv")],
      ["2", path("day=2024-01-01/a.csv")],
      ["3", path("day=2024-01-02/b.csv")],
    ]);
    assert.deepEqual(await world.rows(`SELECT count(*) FROM visits WHERE "$path" LIKE '%/b.csv'`), [["1"]]);
    assert.deepEqual(await world.rows(`SELECT "$path" FROM visits WHERE day = date '2030-01-01'`), []);
  });

  it(`lists a table's partitions as "table$partitions"`, async () => {
    const rows = await world.rows(`SELECT * FROM "visits$partitions" WHERE day > date '2024-01-01'`);
    assert.deepEqual(rows, [["2024-01-02"]]);
  });

  it("has information_schema", async () => {
    const tables =
      "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'shop' ORDER BY 1";
    assert.deepEqual(await world.rows(tables), [
      ["pages", "VIEW"],
      ["visits", "BASE TABLE"],
    ]);
    const columns = `SELECT column_name, ordinal_position, data_type FROM information_schema.columns
      WHERE table_schema = 'shop' AND table_name = 'visits' ORDER BY ordinal_position`;
    assert.deepEqual(await world.rows(columns), [
      ["id", "1", "integer"],
      ["page", "2", "varchar"],
      ["day", "3", "date"],
    ]);
  });

  it("recurs", async () => {
    const sql = "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t";
    assert.deepEqual(await world.rows(sql), [["15"]]);
  });

  it("prepares, executes and deallocates", async () => {
    await world.rows("PREPARE one FROM SELECT id FROM visits WHERE page = ?");
    await world.rows("PREPARE one FROM SELECT page FROM visits WHERE id > ? AND day = date '2024-01-01'");
    assert.deepEqual(await world.rows("EXECUTE one USING 1"), [["y"]]);
    await world.rows("DEALLOCATE PREPARE one");
    await assert.rejects(world.run("EXECUTE one USING 1"), { message: /^PreparedStatement one was not found/ });
  });

  it("knows no output's name in WHERE, GROUP BY and HAVING, but in ORDER BY", async () => {
    for (const [sql, name] of [
      ["SELECT id + 1 AS next, count(*) FROM visits GROUP BY next", "next"],
      ["SELECT id + 1 AS next FROM visits WHERE next = 2", "next"],
      ["SELECT id, count(*) AS n FROM visits GROUP BY id HAVING n > 0", "n"],
      ["WITH v AS (SELECT id FROM visits) SELECT id AS other FROM v WHERE other = 1", "other"],
    ] as const) {
      const { Status } = await world.run(sql);
      assert.equal(Status?.StateChangeReason, `COLUMN_NOT_FOUND: line 1:8: Column '${name}' cannot be resolved`);
    }
    const sql =
      "WITH v AS (SELECT id AS k FROM visits) SELECT k * 2 AS k, count(*) AS n FROM v WHERE k > 1 GROUP BY k ORDER BY n, k";
    assert.deepEqual(await world.rows(sql), [
      ["4", "1"],
      ["6", "1"],
    ]);
  });
});
