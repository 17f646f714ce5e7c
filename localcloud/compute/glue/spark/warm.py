"""A program that has Java load the classes that jobs of Spark usually need. Its one argument is a folder to write in."""

import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

folder = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
rows = spark.range(1000).select(
    F.col("id").cast("string").alias("id"),
    (F.col("id") % 7).cast("string").alias("kind"),
    F.lit("2026-01-01T00:00:00Z").alias("at"),
    F.lit('["a","b"]').alias("list"),
    F.lit('a "quoted"\nline').alias("text"),
)
rows.write.option("header", True).option("escape", '"').csv(f"{folder}/csv")
read = spark.read.option("header", True).option("multiLine", True).option("escape", '"').schema(rows.schema).csv(f"{folder}/csv")
typed = read.select(
    F.col("id").cast("bigint"),
    "kind",
    F.col("at").cast("timestamp"),
    F.from_json("list", "array<string>").alias("list"),
    F.get_json_object("list", "$[0]").alias("first"),
    F.to_json(F.struct("id", "text")).alias("record"),
    F.when(F.col("text").rlike("^a"), F.lit("a")).otherwise(F.concat_ws(";", "id", "kind")).alias("reason"),
    F.col("id").cast("decimal(38,18)").alias("exact"),
    F.input_file_name().alias("file"),
)
numbered = typed.repartition("kind").withColumn("n", F.row_number().over(Window.partitionBy("kind").orderBy("id")))
numbered.write.mode("append").option("compression", "snappy").parquet(f"{folder}/parquet")
numbered.write.mode("overwrite").partitionBy("kind").parquet(f"{folder}/partitioned")
back = spark.read.parquet(f"{folder}/parquet")
back.groupBy("kind").agg(F.count("*"), F.sum("id"), F.countDistinct("n")).orderBy("kind").collect()
back.join(spark.read.parquet(f"{folder}/partitioned").select("id"), "id").unionByName(numbered).write.json(f"{folder}/json")
spark.read.json(f"{folder}/json").createOrReplaceTempView("rows")
spark.sql("SELECT kind, max(at) AS last FROM rows GROUP BY kind ORDER BY kind").collect()
spark.stop()
