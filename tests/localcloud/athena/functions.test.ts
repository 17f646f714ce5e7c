import assert from "node:assert/strict";
import { COLLECTIONS } from "./expressions/collections.js";
import { COMMON } from "./expressions/common.js";
import { DATES } from "./expressions/dates.js";
import { DOCUMENTS } from "./expressions/documents.js";
import { NUMBERS } from "./expressions/numbers.js";
import { TEXTS } from "./expressions/texts.js";
import { type Athena, athena } from "./fixture.js";

const TABLES = { COLLECTIONS, COMMON, DATES, DOCUMENTS, NUMBERS, TEXTS };

/** Queries that Athena refuses, and how its reason begins. */
const REFUSED: Record<string, string> = {
  "SELECT 1 / 0": "DIVISION_BY_ZERO: Division by zero",
  "SELECT 1.5 / 0": "DIVISION_BY_ZERO: Division by zero",
  "SELECT 5 % x FROM (VALUES 0) AS t (x)": "DIVISION_BY_ZERO: Division by zero",
  "SELECT ARRAY[1, 2][5]":
    "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 5 > 2",
  "SELECT a[0] FROM (VALUES ARRAY[1]) AS t (a)": "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1",
  "SELECT m['z'] FROM (VALUES MAP(ARRAY['a'], ARRAY[1])) AS t (m)":
    "INVALID_FUNCTION_ARGUMENT: Key not present in map: z",
  "SELECT '1' = 1": "TYPE_MISMATCH: line 1:8: Cannot apply operator: varchar = bigint",
  "SELECT d < '2024-01-01' FROM (VALUES date '2024-01-05') AS t (d)":
    "TYPE_MISMATCH: line 1:8: Cannot apply operator: date < varchar",
  "SELECT x IN ('1', '2') FROM (VALUES 1) AS t (x)": "TYPE_MISMATCH: line 1:8: Cannot apply operator: bigint = varchar",
  "SELECT x BETWEEN '1' AND '2' FROM (VALUES 1) AS t (x)":
    "TYPE_MISMATCH: line 1:8: Cannot apply operator: bigint >= varchar",
  "SELECT date '2024-01-01' + 1": "TYPE_MISMATCH",
  "SELECT 'a' || 1": "TYPE_MISMATCH",
  "SELECT date_diff('hour', date '2024-01-01', date '2024-01-02')":
    "INVALID_FUNCTION_ARGUMENT: 'hour' is not a valid DATE field",
  "SELECT d + interval '1' hour FROM (VALUES date '2024-01-01') AS t (d)":
    "INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date",
  "SELECT date_format(now(), '%D')": "INVALID_FUNCTION_ARGUMENT: %D not supported in date format string",
  "SELECT max(x) FROM (SELECT now() AT TIME ZONE 'Asia/Tokyo' AS x)": "NOT_SUPPORTED: the time zone Asia/Tokyo",
  "SELECT json_extract('{}', '$..a')": "NOT_SUPPORTED: the JSON path",
  "SELECT cast('x' AS integer)": "INVALID_CAST_ARGUMENT",
  "SELECT json_parse('nope')": "INVALID_FUNCTION_ARGUMENT",
  "SELECT 2147483647 + 1": "NUMERIC_VALUE_OUT_OF_RANGE",
  ...Object.fromEntries(
    [
      "soundex('a')",
      "list_sort(ARRAY[1])",
      "strftime(now(), '%Y')",
      "nvl(1, 2)",
      "len('a')",
      "datediff('day', 1, 2)",
    ].map((call) => [
      `SELECT ${call}`,
      `FUNCTION_NOT_FOUND: line 1:8: Function '${call.slice(0, call.indexOf("("))}' not registered`,
    ]),
  ),
};

