import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFiles } from "../../../../jobs/backend/data/paths.js";
import { TABLES, type Table } from "../../../../jobs/backend/data/schema.js";
import { STATES } from "../../../../jobs/backend/data/states.js";
import { type Database, literal } from "../../../../jobs/lib/duckdb.js";
import { projectRoot } from "../../../../stacks/paths.js";
import { wholeData, withTables } from "./support.js";

describe("the schema of the co-operative's data", () => {
  it("is what the README says", () => {
    const readme = readFileSync(join(projectRoot(), "jobs", "backend", "data", "README.md"), "utf8");
    const sections = new Map(
      readme
        .split(/^### /m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf("\n")), text]),
    );
    assert.deepEqual(
      [...sections.keys()],
      TABLES.map(({ name }) => name),
    );
    for (const table of TABLES) {
      const rows = [...(sections.get(table.name) ?? "").matchAll(/^\| (\w+) \| ([A-Z]+) \| (\w+) \| (.+) \|$/gm)];
      assert.deepEqual(
        rows.map(([, name, type, origin, meaning]) => ({ name, type, origin, meaning })),
        table.columns.map(({ name, type, origin, meaning }) => ({ name, type, origin, meaning })),
        table.name,
      );
    }
  });

  for (const table of TABLES)
    it(`${table.name}: columns, types, keys and missing values are as said`, async () => {
      const { dataRoot } = await wholeData();
      await withTables(dataRoot, async (db) => {
        assert.deepEqual(await columnsOf(db, tableFiles(dataRoot, table)[0] as string), {
          ...Object.fromEntries(table.columns.map(({ name, type }) => [name, type])),
        });
        const key = table.key.join(", ");
        const { rows, keys } = await db.row<{ rows: number; keys: number }>(
          `SELECT count(*) AS rows, count(DISTINCT (${key})) AS keys FROM ${table.name}`,
        );
        assert.ok(rows > 0);
        assert.equal(keys, rows, `(${key}) is unique`);
        const counts = await db.row<Record<string, number>>(
          `SELECT ${table.columns.map(({ name }) => `count(*) - count(${name}) AS ${name}`).join(", ")} FROM ${table.name}`,
        );
        for (const { name, nullable } of table.columns)
          if (nullable) assert.ok((counts[name] as number) > 0, `${name} may be missing, but never is`);
          else assert.equal(counts[name], 0, `${name} is never missing`);
      });
    });

  it("gives every state a file of each table that is partitioned", async () => {
    const { manifest } = await wholeData();
    const states = (table: Table) =>
      manifest.tables[table.name]?.files.map((file) => /state=(..)\/part-000\.parquet$/.exec(file.path)?.[1]);
    for (const table of TABLES.filter(({ byState }) => byState))
      assert.deepEqual(
        states(table),
        STATES.map(({ code }) => code),
      );
  });
});

async function columnsOf(db: Database, files: string): Promise<Record<string, string>> {
  const rows = await db.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(files)}, hive_partitioning = false)`,
  );
  return Object.fromEntries(rows.map((row) => [row.column_name, row.column_type]));
}
