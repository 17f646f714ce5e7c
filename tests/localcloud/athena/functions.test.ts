import assert from "node:assert/strict";
import { type Athena, athena } from "./fixture.js";

/** Expressions of Athena's SQL, and what Athena shows for them. */
const EXPRESSIONS: Record<string, string | undefined> = {
  "7 / 2": "3",
  "7.0 / 2": "3.5",
  "1e10": "1.0E10",
  "cast(0.1 as double) + 0.2": "0.30000000000000004",
  "cast(12345678.9 as double)": "1.23456789E7",
  "cast(1.5 as decimal(10,2))": "1.50",
  "mod(7, 3)": "1",
  "round(2.567, 2)": "2.57",
  "date '2024-01-31' + interval '1' day": "2024-02-01",
  "date_add('day', 3, date '2024-01-01')": "2024-01-04",
  "date_add('hour', 3, timestamp '2024-01-01 00:00:00')": "2024-01-01 03:00:00.000",
  "date_diff('day', date '2024-01-01', date '2024-02-01')": "31",
  "date_trunc('month', timestamp '2024-05-06 01:02:03')": "2024-05-01 00:00:00.000",
  "date_trunc('month', date '2024-05-06')": "2024-05-01",
  "date_parse('2024-01-05 10:11:12', '%Y-%m-%d %H:%i:%s')": "2024-01-05 10:11:12.000",
  "date_format(timestamp '2024-01-05 10:11:12', '%Y/%m/%d %H:%i')": "2024/01/05 10:11",
  "format_datetime(timestamp '2024-01-05 10:11:12', 'yyyy-MM-dd HH:mm')": "2024-01-05 10:11",
  "parse_datetime('05.01.2024', 'dd.MM.yyyy')": "2024-01-05 00:00:00.000",
  "from_unixtime(1700000000)": "2023-11-14 22:13:20.000 UTC",
  "to_unixtime(timestamp '2024-01-01 00:00:00')": "1.7040672E9",
  "from_iso8601_timestamp('2024-01-05T10:11:12Z')": "2024-01-05 10:11:12.000 UTC",
  "from_iso8601_date('2024-01-05')": "2024-01-05",
  "day_of_week(date '2024-01-07')": "7",
  "year(date '2024-01-07')": "2024",
  "date('2024-01-05') = date '2024-01-05'": "true",
  "split_part('a-b-c', '-', 2)": "b",
  "split('a-b', '-')": "[a, b]",
  "regexp_like('abc', '^a')": "true",
  "regexp_extract('order-17', '(\\d+)', 1)": "17",
  "regexp_replace('a1b2', '\\d', 'x')": "axbx",
  "json_extract_scalar('{\"a\":{\"b\":5}}', '$.a.b')": "5",
  "json_extract_scalar('{\"a\":[1,2]}', '$.a[1]')": "2",
  "json_extract('{\"a\":[1,2]}', '$.a')": "[1,2]",
  "json_array_length('[1,2]')": "2",
  "try_cast('x' as integer)": undefined,
  "try_cast('7' as integer)": "7",
  "coalesce(null, 'b')": "b",
  "cardinality(array[1,2,3])": "3",
  "element_at(array[1,2,3], 2)": "2",
  "element_at(map(array['a','b'], array[1,2]), 'b')": "2",
  "map(array['a'], array[1])": "{a=1}",
  "contains(array[1,2], 2)": "true",
  "array_join(array['a','b'], ',')": "a,b",
  "transform(array[1,2], x -> x + 1)": "[2, 3]",
  "filter(array[1,2,3], x -> x > 1)": "[2, 3]",
  "reduce(array[1,2,3], 0, (s, x) -> s + x, s -> s)": "6",
  "any_match(array[1,2], x -> x > 1)": "true",
  "all_match(array[1,2], x -> x > 1)": "false",
  "none_match(array[1,2], x -> x > 5)": "true",
  "array_sort(array[3,1,2])": "[1, 2, 3]",
  "sequence(1, 3)": "[1, 2, 3]",
  "cast(row(1, 'a') as row(x integer, y varchar)).y": "a",
  "cast(row(1, null) as row(x integer, y varchar))": "{x=1, y=null}",
  "url_extract_host('https://user@a.example:8080/p?x=1')": "a.example",
  "url_extract_parameter('https://a/p?x=1&y=b%20c', 'y')": "b c",
  "to_hex(md5(to_utf8('a')))": "0CC175B9C0F1B6A831C399E269772661",
  "if(1 > 2, 'y', 'n')": "n",
  "concat('a', 'b', 'c')": "abc",
  "lpad('1', 3, '0')": "001",
  "strpos('abc', 'c')": "3",
  "levenshtein_distance('kitten', 'sitting')": "3",
  "is_nan(nan())": "true",
};

describe("Athena: its SQL", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
  });

  it("computes and shows what Athena does", async () => {
    const sql = `SELECT ${Object.keys(EXPRESSIONS).join(",\n")}`;
    const [row = []] = await world.rows(sql);
    const actual = Object.fromEntries(Object.keys(EXPRESSIONS).map((expression, at) => [expression, row[at]]));
    assert.deepEqual(actual, EXPRESSIONS);
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
});
