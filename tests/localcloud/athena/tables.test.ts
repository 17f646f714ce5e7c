import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { GetPartitionsCommand, GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { type Athena, athena } from "./fixture.js";

const ORDERS = (
  bucket: string,
) => `CREATE EXTERNAL TABLE IF NOT EXISTS orders (id bigint, item string, price double, placed timestamp, paid boolean)
  PARTITIONED BY (day string)
  ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('separatorChar' = ',', 'quoteChar' = '"')
  LOCATION 's3://${bucket}/orders/' TBLPROPERTIES ('skip.header.line.count' = '1')`;
const HEADER = "id,item,price,placed,paid\n";
const DAY_1 = `${HEADER}1,"a, b",1.5,2024-01-01 10:00:00,true\n2,"say ""hi"" 😀",20000000,2024-01-01 11:00:00,false\n`;
const DAY_2 = `${HEADER}3,,,2024-01-02 10:00:00,true\n`;

describe("Athena: tables of the Data Catalog", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
    await world.rows("CREATE DATABASE shop COMMENT 'orders'");
    await world.rows(ORDERS(world.bucket));
    await world.put("orders/day=2024-01-01/part.csv", DAY_1);
    await world.put("orders/day=2024-01-02/part.csv", DAY_2);
    await world.put("orders/day=2024-01-02/_SUCCESS", "");
  });

  it("finds no rows before MSCK REPAIR TABLE, and all of them after", async () => {
    assert.deepEqual(await world.rows("SELECT count(*) FROM orders"), [["0"]]);
    const lines = await world.rows("MSCK REPAIR TABLE orders");
    assert.deepEqual(lines, [
      ["Partitions not in metastore:\torders:day=2024-01-01\torders:day=2024-01-02"],
      ["Repair: Added partition to metastore orders:day=2024-01-01"],
      ["Repair: Added partition to metastore orders:day=2024-01-02"],
    ]);
    assert.deepEqual(await world.rows("SHOW PARTITIONS orders"), [["day=2024-01-01"], ["day=2024-01-02"]]);
    assert.deepEqual(await world.rows("SELECT * FROM shop.orders ORDER BY id"), [
      ["1", "a, b", "1.5", "2024-01-01 10:00:00.000", "true", "2024-01-01"],
      ["2", 'say "hi" 😀', "2.0E7", "2024-01-01 11:00:00.000", "false", "2024-01-01"],
      ["3", "", undefined, "2024-01-02 10:00:00.000", "true", "2024-01-02"],
    ]);
  });

  it("scans only the partitions that the query needs", async () => {
    const scanned = async (where: string) =>
      (await world.run(`SELECT count(*) FROM orders o ${where}`)).Statistics?.DataScannedInBytes;
    const [first, second] = [Buffer.byteLength(DAY_1), Buffer.byteLength(DAY_2)];
    assert.equal(await scanned(""), first + second);
    assert.equal(await scanned("WHERE day = '2024-01-02' AND id > 0"), second);
    assert.equal(await scanned("WHERE o.day BETWEEN '2024-01-01' AND '2024-01-01'"), first);
    assert.equal(await scanned("WHERE day LIKE '2023%'"), 0);
  });

  it("adds and drops partitions with locations of their own", async () => {
    await world.put("elsewhere/part.csv", `${HEADER}4,late,4,2024-01-03 00:00:00,true\n`);
    const add = `ALTER TABLE orders ADD IF NOT EXISTS PARTITION (day = '2024-01-03') LOCATION 's3://${world.bucket}/elsewhere/'`;
    await world.rows(add);
    await world.rows(add);
    assert.deepEqual(await world.rows("SELECT item, day FROM orders WHERE id = 4"), [["late", "2024-01-03"]]);
    await world.rows("ALTER TABLE orders DROP PARTITION (day = '2024-01-03')");
    assert.deepEqual(await world.rows("SELECT item FROM orders WHERE id = 4"), []);
    const twice = await world.run("ALTER TABLE orders ADD PARTITION (day = '2024-01-01')");
    assert.match(twice.Status?.StateChangeReason ?? "", /AlreadyExistsException/);
  });

  it("creates a table from a query, partitioned Parquet that its columns are read of alone", async () => {
    const created = await world.run(`CREATE TABLE cheap WITH (format = 'PARQUET', write_compression = 'SNAPPY',
      external_location = 's3://${world.bucket}/cheap/', partitioned_by = ARRAY['day']) AS
      SELECT id, item, price, ARRAY[id, id + 1] AS ids, day FROM orders WHERE id < 3`);
    assert.equal(created.Status?.State, "SUCCEEDED", created.Status?.StateChangeReason);
    assert.equal(created.SubstatementType, "CREATE_TABLE_AS_SELECT");
    const glue = new GlueClient(world.config());
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: "shop", Name: "cheap" }));
    const types = Table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`);
    assert.deepEqual(types, ["id bigint", "item string", "price double", "ids array<bigint>"]);
    const { Partitions } = await glue.send(new GetPartitionsCommand({ DatabaseName: "shop", TableName: "cheap" }));
    assert.deepEqual(
      Partitions?.map(({ Values }) => Values),
      [["2024-01-01"]],
    );
    assert.deepEqual(await world.rows("SELECT id, ids, day FROM cheap ORDER BY id"), [
      ["1", "[1, 2]", "2024-01-01"],
      ["2", "[2, 3]", "2024-01-01"],
    ]);
    const all = (await world.run("SELECT * FROM cheap")).Statistics?.DataScannedInBytes ?? 0;
    const one = (await world.run("SELECT sum(id) FROM cheap")).Statistics?.DataScannedInBytes ?? 0;
    assert.ok(one > 0 && one < all / 2, `${one} of ${all} bytes`);
    const manifest = await world.text(
      created.Statistics?.DataManifestLocation?.replace(`s3://${world.bucket}/`, "") ?? "",
    );
    assert.match(manifest, new RegExp(`^s3://${world.bucket}/cheap/day=2024-01-01/\\S+\\n$`));
    const again = await world.run(
      `CREATE TABLE other WITH (external_location = 's3://${world.bucket}/cheap/') AS SELECT 1 AS x`,
    );
    assert.match(again.Status?.StateChangeReason ?? "", /^HIVE_PATH_ALREADY_EXISTS/);
  });

  it("inserts rows, into new partitions too", async () => {
    await world.rows("INSERT INTO cheap (id, item, day) SELECT id, item, day FROM orders WHERE id = 3");
    assert.deepEqual(await world.rows("SELECT id, item, price, day FROM cheap WHERE day = '2024-01-02'"), [
      ["3", "", undefined, "2024-01-02"],
    ]);
  });

  it("unloads a query as files", async () => {
    await world.rows(
      `UNLOAD (SELECT id, item FROM orders WHERE id = 1) TO 's3://${world.bucket}/unloaded/' WITH (format = 'PARQUET')`,
    );
    assert.equal((await world.keys("unloaded/")).length, 1);
  });

  it("has views, which may stand on views", async () => {
    await world.rows("CREATE OR REPLACE VIEW paid AS SELECT id, price FROM orders WHERE paid");
    await world.rows("CREATE VIEW paid_sum AS SELECT count(*) AS n, sum(price) total FROM paid");
    assert.deepEqual(await world.rows("SELECT n, total FROM paid_sum"), [["2", "1.5"]]);
    assert.deepEqual(await world.rows("SHOW VIEWS"), [["paid"], ["paid_sum"]]);
    await world.rows("DROP VIEW paid_sum");
    assert.deepEqual(await world.rows("SHOW VIEWS"), [["paid"]]);
  });

  it("projects partitions from a table's properties", async () => {
    await world.rows(`CREATE EXTERNAL TABLE events (id int) PARTITIONED BY (region string, day string, hour int, tenant string)
      ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' LOCATION 's3://${world.bucket}/events/'
      TBLPROPERTIES ('projection.enabled' = 'true', 'projection.region.type' = 'enum', 'projection.region.values' = 'eu,us',
        'projection.day.type' = 'date', 'projection.day.format' = 'yyyy/MM/dd', 'projection.day.range' = '2024/01/01,2024/01/31',
        'projection.hour.type' = 'integer', 'projection.hour.range' = '0,23', 'projection.hour.digits' = '2',
        'projection.tenant.type' = 'injected',
        'storage.location.template' = 's3://${world.bucket}/events/\${region}/\${day}/\${hour}/\${tenant}/')`);
    await world.put("events/eu/2024/01/05/07/acme/a.txt", "1\n2\n");
    await world.put("events/us/2024/01/05/08/acme/a.txt", "3\n");
    const all = await world.rows("SELECT id, region, day, hour FROM events WHERE tenant = 'acme' ORDER BY id");
    assert.deepEqual(all, [
      ["1", "eu", "2024/01/05", "7"],
      ["2", "eu", "2024/01/05", "7"],
      ["3", "us", "2024/01/05", "8"],
    ]);
    const some =
      "SELECT id FROM events WHERE tenant IN ('acme') AND region = 'us' AND day >= '2024/01/04' AND hour > 7";
    assert.deepEqual(await world.rows(some), [["3"]]);
    const refused = await world.run("SELECT id FROM events WHERE region = 'us'");
    assert.match(
      refused.Status?.StateChangeReason ?? "",
      /^CONSTRAINT_VIOLATION: For the injected projected partition column tenant/,
    );
  });

  it("compares projected keys by what they are", async () => {
    await world.rows(`CREATE EXTERNAL TABLE monthly (id int) PARTITIONED BY (month int, code string, day date, shop bigint)
      LOCATION 's3://${world.bucket}/monthly/'
      TBLPROPERTIES ('projection.enabled' = 'true',
        'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
        'projection.code.type' = 'integer', 'projection.code.range' = '1,2', 'projection.code.digits' = '3',
        'projection.day.type' = 'date', 'projection.day.format' = 'yyyyMMdd', 'projection.day.range' = '20240101,20240105',
        'projection.shop.type' = 'injected',
        'storage.location.template' = 's3://${world.bucket}/monthly/\${month}/\${code}/\${day}/\${shop}/')`);
    await world.put("monthly/01/001/20240102/-5/a.txt", "1\n");
    await world.put("monthly/02/002/20240103/6/a.txt", "2\n");
    const ids = async (where: string) => (await world.rows(`SELECT id FROM monthly WHERE ${where} ORDER BY id`)).flat();
    assert.deepEqual(await ids("month = 1 AND shop = -5"), ["1"]);
    assert.deepEqual(await ids("month IN (1, 2) AND shop IN (-5, 6)"), ["1", "2"]);
    assert.deepEqual(await ids("(shop = -5 OR shop = 6) AND code = '002'"), ["2"]);
    assert.deepEqual(await ids("code = '2' AND shop = 6"), []);
    assert.deepEqual(await ids("day = DATE '2024-01-02' AND shop = -5"), ["1"]);
    assert.deepEqual(await ids("day > DATE '2024-01-02' AND shop IN (-5, 6)"), ["2"]);
    assert.deepEqual(await world.rows("SELECT month, code, day, shop FROM monthly WHERE shop = -5"), [
      ["1", "001", "2024-01-02", "-5"],
    ]);
  });

  it("leaves out no partition of a table that an outer join may lack", async () => {
    await world.put("parts/day=a/1.txt", "1\n");
    await world.rows(
      `CREATE EXTERNAL TABLE parts (id int) PARTITIONED BY (day string) LOCATION 's3://${world.bucket}/parts/'`,
    );
    await world.rows("MSCK REPAIR TABLE parts");
    const sql = "SELECT v.id FROM (VALUES 1, 2) AS v (id) LEFT JOIN parts p ON p.id = v.id WHERE p.day IS NULL";
    assert.deepEqual(await world.rows(sql), [["2"]]);
  });

  it("reads compressed text, its own too", async () => {
    await world.rows(`CREATE EXTERNAL TABLE zipped (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
      LOCATION 's3://${world.bucket}/zipped/'`);
    await world.put("zipped/a.csv.gz", gzipSync("1,a\n2,b\n"));
    await world.put("zipped/b.csv.gz", gzipSync(`3,${"c".repeat(2_000_000)}\n`));
    assert.deepEqual(await world.rows("SELECT id, length(name) FROM zipped ORDER BY id"), [
      ["1", "1"],
      ["2", "1"],
      ["3", "2000000"],
    ]);
    for (const format of ["TEXTFILE", "JSON"]) {
      await world.rows(
        `CREATE TABLE as_${format} WITH (format = '${format}') AS SELECT id, name FROM zipped WHERE id < 3`,
      );
      assert.deepEqual(await world.rows(`SELECT * FROM as_${format} ORDER BY id`), [
        ["1", "a"],
        ["2", "b"],
      ]);
    }
  });

  it("reads JSON with nested types", async () => {
    await world.rows(`CREATE EXTERNAL TABLE messages (id string, tags array<string>, author struct<name:string,age:int>)
      ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://${world.bucket}/messages/'`);
    await world.put("messages/a.json", `{"id":"1","tags":["x","y"],"author":{"name":"Ann","age":7}}\n{"id":"2"}\n`);
    assert.deepEqual(await world.rows("SELECT id, author.name, cardinality(tags), author FROM messages ORDER BY id"), [
      ["1", "Ann", "2", "{name=Ann, age=7}"],
      ["2", undefined, undefined, undefined],
    ]);
  });

  it("shows and describes what is there", async () => {
    assert.deepEqual(await world.rows("SHOW DATABASES LIKE 'sh*'"), [["shop"]]);
    assert.deepEqual(await world.rows("SHOW TABLES IN shop 'ord*'"), [["orders"]]);
    assert.deepEqual(await world.rows("SHOW COLUMNS IN orders"), [
      ["id"],
      ["item"],
      ["price"],
      ["placed"],
      ["paid"],
      ["day"],
    ]);
    const described = await world.rows("DESCRIBE orders");
    assert.match(described[0]?.[0] ?? "", /^id +\tbigint/);
    const made = (await world.rows("SHOW CREATE TABLE orders")).map(([line]) => line).join("\n");
    assert.match(made, /^CREATE EXTERNAL TABLE `shop.orders`\(\n {2}`id` bigint, /);
    await world.rows("DROP TABLE orders");
    assert.match(
      (await world.run("SELECT 1 FROM orders")).Status?.StateChangeReason ?? "",
      /^TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.shop.orders' does not exist/,
    );
    assert.match((await world.run("DROP DATABASE shop")).Status?.StateChangeReason ?? "", /is not empty/);
    await world.rows("DROP DATABASE shop CASCADE");
  });
});
