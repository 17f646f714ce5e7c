import assert from "node:assert/strict";
import { CreateWorkGroupCommand, ListQueryExecutionsCommand } from "@aws-sdk/client-athena";
import { type Athena, athena } from "./fixture.js";

describe("Athena: what becomes a table, and what is read leniently", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
    await world.rows("CREATE DATABASE shop");
  });
  const reasonOf = async (sql: string, WorkGroup = "work") => {
    const { Status } = await world.run(sql, { WorkGroup });
    assert.equal(Status?.State, "FAILED", sql);
    return Status?.StateChangeReason ?? "";
  };

  it("leaves the place of tables to a workgroup that enforces its own", async () => {
    const ResultConfiguration = { OutputLocation: `s3://${world.bucket}/enforced/` };
    const Configuration = { EnforceWorkGroupConfiguration: true, ResultConfiguration };
    await world.client.send(new CreateWorkGroupCommand({ Name: "enforcing", Configuration }));
    const sql = `CREATE TABLE placed WITH (external_location = 's3://${world.bucket}/placed/') AS SELECT 1 AS x`;
    assert.match(await reasonOf(sql, "enforcing"), /'external_location' property to an Athena Workgroup that enforces/);
    assert.deepEqual(await world.keys("placed/"), []);
    await world.rows("CREATE TABLE placed AS SELECT 1 AS x", { WorkGroup: "enforcing" });
    assert.equal((await world.keys("enforced/tables/")).length, 2);
    await world.rows(sql.replace("placed", "elsewhere"));
  });

  it("refuses columns that no table can have", async () => {
    const created = (query: string) => reasonOf(`CREATE TABLE odd AS SELECT ${query}`);
    assert.match(await created("1 AS x, 2 AS X"), /^DUPLICATE_COLUMN_NAME: .*'x' specified more than once/);
    assert.match(await created("1 AS x, 1 + 1"), /^MISSING_COLUMN_NAME: .*at position 2$/);
    assert.match(await created("NULL AS x"), /^COLUMN_TYPE_UNKNOWN: .*at position 1$/);
    assert.match(await created("now() AS x"), /^NOT_SUPPORTED: Unsupported Hive type: timestamp\(3\) with time zone$/);
    assert.match(
      await reasonOf("CREATE TABLE odd WITH (bucketed_by = ARRAY['x'], bucket_count = 2) AS SELECT 1 AS x"),
      /^NOT_SUPPORTED/,
    );
    assert.match(await reasonOf("CREATE TABLE odd WITH (colour = 'red') AS SELECT 1 AS x"), /^INVALID_TABLE_PROPERTY/);
    assert.match(await reasonOf("SELECT * FROM odd"), /^TABLE_NOT_FOUND/);
  });

  it("writes a hundred partitions at once, and no more", async () => {
    const of = (first: number, last: number) =>
      `SELECT 1 AS x, cast(n AS varchar) AS p FROM UNNEST(sequence(${first}, ${last})) AS t (n)`;
    const many = (count: number) => `CREATE TABLE many WITH (partitioned_by = ARRAY['p']) AS ${of(1, count)}`;
    assert.match(await reasonOf(many(101)), /^HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers/);
    await world.rows(many(100));
    assert.match(await reasonOf(`INSERT INTO many ${of(101, 201)}`), /^HIVE_TOO_MANY_OPEN_PARTITIONS/);
    await world.rows(`INSERT INTO many ${of(101, 150)}`);
    assert.deepEqual(await world.rows(`SELECT count(DISTINCT p) FROM "many$partitions"`), [["150"]]);
  });

  it("reads lines by a regular expression", async () => {
    await world.put("log/a.log", 'GET /a "x, y" 200\nnonsense\nPUT /b "" 404\n');
    await world.rows(`CREATE EXTERNAL TABLE log (verb string, path string, agent string, status int)
      ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
      WITH SERDEPROPERTIES ('input.regex' = '([A-Z]+) ([^ ]+) "([^"]*)" ([0-9]+)') LOCATION 's3://${world.bucket}/log/'`);
    assert.deepEqual(await world.rows("SELECT * FROM log ORDER BY status NULLS LAST"), [
      ["GET", "/a", "x, y", "200"],
      ["PUT", "/b", "", "404"],
      [undefined, undefined, undefined, undefined],
    ]);
  });

  it("skips a line that is no JSON only if the table says so, and names the object, no file", async () => {
    await world.put("lines/a.json", '{"id":1}\n{"id":\n{"id":3}\n');
    const table = (name: string, properties: string) =>
      world.rows(`CREATE EXTERNAL TABLE ${name} (id int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' ${properties}
        LOCATION 's3://${world.bucket}/lines/'`);
    await table("strict", "");
    await table("lenient", "WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')");
    const reason = await reasonOf("SELECT * FROM strict");
    assert.match(reason, new RegExp(`s3://${world.bucket}/lines/a.json`));
    assert.doesNotMatch(reason, /\/(tmp|objects|athena)\//);
    assert.deepEqual(await world.rows("SELECT id FROM lenient ORDER BY id NULLS LAST"), [["1"], ["3"], [undefined]]);
  });

  it("writes text compressed as it is told", async () => {
    for (const [compression, ending] of [
      ["NONE", ""],
      ["ZSTD", ".zst"],
      ["GZIP", ".gz"],
    ]) {
      const name = `text_${compression}`;
      const at = `external_location = 's3://${world.bucket}/${name}/'`;
      await world.rows(
        `CREATE TABLE ${name} WITH (format = 'TEXTFILE', write_compression = '${compression}', ${at}) AS SELECT 1 AS x`,
      );
      const [key = ""] = await world.keys(`${name}/`);
      assert.ok(key.endsWith(`_0${ending}`), key);
      assert.deepEqual(await world.rows(`SELECT x FROM ${name}`), [["1"]]);
    }
  });

  it("lists executions in pages, the newest first", async () => {
    await world.client.send(
      new CreateWorkGroupCommand({
        Name: "few",
        Configuration: { ResultConfiguration: { OutputLocation: `s3://${world.bucket}/few/` } },
      }),
    );
    const ids: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) ids.unshift((await world.run("SELECT 1", { WorkGroup: "few" })).QueryExecutionId);
    const first = await world.client.send(new ListQueryExecutionsCommand({ WorkGroup: "few", MaxResults: 2 }));
    assert.deepEqual(first.QueryExecutionIds, ids.slice(0, 2));
    const { NextToken } = first;
    const next = await world.client.send(
      new ListQueryExecutionsCommand({ WorkGroup: "few", MaxResults: 2, NextToken }),
    );
    assert.deepEqual([next.QueryExecutionIds, next.NextToken], [ids.slice(2), undefined]);
    await assert.rejects(world.client.send(new ListQueryExecutionsCommand({ WorkGroup: "few", MaxResults: 51 })), {
      name: "InvalidRequestException",
    });
  });
});
