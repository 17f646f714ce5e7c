import assert from "node:assert/strict";
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTableVersionsCommand,
} from "@aws-sdk/client-glue";
import { type GlueAccount, glueAccount } from "./fixture.js";

const SCRIPT = `
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import Join, SelectFields, SplitRows
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
root = "s3://" + args["bucket"]

people = glueContext.create_dynamic_frame.from_catalog(database="db", table_name="people")
print("people", people.toDF().dtypes, people.count())
pruned = glueContext.create_dynamic_frame.from_catalog(database="db", table_name="people", push_down_predicate="day >= '2026-01-02'")
print("pruned", sorted(row.name for row in pruned.toDF().collect()))

sink = glueContext.getSink("s3", path=root + "/sink/", enableUpdateCatalog=True, partitionKeys=["day"])
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase="db", catalogTableName="sunk")
sink.writeFrame(people)
wider = DynamicFrame.fromDF(people.toDF().where("id = 1").withColumn("day", F.lit("2026-01-03")).withColumn("extra", F.lit(1)), glueContext, "wider")
sink.writeFrame(wider)
print("sunk", glueContext.create_dynamic_frame.from_catalog(database="db", table_name="sunk").toDF().orderBy("day", "id").select("id", "day", "extra").collect())

frame = lambda rows, schema: DynamicFrame.fromDF(spark.createDataFrame(rows, schema), glueContext, "f")
left = frame([(1, "a"), (2, "b")], "id int, x string")
right = frame([(1, 9.5)], "id int, y double")
joined = Join.apply(left, right, ["id"], ["id"])
print("joined", joined.toDF().columns, joined.count())
print("resolved", left.resolveChoice(specs=[("id", "cast:long")]).toDF().dtypes)
print("dropped", left.drop_fields(["x"]).toDF().columns, left.rename_field("x", "z").toDF().columns)
rows = SplitRows.apply(left, {"id": {">": 1}}, "high", "low")
print("split", rows["high"].count(), rows["low"].count())
nested = left.apply_mapping([("id", "int", "k.id", "string"), ("x", "string", "k.x", "string")])
print("nested", nested.toDF().dtypes, nested.unnest().toDF().columns)
print("mapped", left.map(lambda row: {**row, "n": row["id"] * 2}).toDF().orderBy("id").collect())
print("merged", sorted(tuple(row) for row in left.mergeDynamicFrame(frame([(2, "B"), (3, "c")], "id int, x string"), ["id"]).toDF().collect()))
try:
    glueContext.create_dynamic_frame.from_options("mysql", {})
except Exception as error:
    print("refused", error)
`;

describe("Glue: jobs and the Data Catalog", function () {
  this.timeout(240_000);
  let on: GlueAccount;
  before(async () => {
    on = await glueAccount();
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "db" } }));
    await on.put("people/day=2026-01-01/a.csv", "id,name\n1,ada\n2,bob\n");
    await on.put("people/day=2026-01-02/a.csv", "id,name\n3,eve\n");
    const Targets = { S3Targets: [{ Path: `s3://${on.bucket}/people/` }] };
    await on.glue.send(new CreateCrawlerCommand({ Name: "people", Role: "glue", DatabaseName: "db", Targets }));
    await on.crawl("people");
  });

  it("read tables, and keep those they write to up to date", async () => {
    await on.job("catalog", SCRIPT, { DefaultArguments: { "--bucket": on.bucket } });
    const run = await on.run("catalog");
    assert.equal(run.JobRunState, "SUCCEEDED", run.ErrorMessage);
    assert.deepEqual(await on.lines("/aws-glue/jobs/output", run.Id ?? ""), [
      "people [('id', 'bigint'), ('name', 'string'), ('day', 'string')] 3",
      "pruned ['eve']",
      "sunk [Row(id=1, day='2026-01-01', extra=None), Row(id=2, day='2026-01-01', extra=None), Row(id=3, day='2026-01-02', extra=None), Row(id=1, day='2026-01-03', extra=1)]",
      "joined ['id', 'x', '.id', 'y'] 1",
      "resolved [('id', 'bigint'), ('x', 'string')]",
      "dropped ['id'] ['id', 'z']",
      "split 1 1",
      "nested [('k', 'struct<id:string,x:string>')] ['k.id', 'k.x']",
      "mapped [Row(id=1, n=2, x='a'), Row(id=2, n=4, x='b')]",
      "merged [(1, 'a'), (2, 'B'), (3, 'c')]",
      "refused connections of type 'mysql' are not supported by the local cloud; use 's3'",
    ]);
    const of = { DatabaseName: "db", TableName: "sunk" };
    const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "db", Name: "sunk" }));
    assert.deepEqual(
      Table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type]),
      [
        ["id", "bigint"],
        ["name", "string"],
        ["extra", "int"],
      ],
    );
    assert.equal((await on.glue.send(new GetTableVersionsCommand(of))).TableVersions?.length, 2);
    const { Partitions = [] } = await on.glue.send(new GetPartitionsCommand(of));
    assert.deepEqual(Partitions.map(({ Values }) => Values?.[0]).sort(), ["2026-01-01", "2026-01-02", "2026-01-03"]);
  });
});