describe("Athena: its SQL", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
  });

  for (const [name, table] of Object.entries(TABLES))
    it(`computes and shows what Athena does: ${name.toLowerCase()}`, async () => {
      const [row = []] = await world.rows(`SELECT ${Object.keys(table).join(",\n")}`);
      const actual = Object.fromEntries(Object.keys(table).map((expression, at) => [expression, row[at]]));
      assert.deepEqual(actual, table);
    });

  it("refuses what Athena refuses, in its words", async () => {
    for (const [sql, reason] of Object.entries(REFUSED)) {
      const { Status } = await world.run(sql);
      assert.equal(Status?.State, "FAILED", sql);
      assert.ok(Status?.StateChangeReason?.startsWith(reason), `${sql}: ${Status?.StateChangeReason}`);
    }
  });

  it("treats columns, aggregates and windows as it does constants", async () => {
    const dates = "FROM (VALUES (date '2024-01-05', 1), (date '2024-01-07', 2)) AS t (d, x)";
    const [row] =
      await world.rows(`SELECT date_diff('day', min(d), max(d)), date_trunc('month', max(d)), max(d) - min(d),
      max(d) + interval '1' day, round(avg(x), 2), cast(max(d) AS varchar), cast(avg(x) AS varchar), max(d) > date '2024-01-01',
      sum(x) * 100.0 / count(*), sum(x) / count(*), avg(x * 1.50), sum(x) FILTER (WHERE x > 1), avg(x) FILTER (WHERE x > 1) ${dates}`);
    assert.deepEqual(row, [
      "2",
      "2024-01-01",
      "2 00:00:00.000",
      "2024-01-08",
      "1.5",
      "2024-01-07",
      "1.5E0",
      "true",
      "150.0",
      "1",
      "2.25",
      "2",
      "2.0",
    ]);
    const windows = await world.rows(
      `SELECT date_diff('day', lag(d) OVER (ORDER BY d), d), avg(x) OVER (ORDER BY d), last_value(nullif(x, 2)) IGNORE NULLS OVER (ORDER BY d) ${dates}`,
    );
    assert.deepEqual(windows, [
      [undefined, "1.0", "1"],
      ["2", "1.5", "1"],
    ]);
    const grouped = await world.rows(
      `SELECT date_trunc('month', d), count(*) ${dates} GROUP BY date_trunc('month', d) HAVING max(x) = 2 ORDER BY date_trunc('month', d)`,
    );
    assert.deepEqual(grouped, [["2024-01-01", "2"]]);
    const zoned = await world.rows(`SELECT date_trunc('day', t AT TIME ZONE 'Asia/Tokyo') AS day, count(*)
      FROM (VALUES timestamp '2024-01-05 20:00:00', timestamp '2024-01-05 23:00:00') AS v (t) GROUP BY 1 ORDER BY 1`);
    assert.deepEqual(zoned, [["2024-01-06 00:00:00.000 Asia/Tokyo", "2"]]);
    const maps =
      await world.rows(`SELECT multimap_agg(k, v), map_agg(k, v), map_union(map(ARRAY[k], ARRAY[v])) FILTER (WHERE v < 2)
      FROM (VALUES ('a', 1), ('a', 2)) AS t (k, v)`);
    assert.deepEqual(maps, [["{a=[1, 2]}", "{a=1}", "{a=1}"]]);
  });

  it("aggregates", async () => {
    const sql = `SELECT approx_distinct(x), array_agg(x ORDER BY x), count_if(x > 1), max_by(y, x), approx_percentile(x, 0.5),
      arbitrary(y) IS NOT NULL, bool_and(x > 0), sum(x), avg(x), map_agg(y, x), listagg(y, '+') WITHIN GROUP (ORDER BY y)
      FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS t (x, y)`;
    const wanted = ["3", "[1, 2, 3]", "2", "c", "2", "true", "true", "6", "2.0", "{a=1, b=2, c=3}", "a+b+c"];
    assert.deepEqual(await world.rows(sql), [wanted]);
  });

  it("unnests arrays and maps, with ordinality, in a WITH, over windows", async () => {
    const sql = `WITH t AS (SELECT * FROM (VALUES (1, ARRAY['a', 'b'], MAP(ARRAY['k'], ARRAY[9]))) AS v (id, list, m))
      SELECT id, item, place, k, v, row_number() OVER (ORDER BY item DESC) FROM t
      CROSS JOIN UNNEST(list) WITH ORDINALITY AS u (item, place) CROSS JOIN UNNEST(m) AS w (k, v) ORDER BY item`;
    assert.deepEqual(await world.rows(sql), [
      ["1", "a", "1", "k", "9", "2"],
      ["1", "b", "2", "k", "9", "1"],
    ]);
  });

  it("unnests several arrays side by side, and maps by their place", async () => {
    const arrays = `SELECT n, x, y, i FROM (VALUES (7, ARRAY[1, 2], ARRAY['a'])) AS v (n, a, b)
      CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS t (x, y, i) ORDER BY i`;
    assert.deepEqual(await world.rows(arrays), [
      ["7", "1", "a", "1"],
      ["7", "2", undefined, "2"],
    ]);
    const map =
      "SELECT k, v, i FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) WITH ORDINALITY AS t (k, v, i) ORDER BY i";
    assert.deepEqual(await world.rows(map), [
      ["a", "1", "1"],
      ["b", "2", "2"],
    ]);
  });

  it("finds elements of columns", async () => {
    const sql = `SELECT a[2], a[1], m[1], r[1].n, cardinality(a), cardinality(m), cardinality(r), cardinality(array_agg(m))
      FROM (VALUES (ARRAY['x', NULL], MAP(ARRAY[1], ARRAY['q']), ARRAY[CAST(ROW(1) AS ROW(n integer))])) AS t (a, m, r) GROUP BY a, m, r`;
    assert.deepEqual(await world.rows(sql), [[undefined, "x", "q", "1", "2", "1", "1", "1"]]);
  });
});
