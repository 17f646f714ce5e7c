#!/usr/bin/env node
// Makes data/tlc_small.parquet of data/tlc_raw.parquet: every 100th trip, in the file's order, all columns. The same input gives the
// same trips; with the DuckDB version that package-lock.json pins, the same bytes.
//   node scripts/make-sample.mjs [target]
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

const EVERY = 100;
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "data", "tlc_raw.parquet");
const target = resolve(process.argv[2] ?? join(root, "data", "tlc_small.parquet"));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
await connection.run(
  `COPY (SELECT * EXCLUDE (file_row_number) FROM read_parquet(${quoted(source)}, file_row_number = true)
         WHERE file_row_number % ${EVERY} = 0 ORDER BY file_row_number)
   TO ${quoted(target)} (FORMAT parquet, COMPRESSION zstd)`,
);
const [row] = await (
  await connection.run(`SELECT count(*)::INT AS trips FROM read_parquet(${quoted(target)})`)
).getRowObjects();
connection.closeSync();
instance.closeSync();
console.log(`${target}: ${row.trips} trips`);
