import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { GetJobBookmarkCommand, ResetJobBookmarkCommand } from "@aws-sdk/client-glue";
import { type GlueAccount, glueAccount } from "./fixture.js";

const HEAD = `
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, DropNullFields, Filter, RenameField
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
root = "s3://" + args["bucket"]
`;

const CONVERT = `${HEAD}
from helper import day_of
frame = spark.read.option("header", True).option("inferSchema", True).option("multiLine", True).option("escape", '"').csv(root + "/in/")
frame.withColumn("day", F.date_format("at", "yyyy-MM-dd")).write.mode("overwrite").partitionBy("day").parquet(root + "/out/")
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
again = spark.read.parquet(root + "/out/").where("day = '2026-01-01'").cache()
again.count()
again.withColumn("score", F.lit(0.5)).write.mode("overwrite").partitionBy("day").parquet(root + "/out/")
total = spark.read.parquet(root + "/out/")
print("rows", total.count(), "sum", total.agg(F.sum("score")).first()[0], day_of("2026-01-01T00:00:00"))
print("schema", total.dtypes)
try:
    frame.write.parquet(root + "/out/")
except Exception as error:
    print("refused", type(error).__name__)
frame.write.mode("append").json(root + "/json/")
frame.write.mode("append").json(root + "/json/")
print("appended", spark.read.json(root + "/json/").count(), [row.name for row in spark.read.json(root + "/json/").orderBy("id").limit(1).collect()])
glueContext.get_logger().info("logged by the job")
job.commit()
`;

const FRAMES = `${HEAD}
source = glueContext.create_dynamic_frame.from_options("s3", {"paths": [root + "/new/"], "recurse": True}, "csv", {"withHeader": True}, transformation_ctx="source")
print("new", source.count())
if source.count() > 0:
    mapped = ApplyMapping.apply(frame=source, mappings=[("id", "string", "id", "long"), ("name", "string", "who.name", "string"), ("absent", "string", "absent", "string")])
    kept = Filter.apply(frame=mapped, f=lambda row: row["id"] > 1)
    print("types", kept.toDF().dtypes)
    glueContext.write_dynamic_frame.from_options(frame=DropNullFields.apply(kept), connection_type="s3", connection_options={"path": root + "/frames/"}, format="json")
job.commit()
`;

describe("Glue: jobs on Spark", function () {
  this.timeout(240_000);
  let on: GlueAccount;
  before(async () => {
    on = await glueAccount();
  });

  it("turns CSV in S3 into partitioned Parquet; what it prints is in its logs, what Spark did in its metrics", async () => {
    const rows = [
      '1,"a ""quoted""\nname 🙂",2.5,2026-01-01T10:00:00',
      "2,b,3.5,2026-01-02T10:00:00",
      "3,,4.5,2026-01-02T11:00:00",
    ];
    await on.put("in/a.csv", `id,name,score,at\n${rows.join("\n")}\n`);
    await on.put("lib/helper.py", "def day_of(text):\n    return text[:10]\n");
    await on.job("convert", CONVERT, {
      DefaultArguments: {
        "--bucket": on.bucket,
        "--extra-py-files": `s3://${on.bucket}/lib/helper.py`,
        "--enable-metrics": "true",
        "--conf": "spark.sql.session.timeZone=UTC --conf spark.sql.shuffle.partitions=1",
      },
    });
    const run = await on.run("convert");
    const errors = await on.lines("/aws-glue/jobs/error", run.Id ?? "");
    assert.equal(run.JobRunState, "SUCCEEDED", `${run.ErrorMessage}\n${errors.join("\n")}`);
    const printed = await on.lines("/aws-glue/jobs/output", run.Id ?? "");
    assert.equal(printed[0], "rows 3 sum 8.5 2026-01-01");
    assert.match(
      printed[1] ?? "",
      /^schema \[\('id', 'int'\), \('name', 'string'\), \('score', 'double'\), \('at', 'timestamp'\), \('day', 'date'\)\]$/,
    );
    assert.deepEqual(printed.slice(2, 3), ["refused AnalysisException"]);
    assert.equal(printed.slice(3).join("\n"), `appended 6 ['a "quoted"\\nname 🙂']`);
    assert.ok(
      errors.some((line) => line.includes("logged by the job")),
      errors.join("\n"),
    );

    const written = await on.keys("out/");
    assert.deepEqual(
      [...new Set(written.map((key) => key.split("/")[1]))],
      ["_SUCCESS", "day=2026-01-01", "day=2026-01-02"],
    );
    assert.ok(!written.some((key) => /_temporary|staging/.test(key)), written.join());

    const { Datapoints = [] } = await new CloudWatchClient(on.config).send(
      new GetMetricStatisticsCommand({
        Namespace: "Glue",
        MetricName: "glue.driver.aggregate.recordsRead",
        Dimensions: Object.entries({ JobName: "convert", JobRunId: run.Id ?? "", Type: "count" }).map(
          ([Name, Value]) => ({ Name, Value }),
        ),
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
        Period: 3600,
        Statistics: ["Sum"],
      }),
    );
    assert.ok((Datapoints[0]?.Sum ?? 0) >= 3, JSON.stringify(Datapoints));
  });

  it("reads with a bookmark what is new, and all again when it is reset", async () => {
    await on.put("new/1.csv", "id,name\n1,one\n2,two\n");
    await on.job("frames", FRAMES, {
      DefaultArguments: { "--bucket": on.bucket, "--job-bookmark-option": "job-bookmark-enable" },
    });
    const printed = async () => {
      const run = await on.run("frames");
      assert.equal(run.JobRunState, "SUCCEEDED", run.ErrorMessage);
      return on.lines("/aws-glue/jobs/output", run.Id ?? "");
    };
    assert.deepEqual(await printed(), ["new 2", "types [('id', 'bigint'), ('who', 'struct<name:string>')]"]);
    const [made] = await on.keys("frames/");
    assert.equal(await on.text(made ?? ""), '{"id":2,"who":{"name":"two"}}\n');
    assert.deepEqual(await printed(), ["new 0"]);
    await on.put("new/sub/2.csv", "id,name\n3,three\n");
    assert.equal((await printed())[0], "new 1");
    const { JobBookmarkEntry } = await on.glue.send(new GetJobBookmarkCommand({ JobName: "frames" }));
    assert.equal(JobBookmarkEntry?.Run, 2);
    assert.match(JobBookmarkEntry?.JobBookmark ?? "", /new\/sub\/2\.csv/);
    await on.glue.send(new ResetJobBookmarkCommand({ JobName: "frames" }));
    assert.equal((await printed())[0], "new 3");
  });

  it("says of a script that fails what and where, and leaves nothing of its output in S3", async () => {
    const script = `${HEAD}
spark.range(10).selectExpr("id", "CASE WHEN id = 9 THEN raise_error('bad row') ELSE 'x' END AS v").repartition(3).write.parquet(root + "/failed/")
`;
    await on.job("failing", script, { DefaultArguments: { "--bucket": on.bucket } });
    const run = await on.run("failing");
    assert.equal(run.JobRunState, "FAILED");
    const line = script.split("\n").findIndex((each) => each.includes("raise_error")) + 1;
    assert.match(
      run.ErrorMessage ?? "",
      new RegExp(`^Error Category: [A-Z_]+; Failed Line Number: ${line}; Py4JJavaError: .*o\\d+\\.parquet`),
    );
    assert.ok((await on.lines("/aws-glue/jobs/error", run.Id ?? "")).some((each) => each.includes("bad row")));
    assert.deepEqual(await on.keys("failed/"), []);
  });
});
