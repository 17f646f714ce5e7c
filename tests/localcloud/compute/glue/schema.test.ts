import assert from "node:assert/strict";
import { csvSchema, parseCsv } from "../../../../localcloud/compute/glue/crawlers/csv.js";
import { globPattern } from "../../../../localcloud/compute/glue/crawlers/files.js";
import { type CrawledFile, tablesOf } from "../../../../localcloud/compute/glue/crawlers/grouping.js";
import { jsonSchema } from "../../../../localcloud/compute/glue/crawlers/json.js";
import { hiveType } from "../../../../localcloud/compute/glue/crawlers/parquet.js";
import { type FileSchema, mergedColumns, widened } from "../../../../localcloud/compute/glue/crawlers/schema.js";

const types = (schema: { columns: { name: string; type: string }[] } | undefined) =>
  schema?.columns.map(({ name, type }) => `${name}:${type}`).join(" ");

describe("Glue: schemas of files", () => {
  it("finds delimiter, header and types of CSV", () => {
    const found = csvSchema('Id;name;score;ok\n1;"a;b\nc";1.5;true\n2;;2;false\n');
    assert.equal(types(found), "id:bigint name:string score:double ok:boolean");
    assert.deepEqual(found?.csv, {
      delimiter: ";",
      hasHeader: true,
      isQuoted: true,
      quote: undefined,
      serde: undefined,
    });
  });

  it("takes a first row that looks like the others for data", () => {
    const found = csvSchema("name,town\nada,berlin\nbob,rome\n");
    assert.equal(types(found), "col0:string col1:string");
    assert.equal(found?.csv?.hasHeader, false);
    assert.equal(types(csvSchema("1,2\n3,4\n")), "col0:bigint col1:bigint");
  });

  it("obeys a custom classifier", () => {
    const rules = { delimiter: ",", header: "PRESENT" as const, serde: "OpenCSVSerDe" as const };
    assert.equal(types(csvSchema("name,age\nada,36\n", rules)), "name:string age:string");
    assert.equal(
      types(csvSchema("ada,36\n", { delimiter: ",", header: "ABSENT", names: ["who", "years"] })),
      "who:string years:bigint",
    );
  });

  it("finds no columns in prose", () => assert.equal(csvSchema("Lorem ipsum\ndolor, sit\namet\n"), undefined));

  it("reads quotes, doubled quotes, line ends within them and CRLF", () => {
    assert.deepEqual(parseCsv('a,"b ""c"""\r\n"d\ne",f', ","), [
      ["a", 'b "c"'],
      ["d\ne", "f"],
    ]);
  });

  it("finds nested types in lines and arrays of JSON; what is cut off at the end is left out", () => {
    const text =
      '{"Id":1,"tags":["a"],"at":{"x":1}}\n{"Id":3000000000,"tags":[],"at":{"y":1.5},"ok":true}\n{"Id":4,"ta';
    const found = jsonSchema(text);
    assert.equal(types(found), "id:bigint tags:array<string> at:struct<x:int,y:double> ok:boolean");
    assert.deepEqual(found?.paths, ["Id", "tags", "at", "ok"]);
    assert.equal(types(jsonSchema('[{"a":1},{"a":"x"}]')), "a:string");
    assert.equal(jsonSchema("a,b\n"), undefined);
    assert.equal(jsonSchema("[1,2]"), undefined);
  });

  it("translates DuckDB's types", () => {
    const cases = {
      'STRUCT(a INTEGER, "B c" VARCHAR[])': "struct<a:int,b c:array<string>>",
      "MAP(VARCHAR, DECIMAL(10,2))": "map<string,decimal(10,2)>",
      "TIMESTAMP WITH TIME ZONE": "timestamp",
      "DECIMAL(18,3)[]": "array<decimal(18,3)>",
    };
    for (const [duck, hive] of Object.entries(cases)) assert.equal(hiveType(duck), hive);
  });

  it("widens types, and settles what nothing is known of as text", () => {
    assert.equal(widened("int", "bigint"), "bigint");
    assert.equal(widened("bigint", "double"), "double");
    assert.equal(widened("struct<a:int>", "struct<a:bigint,b:string>"), "struct<a:bigint,b:string>");
    assert.equal(widened("date", "bigint"), "string");
    assert.deepEqual(mergedColumns([[{ name: "a", type: "array<null>" }], [{ name: "b", type: "null" }]]), [
      { name: "a", type: "array<string>" },
      { name: "b", type: "string" },
    ]);
  });

  it("matches exclude patterns", () => {
    const matches = (glob: string, path: string) => globPattern(glob).test(path);
    assert.ok(matches("**.tmp", "a/b/c.tmp") && matches("logs/**", "logs/a/b") && matches("*.{csv,json}", "x.json"));
    assert.ok(!matches("*.csv", "a/b.csv") && !matches("[!a]*", "abc") && matches("?x", "ax"));
  });
});

const schema = (columns: string[], more: Partial<FileSchema> = {}): FileSchema => ({
  classification: "json",
  columns: columns.map((name) => ({ name, type: "int" })),
  compression: "none",
  records: 1,
  ...more,
});
const file = (key: string, found: FileSchema): CrawledFile => ({
  object: { bucket: "b", key, bytes: 10, modified: new Date(0) },
  schema: found,
});
const summary = (files: CrawledFile[], prefix = "data/") =>
  tablesOf("b", prefix, files).map(({ name, location, keys, partitions, columns }) => ({
    name,
    location,
    keys,
    values: partitions.map(({ values }) => values.join("/")),
    columns: columns.map((column) => column.name).join(),
  }));

describe("Glue: tables and partitions of a crawl", () => {
  it("makes one table of folders with like files, with Hive's names for keys where folders have them", () => {
    const files = [
      file("data/Year=2025/day=1/a", schema(["x", "y", "z"])),
      file("data/Year=2026/day=a%20b/a", schema(["x", "y", "z", "new"])),
    ];
    assert.deepEqual(summary(files), [
      {
        name: "data",
        location: "s3://b/data/",
        keys: ["year", "day"],
        values: ["2025/1", "2026/a b"],
        columns: "x,y,z,new",
      },
    ]);
    assert.deepEqual(summary([file("data/p/a", schema(["x"])), file("data/q/a", schema(["x"]))])[0]?.keys, [
      "partition_0",
    ]);
  });

  it("makes tables of folders with unlike files", () => {
    const files = [
      file("data/orders-new/a", schema(["id", "total", "at"])),
      file("data/people/a", schema(["name", "age", "town"])),
    ];
    assert.deepEqual(
      summary(files).map(({ name, keys }) => [name, keys.length]),
      [
        ["orders_new", 0],
        ["people", 0],
      ],
    );
    const mixed = [
      file("data/t/a.csv", schema(["id"], { classification: "csv" })),
      file("data/t/b.json", schema(["id"])),
    ];
    assert.deepEqual(
      summary(mixed).map(({ name }) => name),
      ["a_csv", "b_json"],
    );
  });

  it("makes a table of one object, and of a bucket", () => {
    assert.deepEqual(summary([file("data/a.csv", schema(["x"]))], "data/a.csv")[0]?.name, "a_csv");
    assert.deepEqual(summary([file("a.csv", schema(["x"]))], "")[0]?.name, "b");
    assert.deepEqual(summary([]), []);
  });

  it("leaves out of the columns what is a key", () => {
    assert.equal(summary([file("data/day=1/a", schema(["x", "day"]))])[0]?.columns, "x");
  });
});
